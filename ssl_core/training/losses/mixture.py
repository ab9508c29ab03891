"""A mixture of experts: what a gate and several classifiers say together."""

from keras import ops


def mixture_log_probabilities(gate, logits):
    """`log P(k) = lse_g(log softmax(gate)_g + log softmax(l_g)_k)`.

    gate: (batch, groups), float, logits of the gate. logits: (batch, groups, classes), float, of
    each expert. Returns (batch, classes), float32, whose exponentials sum to 1. Jacobs et al. 1991,
    equation 1.3, for classes; no probability is formed, so none can be 0 under a logarithm.
    """
    weights = ops.log_softmax(ops.cast(gate, "float32"), axis=-1)
    experts = ops.log_softmax(ops.cast(logits, "float32"), axis=-1)
    return ops.logsumexp(ops.expand_dims(weights, -1) + experts, axis=1)
