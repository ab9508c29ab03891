"""What every method must do, whatever it learns."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest

from ssl_core.training.data import as_network_input
from ssl_core.training.evaluation import AveragedNetwork
from ssl_core.training.finish import save_network
from ssl_core.training.gradients import gradient_shares
from ssl_core.training.state import captured, restored
from tests.support.training import (
    CLASSES,
    batch_of,
    cases,
    compiled,
    data_for,
    fitted,
    small_probe,
    task_for,
    trained_in_whole_runs,
)

KINDS = ("matrix", "image_grid", "histogram", "scatter", "bars", "curve")
METHODS = [pytest.param(spec, id=name) for name, spec in cases().items()]
ELSEWHERE = {"soft_switch"}  # in whole runs of tests/training/test_session_heads.py
SHORT = [
    one for one in METHODS if one.id not in ELSEWHERE and not trained_in_whole_runs(one.values[0])
]


@pytest.mark.parametrize("spec", METHODS)
def test_two_steps_are_finite_and_the_model_loads_with_the_same_answers(spec, tmp_path: Path):
    data = data_for(spec)
    model = compiled(spec)
    logs = fitted(model, data, range(2))
    assert np.isfinite(list(logs.values())).all()
    total = sum(model.weights_of_terms[name] * logs[name] for name in model.weights_of_terms)
    assert logs["loss"] == pytest.approx(total, rel=1e-4)

    averaged = AveragedNetwork(model)
    averaged.refresh()
    answers = averaged.answers(data, np.arange(len(data.inputs)))
    if not model.answers_items:
        save_network(averaged.network, tmp_path / "model.keras")
        keras.models.load_model(tmp_path / "model.keras")
        assert [(name, found.size) for name, found in answers.items()] == [("probabilities", 0)]
        return
    probabilities = answers["probabilities"]
    assert probabilities.shape == (len(data.inputs), CLASSES)
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    save_network(averaged.network, tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    inputs = [as_network_input(data.inputs), data.numeric]
    again = loaded.predict_on_batch(inputs if len(loaded.inputs) > 1 else inputs[0])
    again = again if isinstance(again, dict) else {"probabilities": again}
    assert again.keys() == answers.keys()
    assert all(np.allclose(again[name], answers[name], atol=1e-6) for name in answers)
    assert loaded.inputs[0].shape[1:] == task_for(spec).item_shape


@pytest.mark.parametrize("spec", METHODS)
def test_looking_changes_nothing_that_the_next_step_depends_on(spec) -> None:
    data = data_for(spec)
    model = compiled(spec)
    before = captured(model)
    gradient_shares(model, batch_of(model, data))
    model.look(small_probe(data))
    AveragedNetwork(model).refresh()
    after = captured(model)
    assert all(np.array_equal(after[name], array) for name, array in before.items())


@pytest.mark.slow
@pytest.mark.parametrize("spec", SHORT)
def test_restored_it_goes_on_as_the_one_that_was_captured(spec) -> None:
    data = data_for(spec)
    first = compiled(spec)
    fitted(first, data, range(2))
    second = compiled(spec, seed=99)
    restored(second, captured(first))
    for model in (first, second):
        fitted(model, data, range(2, 4))
    expected, found = captured(first), captured(second)
    assert expected.keys() == found.keys()
    for name, array in expected.items():
        assert np.array_equal(array, found[name]), name


@pytest.mark.parametrize("spec", METHODS)
def test_the_panels_and_shares_can_be_drawn(spec) -> None:
    data = data_for(spec)
    model = compiled(spec)
    shares = gradient_shares(model, batch_of(model, data))
    assert shares.keys() == set(model.phase.terms)
    assert sum(shares.values()) == pytest.approx(1.0)
    seen = model.look(small_probe(data))
    assert np.isfinite(list(seen.figures.values())).all()
    for panel in seen.panels:
        assert panel.title
        assert re.fullmatch("[a-z0-9_]+", panel.name)
        assert panel.info()["kind"] in KINDS


@pytest.mark.parametrize("spec", METHODS)
def test_the_model_reads_what_its_needs_say(spec) -> None:
    """Pages tell from the needs whether labels are used, and when classes come in."""
    model = compiled(spec)
    assert model.named_afterwards == spec.needs.named_afterwards
    assert bool(model.streams()) == spec.needs.uses_items
