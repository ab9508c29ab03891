"""What every method must do, whatever it learns."""

import re
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from ssl_core.training.data import LabelledItems, as_network_input
from ssl_core.training.evaluation import AveragedNetwork
from ssl_core.training.finish import save_network
from ssl_core.training.gradients import gradient_shares
from ssl_core.training.state import captured, restored
from ssl_core.training.watch import Watch
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

# The panels and figures that were asked for of each method, by name.
CLASSIFIED = "confusion reliability confidence "
MAPS = "map map_reference "
DRAWN = {
    "autoencoder": CLASSIFIED + MAPS + "reconstruction",
    "fixmatch": CLASSIFIED + MAPS + "pseudo_labels views",
    "gaussian_mine": "pairs scores",
    "hard_cascade": CLASSIFIED + "gate gate_by_answer branch_accuracy confidence_by_route",
    "headline": CLASSIFIED,
    "headline with several heads": CLASSIFIED + "confusion_group confusion_urgent numbers_age",
    "iic": MAPS + "cluster_use joint confident head_1 head_2 head_3 head_4 head_5",
    "mine": MAPS + "confusion reliability scores",
    "posts": CLASSIFIED,
    "posts with several heads": CLASSIFIED + "confusion_group confusion_urgent numbers_age",
    "pseudo_label": CLASSIFIED + MAPS + "pseudo_labels",
    "simclr": CLASSIFIED + MAPS + "views neighbours",
    "soft_switch": CLASSIFIED + "gate gate_by_answer branch_accuracy confusion_group",
    "ssl_gan": CLASSIFIED + MAPS + "samples judgements moments",
    "supervised": CLASSIFIED + MAPS,
    "supervised with several heads": CLASSIFIED + "confusion_group confusion_urgent numbers_age",
}
FIGURES = {
    "gaussian_mine": ["mi/held-out"],
    "hard_cascade": ["gate/entropy", "router/accuracy"],
    "iic": [*(f"mi/head {number}" for number in range(1, 6)), "clusters/live", "clusters/ink"],
    "mine": ["mi/held-out"],
    "soft_switch": ["gate/entropy", "router/accuracy", "gradient/cosine"],
    "ssl_gan": ["diversity/ratio"],
}
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

    averaged, probe = AveragedNetwork(model), small_probe(data)
    averaged.refresh()
    model.settle(averaged.network, probe.labelled, probe.sample)
    averaged.refresh()
    answers = averaged.answers(data, np.arange(len(data.inputs)))
    save_network(averaged.network, tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    if not model.answers_items:
        assert [(name, found.size) for name, found in answers.items()] == [("probabilities", 0)]
        pairs = list(np.random.default_rng(0).normal(size=(2, 20, 1)).astype(np.float32))
        networks = (averaged.network, loaded)
        expected, found = ({"score": one.predict_on_batch(pairs)} for one in networks)
        _check_same_answers(found, expected)
        return
    probabilities = answers["probabilities"]
    assert probabilities.shape == (len(data.inputs), CLASSES)
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    inputs = [as_network_input(data.inputs), data.numeric]
    again = loaded.predict_on_batch(inputs if len(loaded.inputs) > 1 else inputs[0])
    _check_same_answers(again if isinstance(again, dict) else {"probabilities": again}, answers)
    assert loaded.inputs[0].shape[1:] == task_for(spec).item_shape


def _check_same_answers(found: dict, expected: dict) -> None:
    """The same answers (n, ...) under the same names, which say something of each item."""
    assert found.keys() == expected.keys()
    for name, answers in expected.items():
        assert np.ptp(answers, axis=0).max() > 1e-3, f"{name}: any network would say the same"
        assert np.allclose(found[name], answers, atol=1e-6)


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


@pytest.mark.parametrize("name", list(cases()))
def test_the_panels_and_shares_can_be_drawn(name: str) -> None:
    """As a run publishes them: those that suit the method, and none that cannot be shown."""
    spec = cases()[name]
    data = data_for(spec)
    asked = np.arange(24, 48)  # of fewer labels no reliability curve is drawn
    truth = (asked % CLASSES).astype(np.int32)
    data = replace(data, validation=LabelledItems(asked, truth))
    model, published = compiled(spec), Published()
    figures = Watch(model, data, small_probe(data), batch_of(model, data), published).look(1, True)
    shares = [figures[f"share/{term}"] for term in model.phase.terms]
    assert sum(shares) == pytest.approx(1.0)
    assert np.isfinite(list(figures.values())).all()
    assert set(FIGURES.get(name, ())) - figures.keys() == set()
    for panel, info in published.panels.items():
        assert info["title"]
        assert re.fullmatch("[a-z0-9_]+", panel)
        assert info["kind"] in KINDS
    assert set(DRAWN.get(name, "").split()) - published.panels.keys() == set()


class Published:
    """Takes the place of the writer of a run, and remembers which panels it was given."""

    def __init__(self) -> None:
        self.panels: dict[str, dict] = {}

    def panel(self, name: str, info: dict, step: int, payload: dict) -> None:
        self.panels[name] = info


@pytest.mark.parametrize("spec", METHODS)
def test_the_model_reads_what_its_needs_say(spec) -> None:
    """Pages tell from the needs whether labels are used, and when classes come in."""
    model = compiled(spec)
    assert model.named_afterwards == spec.needs.named_afterwards
    assert bool(model.streams()) == spec.needs.uses_items
