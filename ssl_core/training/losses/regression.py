"""Errors of numbers, of labelled rows only."""

from keras import ops


def squared_error_of_rows(predicted, targets):
    """`(f - t)^2` of each row. Both (batch,), float, standardised. Returns (batch,), float32."""
    return ops.square(_difference(predicted, targets))


def huber_of_rows(predicted, targets):
    """`d^2 / 2` for |d| <= 1, else `|d| - 1/2`, with d = f - t in standard deviations.

    Both (batch,), float, standardised. Returns (batch,), float32. Huber 1964, equation 3.2 with
    k = 1: an answer far off pulls no harder than one that is off by a deviation.
    """
    distance = ops.abs(_difference(predicted, targets))
    return ops.where(distance <= 1.0, 0.5 * ops.square(distance), distance - 0.5)


def standardised(labels, mean: float, deviation: float):
    """Labels in their unit as multiples of the deviation from the mean, and which rows have one.

    labels: (batch,), float, NaN = unlabelled. Returns two (batch,) float32 arrays: targets, with 0
    in place of NaN (a NaN would survive a mask in the gradient), and the mask of 0 and 1.
    """
    labels = ops.cast(labels, "float32")
    known = ops.isfinite(labels)
    targets = (ops.where(known, labels, mean) - mean) / deviation
    return targets, ops.cast(known, "float32")


def _difference(predicted, targets):
    return ops.cast(predicted, "float32") - ops.cast(targets, "float32")
