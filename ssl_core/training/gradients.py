"""How hard each loss pulls at the trunk: the one place that needs a backend's own gradients."""

from itertools import combinations

import keras
import numpy as np
from numpy.typing import NDArray

from ssl_core.training.model import Batch, MethodModel


def gradient_figures(model: MethodModel, batch: Batch) -> dict[str, float]:
    """`share/<term>` of `gradient_shares`, and `gradient/cosine` where terms are compared.

    Gradients are summed over the rows before they are compared, because the rows with a label of
    one head may be others than those with a label of the other.
    """
    gradients = _gradients(model, batch)
    figures = {f"share/{name}": share for name, share in _shares(model, gradients).items()}
    compared = [gradients[name] for name in model.compared_terms if name in gradients]
    sums = [np.concatenate([part.sum(axis=0).ravel() for part in one]) for one in compared]
    cosines = [_cosine(one, other) for one, other in combinations(sums, 2)]
    known = [cosine for cosine in cosines if cosine is not None]
    return figures | ({"gradient/cosine": min(known)} if known else {})


def gradient_shares(model: MethodModel, batch: Batch) -> dict[str, float]:
    """Share of each weighted term in the gradient norm at the trunk output; they sum to 1.

    Computed in inference mode, so that neither statistics nor random state change. All 0 where
    no term has a gradient; NaN where one is not finite.
    """
    return _shares(model, _gradients(model, batch))


def _shares(model: MethodModel, gradients: dict[str, list[NDArray]]) -> dict[str, float]:
    weighted = {
        name: abs(float(model.weight_of(name)))
        * float(np.sqrt(sum(np.sum(np.square(part)) for part in parts)))
        for name, parts in gradients.items()
    }
    total = sum(weighted.values())
    return {name: norm / total if total else 0.0 for name, norm in weighted.items()}


def _cosine(one: NDArray, other: NDArray) -> float | None:
    """Cosine of the angle between two gradients; None where one of them is 0."""
    norms = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / norms if norms else None


def _gradients(model: MethodModel, batch: Batch) -> dict[str, list[NDArray]]:
    """The gradient of each unweighted term at the tensors of the trunk output, float64."""
    x, y = batch
    features = model(x, training=False)
    names = model.phase.terms
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape(persistent=True) as tape:
            tape.watch(features)
            terms = model.outcome(x, y, features, training=False).terms

        def at_features(name):
            # A term that does not reach the trunk gives 0.
            return tape.gradient(terms[name], features, unconnected_gradients="zero")

        return {name: _arrays(at_features(name)) for name in names}
    if keras.backend.backend() == "jax":
        import jax

        def term(name, at):
            return model.outcome(x, y, at, training=False).terms[name]

        return {name: _arrays(jax.grad(lambda at, n=name: term(n, at))(features)) for name in names}
    return {}


def _arrays(gradients) -> list[NDArray]:
    """All tensors of a nested structure."""
    parts = keras.tree.flatten(gradients)
    return [np.asarray(keras.ops.convert_to_numpy(part), np.float64) for part in parts]
