"""How hard each loss pulls at the trunk: the one place that needs a backend's own gradients."""

import keras
import numpy as np

from ssl_core.training.model import Batch, MethodModel


def gradient_shares(model: MethodModel, batch: Batch) -> dict[str, float]:
    """Share of each weighted term in the gradient norm at the trunk output; they sum to 1.

    Computed in inference mode, so that neither statistics nor random state change. All 0 where
    no term has a gradient; NaN where one is not finite.
    """
    x, y = batch
    features = model(x, training=False)
    raw = _norms(model, x, y, features)
    weighted = {name: abs(model.weights_of_terms[name]) * norm for name, norm in raw.items()}
    total = sum(weighted.values())
    return {name: norm / total if total else 0.0 for name, norm in weighted.items()}


def _norms(model: MethodModel, x: dict, y: dict, features) -> dict[str, float]:
    """Euclidean norm of the gradient of each unweighted term at `features`."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape(persistent=True) as tape:
            tape.watch(features)
            terms = model.outcome(x, y, features, training=False).terms
        return {name: _norm(tape.gradient(value, features)) for name, value in terms.items()}
    if keras.backend.backend() == "jax":
        import jax

        def term(name, at):
            return model.outcome(x, y, at, training=False).terms[name]

        names = model.weights_of_terms
        return {name: _norm(jax.grad(lambda at, n=name: term(n, at))(features)) for name in names}
    return {}


def _norm(gradients) -> float:
    """Over all tensors of a nested structure; a term that does not reach the trunk gives 0."""
    parts = [part for part in keras.tree.flatten(gradients) if part is not None]
    arrays = [np.asarray(keras.ops.convert_to_numpy(part), np.float64) for part in parts]
    return float(np.sqrt(sum(float(np.sum(np.square(array))) for array in arrays)))
