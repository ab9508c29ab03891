"""The loss and the hits of one head of any kind, of its labelled rows only."""

from keras import ops

from ssl_core.methods.base import HeadTask
from ssl_core.training.losses.classification import hits_of_rows, masked_cross_entropy
from ssl_core.training.losses.regression import (
    huber_of_rows,
    squared_error_of_rows,
    standardised,
)


def masked_mean(rows, mask):
    """`sum_i m_i l_i / max(1, sum_i m_i)`. Both (batch,), float. Returns a scalar, float32."""
    return ops.sum(mask * rows) / ops.maximum(ops.sum(mask), 1.0)


def binary_cross_entropy_of_rows(logits, labels):
    """`sp(t) - t y` of each row, in nats, with sp(t) = log(1 + e^t).

    logits: (batch,), float, of the second class. labels: (batch,), 0 or 1. Returns (batch,),
    float32.
    """
    logits = ops.cast(logits, "float32")
    return ops.softplus(logits) - logits * ops.cast(labels, "float32")


def masked_binary_cross_entropy(logits, labels):
    """Mean binary cross-entropy over the labelled rows, in nats; 0 where no row has a label.

    logits: (batch,), float. labels: (batch,), int in {0, 1}, -1 = unlabelled.
    """
    mask = ops.cast(labels >= 0, "float32")
    return masked_mean(binary_cross_entropy_of_rows(logits, ops.maximum(labels, 0)), mask)


def masked_regression(predicted, labels, mean: float, deviation: float, huber: bool):
    """Mean error of the standardised target over the labelled rows; 0 where no row has a label.

    predicted: (batch,), float, standardised. labels: (batch,), float in the unit of the head, NaN =
    unlabelled. Returns a scalar, float32, in squared deviations (Huber: up to one deviation, half
    of that).
    """
    targets, mask = standardised(labels, mean, deviation)
    of_rows = huber_of_rows if huber else squared_error_of_rows
    return masked_mean(of_rows(predicted, targets), mask)


def head_loss(head: HeadTask, outputs, labels, huber: bool = False):
    """The loss of one head: a scalar, float32.

    outputs: (batch, classes) logits of a categorical head, (batch, 1) logit of the second class of
    a binary one, (batch, 1) standardised number of a regression head. labels: (batch,), int with
    -1, or float with NaN.
    """
    if head.kind == "regression":
        return masked_regression(outputs[:, 0], labels, head.mean, head.deviation, huber)
    if head.kind == "binary":
        return masked_binary_cross_entropy(outputs[:, 0], labels)
    return masked_cross_entropy(outputs, labels)


def head_hits(head: HeadTask, outputs, labels):
    """How well each row is answered, and which rows have a label: two (batch,) float32 arrays.

    Hits of 0 and 1 of a head with classes; the absolute error in its unit of a regression head.
    """
    if head.kind == "regression":
        targets, mask = standardised(labels, head.mean, head.deviation)
        return head.deviation * ops.abs(outputs[:, 0] - targets) * mask, mask
    return hits_of_rows(class_logits(head, outputs), labels)


def class_logits(head: HeadTask, outputs):
    """(batch, classes): logits whose softmax gives the probabilities of a head with classes.

    For a binary head (0, t): their softmax is (1 - p, p) with p = sigmoid(t).
    """
    if head.kind == "binary":
        return ops.concatenate([ops.zeros_like(outputs), outputs], axis=-1)
    return outputs
