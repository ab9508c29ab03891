"""Telling views apart: normalised temperature-scaled cross-entropy, and what to watch beside it.

Chen et al. 2020 (arXiv:2002.05709), equation 1.
"""

from keras import ops

_NEVER = -1e9  # a similarity that no softmax sees


def normalised(embeddings):
    """(rows, width), float, to length 1 each, float32."""
    embeddings = ops.cast(embeddings, "float32")
    squares = ops.sum(ops.square(embeddings), axis=-1, keepdims=True)
    return embeddings * ops.rsqrt(ops.maximum(squares, 1e-12))


def nt_xent(first, second, temperature: float):
    """Mean over all 2N views of `-log(e^{s(i, partner)/T} / sum over k != i of e^{s(i, k)/T})`.

    first, second: (N, width), float; row i of one is the partner of row i of the other. s is the
    cosine. Returns a scalar, nats, float32. ln(2N - 1) where all views look the same.
    """
    similar = _similarities(first, second) / temperature
    partner = ops.sum(normalised(first) * normalised(second), axis=-1) / temperature
    return ops.mean(ops.logsumexp(similar, axis=-1)) - ops.mean(partner)


def partners_found(first, second):
    """Share of the 2N views whose most similar other view is their partner; float32 in [0, 1]."""
    count = ops.shape(first)[0]
    nearest = ops.cast(ops.argmax(_similarities(first, second), axis=-1), "int32")
    rows = ops.arange(2 * count, dtype="int32")
    return ops.mean(ops.cast(ops.equal(nearest, (rows + count) % (2 * count)), "float32"))


def spread(embeddings):
    """Standard deviation of each dimension of the normalised rows, mean, times sqrt(width).

    About 1 where the rows point everywhere, 0 where they have collapsed to one point.
    embeddings: (rows, width), float. Returns a scalar, float32.
    """
    width = embeddings.shape[-1]
    return ops.mean(ops.std(normalised(embeddings), axis=0)) * width**0.5


def _similarities(first, second):
    """Cosines of all views, (2N, 2N), float32, a view and itself excepted."""
    views = normalised(ops.concatenate([first, second], axis=0))
    count = ops.shape(views)[0]
    return ops.matmul(views, ops.transpose(views)) + _NEVER * ops.eye(count, dtype="float32")
