"""Telling real images from generated ones with the logits of the classes alone.

A discriminator of K classes has the logit of "generated" fixed to 0, so that K + 1 answers need K
logits. Salimans et al. 2016 (arXiv:1606.03498), section 5.
"""

from keras import ops


def realness(logits):
    """The logit of being real, `g = logsumexp(l)`: the probability is `sigmoid(g)`.

    logits: (batch, classes), float. Returns (batch,), float32.
    """
    return ops.logsumexp(ops.cast(logits, "float32"), axis=-1)


def real_loss(scores, smoothing: float = 0.0):
    """Mean of `-(1 - s) log P(real) - s log P(generated)` over real images, in nats.

    scores: (batch,), `realness`. smoothing: s in [0, 1), of one side only: section 3.4. Written as
    `softplus(-g) + s g`, which stays finite for any finite score.
    """
    return ops.mean(ops.softplus(-scores) + smoothing * scores)


def generated_loss(scores):
    """Mean of `-log P(generated)` over generated images, in nats. scores: (batch,), `realness`."""
    return ops.mean(ops.softplus(scores))


def moment_gaps(real, generated):
    """How far the mean of each feature is from that of real images: (features,), not negative.

    real, generated: (rows, features) each; the numbers of rows may differ.
    """
    means = (ops.mean(ops.cast(part, "float32"), axis=0) for part in (real, generated))
    first, second = means
    return ops.abs(first - second)


def feature_matching(real, generated, *, squared: bool = False):
    """Mean over features of the gap between their means, or of its square: section 3.1.

    real, generated: (rows, features). Squared as in the paper's equation and the published code
    for MNIST, absolute as in that for CIFAR-10 and SVHN.
    """
    gaps = moment_gaps(real, generated)
    return ops.mean(ops.square(gaps) if squared else gaps)
