"""The gradient of a critic without the bias of a small batch, in the methods that train one.

Belghazi et al. 2018, section 3.2: in the gradient of `log mean e^T` the mean of the batch, in the
denominator, is replaced by its moving average. So the exact gradient of that term is multiplied by
`mean of the batch / moving average`, and that of the other term is as it was.
"""

import numpy as np
import pytest
import tensorflow as tf

from ssl_core.methods import catalogue
from ssl_core.training.losses.mutual_information import log_mean_exp
from ssl_core.training.networks.critics import MEMORY, Estimate, Scores, cosine_scores
from tests.support.training import batch_of, compiled, small_data

METHODS = ["gaussian_mine", "mine"]
LONG_AGO = 10_000.0  # steps: a batch then enters the average with MEMORY


def scores_of(model, features) -> Scores:
    """What the critic says of a batch in training, by the parts of the model."""
    if hasattr(model, "critic"):
        return model.critic(features[:, :1], features[:, 1:])
    vectors, rows = model.embedding(features, training=True), features.shape[0] // 2
    return cosine_scores(vectors[:rows], vectors[rows:], model.configuration.temperature)


def model_of(name: str, **values: object):
    model = compiled(catalogue()[name], batch_size=16, **values)
    x, y = batch_of(model, small_data())
    return model, x, y, tf.convert_to_tensor(model(x, training=False))


def slopes(value_of, features) -> np.ndarray:
    with tf.GradientTape() as tape:
        tape.watch(features)
        value = value_of()
    return tape.gradient(value, features).numpy()


def exact(model, features) -> tuple[np.ndarray, np.ndarray, float]:
    """Slopes of both terms of the estimate at the features, and `log mean e^T` of the batch."""
    joint = slopes(lambda: tf.reduce_mean(scores_of(model, features).joint), features)
    marginal = slopes(lambda: log_mean_exp(scores_of(model, features).marginal), features)
    return joint, marginal, float(log_mean_exp(scores_of(model, features).marginal))


def of_the_loss(model, x, y, features) -> np.ndarray:
    return slopes(
        lambda: model.outcome(x, y, features, training=True).terms["information"], features
    )


@pytest.mark.parametrize("name", METHODS)
def test_the_slope_of_the_marginal_term_is_divided_by_the_moving_average(name: str) -> None:
    model, x, y, features = model_of(name, corrected_gradient=True)
    joint, marginal, own = exact(model, features)
    assert np.abs(marginal).max() > 1e-3
    for ahead in (1.0, -1.0):
        model.estimate.steps.assign(LONG_AGO)
        model.estimate.log_average.assign(own + ahead)
        found = of_the_loss(model, x, y, features)
        scale = 1.0 / ((1.0 - MEMORY) * np.exp(ahead) + MEMORY)  # the batch is in the average too
        assert found == pytest.approx(scale * marginal - joint, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("name", METHODS)
def test_without_the_correction_the_slope_is_the_exact_one(name: str) -> None:
    model, x, y, features = model_of(name, corrected_gradient=False)
    joint, marginal, own = exact(model, features)
    model.estimate.steps.assign(LONG_AGO)
    model.estimate.log_average.assign(own + 1.0)
    found = of_the_loss(model, x, y, features)
    assert found == pytest.approx(marginal - joint, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("corrected", [True, False])
def test_the_loss_has_the_value_of_the_estimate_either_way(corrected: bool) -> None:
    """And outside training the exact gradient: shares of gradients are looked at there."""
    joint, marginal = np.random.default_rng(4).normal(0, 1, (2, 32)).astype(np.float32)
    expected = np.log(np.exp(marginal.astype(np.float64)).mean()) - joint.mean()
    estimate = Estimate(corrected=corrected)
    estimate.steps.assign(LONG_AGO)
    estimate.log_average.assign(5.0)
    for training in (True, False):
        loss, measures = estimate(
            Scores(tf.constant(joint), tf.constant(marginal)), training=training
        )
        assert float(loss) == pytest.approx(expected, rel=1e-5)
        assert float(measures["mi/estimate"]) == pytest.approx(-expected, rel=1e-5)
    others = tf.constant(marginal)
    found = slopes(lambda: estimate(Scores(tf.constant(joint), others), training=False)[0], others)
    assert found == pytest.approx(np.exp(marginal) / np.exp(marginal).sum(), rel=1e-4)
