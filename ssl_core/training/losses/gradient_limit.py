"""Keeping one loss from drowning another at the features that they share.

Works on every backend and at every step: the norm of one gradient is known in closed form, that of
the other is seen where it passes backwards.
"""

from keras import ops

_SMALLEST = 1e-20
_NO_LIMIT = 1e30


def limited_gradient(features, largest):
    """`features` as they are; a gradient that passes back is scaled to a norm of `largest` at most.

    features: any shape, float. largest: scalar, float32, not negative; no gradient flows to it.
    """

    @ops.custom_gradient
    def passed(forward, limit):
        def backward(*arguments, upstream=None):
            gradient = arguments[0] if upstream is None else upstream
            norm = ops.sqrt(ops.sum(ops.square(ops.cast(gradient, "float32"))))
            factor = ops.minimum(1.0, limit / ops.maximum(norm, _SMALLEST))
            return gradient * ops.cast(factor, gradient.dtype), ops.zeros_like(limit)

        return 1.0 * forward, backward

    return passed(features, ops.stop_gradient(ops.cast(largest, "float32")))


def classification_pull(logits, labels, kernel, positions: int):
    """Norm of the gradient of `masked_cross_entropy` at a map whose mean is classified linearly.

    logits: (batch, classes), float. labels: (batch,), int, -1 = unlabelled. kernel: (features,
    classes). positions: height times width of the map. Returns a scalar, float32, not negative.

    With l = W' mean(f) + b the gradient at one position of row i is `W (softmax(l_i) - e_y) / (N
    positions)`, N being the labelled rows. Dropout in between is left aside.
    """
    mask = ops.cast(labels >= 0, "float32")
    logits = ops.cast(logits, "float32")
    kept = ops.one_hot(ops.maximum(labels, 0), kernel.shape[-1], dtype="float32")
    errors = (ops.softmax(logits) - kept) * mask[:, None]
    pulls = ops.matmul(errors, ops.transpose(ops.cast(kernel, "float32")))
    rows = ops.maximum(ops.sum(mask), 1.0)
    return ops.stop_gradient(ops.sqrt(ops.sum(ops.square(pulls)) / positions) / rows)


def largest_beside(pull, labels, share: float):
    """Norm that a gradient may have beside one of norm `pull` to be at most `share` of their sum.

    pull: scalar. labels: (batch,), int, -1 = unlabelled. share: in [0, 1]; 1 is no limit. Without a
    labelled row there is nothing to be beside, and no limit. Returns a scalar, float32.
    """
    if share >= 1.0:
        return ops.full((), _NO_LIMIT, "float32")
    return ops.where(ops.any(labels >= 0), pull * (share / (1.0 - share)), _NO_LIMIT)
