"""Cross-entropy that counts labelled rows only, and the entropy of answers."""

from keras import ops


def cross_entropy_of_rows(logits, labels):
    """`logsumexp(l) - l[y]` of each row, in nats.

    logits: (batch, classes), float. labels: (batch,), int in [0, classes). Returns (batch,),
    float32. The form with logsumexp stays finite for any finite logits.
    """
    logits = ops.cast(logits, "float32")
    labels = ops.cast(labels, "int32")
    chosen = ops.take_along_axis(logits, labels[:, None], axis=-1)[:, 0]
    return ops.logsumexp(logits, axis=-1) - chosen


def masked_cross_entropy(logits, labels):
    """Mean cross-entropy over the labelled rows, in nats; 0 where no row has a label.

    logits: (batch, classes), float. labels: (batch,), int, -1 = unlabelled. Returns a scalar,
    float32. The mask is explicit because an all-zero label vector is not neutral: stock
    cross-entropy on TensorFlow then has loss 0 but the gradient softmax(logits).
    """
    mask = ops.cast(labels >= 0, "float32")
    rows = cross_entropy_of_rows(logits, ops.maximum(labels, 0))
    return ops.sum(mask * rows) / ops.maximum(ops.sum(mask), 1.0)


def entropy_of_rows(logits):
    """Entropy of the softmax of each row, in nats: 0 where it is sure of one class, at most ln K.

    logits: (batch, K), float. Returns (batch,), float32.
    """
    logarithms = ops.log_softmax(ops.cast(logits, "float32"), axis=-1)
    return -ops.sum(ops.exp(logarithms) * logarithms, axis=-1)


def hits_of_rows(logits, labels):
    """Whether the largest logit is the label's, and which rows have a label at all.

    logits: (batch, classes), float. labels: (batch,), int, -1 = unlabelled. Returns two (batch,)
    float32 arrays of 0 and 1: hits, mask.
    """
    mask = ops.cast(labels >= 0, "float32")
    right = ops.equal(ops.cast(ops.argmax(logits, axis=-1), "int32"), ops.cast(labels, "int32"))
    return ops.cast(right, "float32") * mask, mask
