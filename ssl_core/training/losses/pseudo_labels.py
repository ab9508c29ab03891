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


def sharpened(probabilities, temperature: float):
    """`p_c^(1/T) / sum_k p_k^(1/T)`: soft targets that are surer than `probabilities`.

    probabilities: (batch, classes). temperature: T > 0; 1 leaves them as they are, towards 0 the
    likeliest class gets all. Returns (batch, classes). Xie et al. 2019, UDA, sharpening by the
    temperature of a softmax; Berthelot et al. 2019, MixMatch, equation 7. They are divided by the
    largest before, so that a low temperature does not make all of them 0.
    """
    relative = probabilities / ops.max(probabilities, axis=-1, keepdims=True)
    powers = ops.power(relative, 1.0 / temperature)
    return powers / ops.sum(powers, axis=-1, keepdims=True)


def soft_label_loss(logits, targets, labels):
    """`(1/N) sum_j w_j CE(l_j, t_j)` over all N rows, in nats; w_j = 1 where row j has a label.

    logits, targets: (batch, classes); a row of targets sums to 1. labels: (batch,), int, -1 = none.
    As `pseudo_label_loss`, with a distribution in place of one class: Xie et al. 2019, UDA, whose
    divergence differs from it by the entropy of the targets, which no weight changes.
    """
    mask = ops.cast(labels >= 0, "float32")
    rows = -ops.sum(targets * ops.log_softmax(ops.cast(logits, "float32"), axis=-1), axis=-1)
    return ops.mean(mask * rows)


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


def with_answers(last, items, labels):
    """`last` with the labels of a batch put in, where there is one: FlexMatch, algorithm 1.

    last: (count,), int32, the last sure answer of every item of the dataset, -1 = none yet. items:
    (batch,), int. labels: (batch,), int32, -1 = none. Returns (count,), int32. Of an item that is
    twice in the batch the higher label counts, so that no order of writing does.
    """
    found = ops.segment_max(labels, items, num_segments=last.shape[0])
    return ops.where(found >= 0, found, last)


def learning_effects(last, classes: int, pool):
    """`s_c / max(max s, unused)` for each class c: Zhang et al. 2021, FlexMatch, section 3.2.

    last: (count,), int32, the last sure answer of every item, -1 = none yet. pool: scalar, how many
    items there are to answer. s_c counts the answers c, and unused = pool - sum s. Returns
    (classes,), float32 in [0, 1].
    """
    counts = ops.segment_sum(ops.ones_like(last), last + 1, num_segments=classes + 1)[1:]
    unused = pool - ops.sum(counts)
    most = ops.maximum(ops.max(counts), unused)
    return ops.cast(counts, "float32") / ops.cast(most, "float32")


def curriculum_thresholds(effects, largest: float):
    """`largest * b / (2 - b)` for the learning effect b of each class: FlexMatch, section 3.3.

    effects: (classes,), in [0, 1]. Returns (classes,), from 0 for a class without sure answers to
    `largest` for the one with most. The convex map keeps them low while effects are small.
    """
    return largest * effects / (2.0 - effects)
