"""Pseudo-labels online and in rounds."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ssl_core.methods import catalogue
from ssl_core.training import watch
from ssl_core.training.data import TrainingData
from ssl_core.training.model import MethodModel
from tests.conftest import MakeDataset
from tests.support.runs import make_run
from tests.support.sessions import published, train
from tests.support.training import (
    COUNT,
    batch_of,
    compiled,
    fitted,
    small_data,
    small_settings,
)

SPEC = catalogue()["pseudo_label"]


def begun(data: TrainingData, seed: int = 5) -> tuple[MethodModel, np.ndarray]:
    """A staged model in its retraining, and the answers that it was labelled with."""
    model = compiled(SPEC, mode="staged", threshold=0.6)
    answers = np.random.default_rng(0).dirichlet(np.full(3, 0.7), COUNT).astype(np.float32)
    keras.utils.set_random_seed(seed)
    model.begin(model.phases[1], data, lambda items: answers[items])
    model.phase = model.phases[1]
    return model, answers


def terms_of(model: MethodModel, x: dict, y: dict) -> dict[str, float]:
    terms = model.outcome(x, y, model(x, training=False), training=False).terms
    return {name: float(value) for name, value in terms.items()}


def test_online_the_loss_grows_with_the_ramp() -> None:
    model = compiled(SPEC, mode="online", threshold=0.0, ramp_start=0.2, ramp_end=0.6)
    x, y = batch_of(model, small_data())
    answers = model.inference_model()(x["unlabelled"]).numpy().astype(np.float64)
    whole = -np.log(answers.max(axis=1)).mean()
    for done, weight in ((0.0, 0.0), (0.2, 0.0), (0.4, 0.5), (0.6, 1.0), (0.9, 1.0)):
        found = terms_of(model, {**x, "done": tf.constant([done])}, y)["pseudo"]
        assert found == pytest.approx(weight * whole, rel=1e-4, abs=1e-6)


def test_online_only_sure_answers_count_and_all_rows_divide() -> None:
    model = compiled(SPEC, mode="online")
    x, y = batch_of(model, small_data())
    x["done"] = tf.constant([0.5])
    answers = model.inference_model()(x["unlabelled"]).numpy().astype(np.float64).max(axis=1)
    threshold = float(answers.mean())
    model = compiled(SPEC, mode="online", threshold=threshold, ramp_end=0.0)
    kept = answers >= threshold
    assert 0 < kept.sum() < len(kept)
    expected = -(kept * np.log(answers)).sum() / len(kept)
    assert terms_of(model, x, y)["pseudo"] == pytest.approx(expected, rel=1e-4)


def test_online_no_sure_answer_gives_the_gradient_of_the_labels_alone() -> None:
    for threshold, same in ((1.0, True), (0.0, False)):
        model = compiled(SPEC, mode="online", threshold=threshold, ramp_end=0.0)
        x, y = batch_of(model, small_data())
        x["done"] = tf.constant([0.5])
        with tf.GradientTape(persistent=True) as tape:
            terms = model.outcome(x, y, model(x, training=False), training=False).terms
            total = terms["classification"] + terms["pseudo"]
        variables = model.trunk.trainable_variables
        whole, alone = (tape.gradient(t, variables) for t in (total, terms["classification"]))
        close = [np.allclose(a, b, atol=1e-7) for a, b in zip(whole, alone, strict=True)]
        assert all(close) is same


def test_the_first_phase_is_the_baseline() -> None:
    """The same seed, steps and weights, to the last bit."""
    data = small_data()
    found, expected = compiled(SPEC, mode="staged"), compiled(catalogue()["supervised"])
    for model in (found, expected):
        fitted(model, data, range(3))
    for name in ("trunk", "classifier"):
        pairs = zip(
            getattr(found, name).get_weights(), getattr(expected, name).get_weights(), strict=True
        )
        assert all(np.array_equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("rounds", [1, 3])
def test_rounds_share_what_the_first_phase_leaves(rounds: int) -> None:
    phases = compiled(SPEC, mode="staged", rounds=rounds, first_share=0.4).phases
    assert len({phase.name for phase in phases}) == len(phases) == rounds + 1
    assert sum(phase.share for phase in phases) == pytest.approx(1.0)
    assert phases[0].terms == ("classification",)
    assert len(compiled(SPEC, mode="online").phases) == 1


def test_a_round_labels_what_it_is_sure_of_and_believes_people() -> None:
    data = small_data()
    model, answers = begun(data)
    assigned = model.assigned.numpy()
    for item in range(COUNT):
        if data.labels[item] >= 0:
            assert assigned[item] == data.labels[item]
        elif item in data.pool and answers[item].max() >= 0.6:
            assert assigned[item] == answers[item].argmax()
        else:
            assert assigned[item] == -1
    unlabelled = np.setdiff1d(data.pool, data.labelled)
    assert (assigned[unlabelled] >= 0).any()
    assert (assigned[unlabelled] == -1).any()
    assert (assigned[data.validation.items] == -1).all()


def test_a_round_teaches_the_labels_it_gave() -> None:
    data = small_data()
    model, _ = begun(data)
    x, y = batch_of(model, data, step=3)
    given = model.assigned.numpy()[y["unlabelled_items"].numpy()]
    answers = model.inference_model()(x["unlabelled"]).numpy().astype(np.float64)
    rows = -np.log(answers[np.arange(len(given)), given])
    expected = np.where(given >= 0, rows, 0.0).sum() / len(given)
    assert terms_of(model, x, y)["pseudo"] == pytest.approx(expected, rel=1e-4)
    assert expected > 0


def test_a_round_begins_with_new_weights_of_its_seed() -> None:
    data = small_data()
    before = compiled(SPEC, mode="staged", threshold=0.6).trunk.get_weights()
    first, again, other = (begun(data, seed)[0].trunk.get_weights() for seed in (5, 5, 6))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], before[0])
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("mode", ["online", "staged"])
def test_the_gradient_shares_are_those_of_the_moment(
    workspace, make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """Pseudo-labels pull at nothing at first: online for the ramp, staged for the phase."""
    monkeypatch.setattr(watch, "GRADIENT_SHARE", 1e6)
    configuration = {"mode": mode, "threshold": 0.0, "ramp_start": 0.3, **small_settings(SPEC)}
    folder = make_run(
        workspace, make_dataset(), method=SPEC.name, configuration=configuration, steps=10
    )
    train(folder)
    shares = {step: line.get("share/pseudo", 0.0) for step, line in published(folder)}
    assert all(shares[step] == 0.0 for step in shares if step < 3)
    assert max(shares[step] for step in shares if step > 4) > 0.0
