"""What every method must do, whatever it learns."""

from pathlib import Path

import keras
import numpy as np
import pytest

from ssl_core.methods import catalogue
from ssl_core.training.evaluation import AveragedNetwork
from ssl_core.training.finish import save_network
from ssl_core.training.gradients import gradient_shares
from ssl_core.training.state import captured, restored
from tests.support.training import CLASSES, SHAPE, batch_of, compiled, fitted, small_data

METHODS = [pytest.param(spec, id=name) for name, spec in catalogue().items()]


@pytest.mark.parametrize("spec", METHODS)
def test_two_steps_are_finite_and_the_model_loads_with_the_same_answers(spec, tmp_path: Path):
    data = small_data()
    model = compiled(spec)
    logs = fitted(model, data, range(2))
    assert np.isfinite(list(logs.values())).all()
    total = sum(model.weights_of_terms[name] * logs[name] for name in model.weights_of_terms)
    assert logs["loss"] == pytest.approx(total, rel=1e-4)

    averaged = AveragedNetwork(model)
    averaged.refresh()
    probabilities = averaged.probabilities(data.images, np.arange(len(data.images)))
    assert probabilities.shape == (len(data.images), CLASSES)
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    save_network(averaged.network, tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    again = loaded.predict_on_batch(data.images.astype(np.float32) / 255.0)
    assert np.allclose(again, probabilities, atol=1e-6)
    assert loaded.input_shape[1:] == SHAPE


@pytest.mark.parametrize("spec", METHODS)
def test_stopped_and_resumed_is_the_same_as_unbroken(spec) -> None:
    data = small_data()
    unbroken = compiled(spec)
    fitted(unbroken, data, range(4))

    first = compiled(spec)
    fitted(first, data, range(2))
    # Looking in between must change nothing that the next step depends on.
    looked = captured(first)
    gradient_shares(first, batch_of(first, data))
    first.panels(data.images[:4].astype(np.float32) / 255.0)
    AveragedNetwork(first).refresh()
    assert all(np.array_equal(looked[name], array) for name, array in captured(first).items())

    second = compiled(spec, seed=99)
    restored(second, looked)
    fitted(second, data, range(2, 4))
    expected, found = captured(unbroken), captured(second)
    assert expected.keys() == found.keys()
    for name, array in expected.items():
        assert np.array_equal(array, found[name]), name


@pytest.mark.parametrize("spec", METHODS)
def test_the_panels_and_shares_can_be_drawn(spec) -> None:
    data = small_data()
    model = compiled(spec)
    shares = gradient_shares(model, batch_of(model, data))
    assert shares.keys() == model.weights_of_terms.keys()
    assert sum(shares.values()) == pytest.approx(1.0)
    for panel in model.panels(data.images[:4].astype(np.float32) / 255.0):
        assert panel.title
        assert panel.info()["kind"] in ("matrix", "image_grid", "histogram", "scatter")
