"""Mutual information: of two cluster answers (IIC), and between two variables by a critic (MINE).

All values are in nats, computed in float32 whatever the policy.
"""

from keras import ops

SMALLEST = 1e-8  # of a probability, before its logarithm
LARGEST_EXPONENT = 20.0  # of e, in the ratio of one sample to the mean


def joint_of_clusters(first, second):
    """The joint distribution of the answers to an image and to its partner. Ji et al. 2019, eq. 2.

    first, second: (batch, heads, clusters), probabilities, the same head and row in both being one
    pair. Returns (heads, clusters, clusters), each head summing to 1, rows from `first`. Unlike the
    paper's it is not made symmetric: that would reward some clusters for images and others for
    partners as much as true ones (docs/decisions/0006-clusters-of-one-view.md).
    """
    first, second = ops.cast(first, "float32"), ops.cast(second, "float32")
    joint = ops.einsum("nhi,nhj->hij", first, second)
    return joint / ops.maximum(ops.sum(joint, axis=(1, 2), keepdims=True), SMALLEST)


def clustering_loss(joint, weight_of_entropy: float = 1.0):
    """`-sum_ij P_ij (log P_ij - w log a_i - w log b_j)` with marginals a, b, for each head.

    joint: (heads, clusters, clusters). Returns (heads,), nats. With weight w = 1 it is minus the
    mutual information; more rewards clusters of equal size (Ji et al. 2019, code of the authors).
    """
    joint = ops.maximum(ops.cast(joint, "float32"), SMALLEST)
    rows = ops.log(ops.sum(joint, axis=2, keepdims=True))
    columns = ops.log(ops.sum(joint, axis=1, keepdims=True))
    inner = ops.log(joint) - weight_of_entropy * (rows + columns)
    return -ops.sum(joint * inner, axis=(1, 2))


def entropy_of_use(answers):
    """`-sum_i a_i log a_i` of the mean answer a of each head: ln K where clusters are used alike.

    answers: (batch, heads, clusters), probabilities. Returns (heads,), nats.
    """
    used = ops.maximum(ops.mean(ops.cast(answers, "float32"), axis=0), SMALLEST)
    return -ops.sum(used * ops.log(used), axis=1)


def log_mean_exp(scores):
    """`log mean e^T` of scores (n,), finite for any finite scores. Returns a scalar."""
    scores = ops.cast(scores, "float32")
    count = ops.cast(ops.size(scores), "float32")
    return ops.logsumexp(scores) - ops.log(count)


def donsker_varadhan(joint_scores, marginal_scores):
    """`mean T(x, y) - log mean e^T(x, y')`: a lower bound of the mutual information, in nats.

    Belghazi et al. 2018, equation 10. joint_scores: (n,), of pairs that belong together.
    marginal_scores: (m,), of pairs that do not. Returns a scalar.
    """
    return ops.mean(ops.cast(joint_scores, "float32")) - log_mean_exp(marginal_scores)


def corrected_gradient(joint_scores, marginal_scores, log_average):
    """A scalar whose gradient is that of `-donsker_varadhan` without the bias of a small batch.

    Belghazi et al. 2018, equation 12: the mean of e^T in the denominator of the gradient is its
    moving average, given as `log_average`, its logarithm. The value itself means nothing.
    """
    excess = ops.cast(marginal_scores, "float32") - ops.stop_gradient(log_average)
    ratio = ops.mean(ops.exp(ops.minimum(excess, LARGEST_EXPONENT)))
    return ratio - ops.mean(ops.cast(joint_scores, "float32"))


def averaged_in_logarithms(log_average, log_value, rate):
    """`log((1 - r) e^a + r e^v)`: a moving average of values that only their logarithms hold.

    rate: r in (0, 1]; at 1 the value is taken whole.
    """
    log_average, log_value, rate = (
        ops.cast(number, "float32") for number in (log_average, log_value, rate)
    )
    return ops.logaddexp(log_average + ops.log1p(-rate), log_value + ops.log(rate))
