"""Labels that a network gives itself: which are kept, and what they cost."""

from keras import ops

from ssl_core.training.losses.classification import cross_entropy_of_rows


def answers_of(logits):
    """Probabilities that no gradient flows through. logits: (batch, classes). Returns the same."""
    return ops.stop_gradient(ops.softmax(ops.cast(logits, "float32"), axis=-1))


def pseudo_labels(probabilities, thresholds):
    """The likeliest class of each row, where its probability reaches the threshold of that class.

    probabilities: (batch, classes). thresholds: (classes,). Returns labels (batch,), int32, -1 = no
    pseudo-label, and confidence (batch,), the largest probability.
    """
    confidence = ops.max(probabilities, axis=-1)
    labels = ops.cast(ops.argmax(probabilities, axis=-1), "int32")
    kept = confidence >= ops.take(thresholds, labels, axis=0)
    return ops.where(kept, labels, -1), confidence


def pseudo_label_loss(logits, labels):
    """`(1/N) sum_j w_j CE(l_j, c_j)` over all N rows, in nats; w_j = 1 where row j has a label.

    logits: (batch, classes). labels: (batch,), int, -1 = none. Divided by all rows, so that few
    pseudo-labels weigh little: FixMatch, equation 4.
    """
    mask = ops.cast(labels >= 0, "float32")
    return ops.mean(mask * cross_entropy_of_rows(logits, ops.maximum(labels, 0)))


def coverage(labels):
    """Share of the rows that have a label. labels: (batch,), int, -1 = none. Returns a scalar."""
    return ops.mean(ops.cast(labels >= 0, "float32"))


def ramp(done, first: float, last: float):
    """0 up to `first`, 1 from `last` on, linear between: the schedule of Lee 2013.

    done: share of the steps that are done, any shape. first, last: such shares, first <= last.
    """
    return ops.clip((done - first) / max(last - first, 1e-6), 0.0, 1.0)


def class_thresholds(level, use, largest: float):
    """`level * use_c / max use` for each class c, at most `largest`: FreeMatch, section 4.1.

    level: scalar, the mean confidence. use: (classes,), the mean probability of each class.
    Returns (classes,).
    """
    return ops.minimum(level * use / ops.max(use), largest)
