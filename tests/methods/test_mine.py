"""MINE embeddings: the estimate, what it may see, and the linear classifier behind it."""

from dataclasses import replace

import numpy as np
import pytest

from ssl_core.methods import build_model, catalogue
from ssl_core.methods.alarms import History
from ssl_core.training.data import as_network_input
from ssl_core.training.evaluation import AveragedNetwork
from ssl_core.training.networks.critics import scores_of
from ssl_core.training.probe import Known
from tests.support.history import history
from tests.support.training import (
    CLASSES,
    TASK,
    batch_of,
    compiled,
    fitted,
    small_configuration,
    small_data,
    small_probe,
)

SPEC = catalogue()["mine"]
NOTHING = float("nan")


def test_the_estimate_is_that_of_the_critic_written_out() -> None:
    model = compiled(SPEC, batch_size=16, shifts=3)
    (kernel,) = model.embedding.trainable_weights
    kernel.assign(kernel * 100)  # so that scores differ from row to row
    x, y = batch_of(model, small_data())
    features = model(x, training=False)
    outcome = model.outcome(x, y, features, training=False)
    vectors = np.asarray(model.embedding(features), np.float64)
    first, second = vectors[:16], vectors[16:]
    a, bias = (np.asarray(part, np.float64) for part in model.estimate.of_first.weights)
    b, w = (np.asarray(layer.kernel) for layer in (model.estimate.of_second, model.estimate.last))

    def score(one: np.ndarray, two: np.ndarray) -> np.ndarray:
        return (np.maximum(one @ a + two @ b + bias, 0) @ w)[:, 0]

    def estimate(shifts: range) -> float:
        apart = [score(first, np.roll(second, shift, axis=0)) for shift in shifts]
        return score(first, second).mean() - np.log(np.exp(apart).mean())

    expected = estimate(range(1, 4))
    assert float(outcome.measures["mi/estimate"]) == pytest.approx(expected, abs=1e-4)
    assert float(outcome.terms["information"]) == pytest.approx(-expected, abs=1e-4)
    assert abs(estimate(range(1, 2)) - expected) > 1e-3, "another number of shifts shows"
    assert abs(estimate(range(3)) - expected) > 1e-3, "a true pair among the others shows"


def test_embeddings_cannot_grow() -> None:
    model = compiled(SPEC, batch_size=32)
    x, _ = batch_of(model, small_data())
    features = model(x, training=False)
    for scale in (1e3, 1e6):
        vectors = np.asarray(model.embedding(features * scale, training=True))
        assert vectors.std(axis=0) == pytest.approx(np.ones(10), abs=0.01)
    assert len(model.embedding.trainable_weights) == 1


def test_it_finds_information_and_a_few_labels_read_the_classes() -> None:
    data = small_data(count=192, labelled=12)
    settings = {"batch_size": 64, "pair_rotation": 0.0, "pair_shear": 0.0, "pair_crop": 0.95}
    model = compiled(SPEC, steps=60, critic_units=128, **settings)
    fitted(model, data, range(60))
    seen = model.look(small_probe(data))
    assert seen.figures["mi/held-out"] > 0.7
    averaged = AveragedNetwork(model)
    averaged.refresh()
    known = Known(as_network_input(data.inputs[:12]), data.labels[:12])
    truth = np.arange(192) % CLASSES
    everything = np.arange(192)
    untold = averaged.probabilities(data, everything)
    assert untold == pytest.approx(np.full((192, CLASSES), 1 / CLASSES))
    model.settle(averaged.network, known, known.items)
    averaged.refresh()
    assert (averaged.probabilities(data, everything).argmax(axis=1) == truth).mean() > 0.95


def test_a_look_counts_as_many_other_pairs_as_training_does() -> None:
    """With fewer of them the same critic finds another estimate, and the two were not alike."""
    vectors = np.random.default_rng(0).normal(size=(2, 40, 10)).astype(np.float32)
    for shifts in (1, 3):
        model = compiled(SPEC, batch_size=16, shifts=shifts)
        assert model.estimate.shifts == shifts
        expected = model.estimate.scores(*vectors)
        found = scores_of(model.estimate.network(), *vectors, model.estimate.shifts)
        assert [len(part) for part in found] == [40, 40 * shifts]
        for one, other in zip(found, expected, strict=True):
            assert one == pytest.approx(np.asarray(other), abs=1e-5)
    seen = model.look(small_probe(small_data()))
    counted = next(panel for panel in seen.panels if panel.name == "scores").payload["series"]
    assert np.sum(counted["apart"]) == 3 * np.sum(counted["together"])
    few = scores_of(model.estimate.network(), *vectors[:, :2], 32)
    assert [len(part) for part in few] == [2, 2], "two pairs have one shift"


def test_without_classes_there_are_no_answers() -> None:
    model = build_model("mine", small_configuration(SPEC), replace(TASK, heads=()))
    data = small_data()
    averaged = AveragedNetwork(model)
    assert averaged.answers(data, np.arange(20))["probabilities"].shape == (20, 0)
    nothing = Known(np.empty((0, 8, 8, 1), np.float32), np.empty(0, np.int32))
    assert model.settle(averaged.network, nothing, as_network_input(data.inputs)) == {}


@pytest.mark.parametrize(
    ("name", "bad", "good"),
    [
        ("nothing-shared", {"mi/smoothed": 0.02}, {"mi/smoothed": 2.0}),
        ("estimate-too-high", {"mi/smoothed": 5.6}, {"mi/smoothed": 5.0}),
    ],
)
def test_an_alarm_knows_its_failure(name: str, bad: dict, good: dict) -> None:
    (alarm,) = [one for one in SPEC.alarms if one.name == name]

    def known(values: dict[str, float]) -> History:
        curves = {metric: [value] * 9 for metric, value in values.items()}
        return history(curves, share_done=0.9, settings={"batch_size": 256})

    assert alarm.check(known(bad))
    assert not alarm.check(known(good))
    assert not alarm.check(known({}))


def test_the_estimate_of_training_is_compared_at_the_step_of_the_one_on_new_pairs() -> None:
    """The one on new pairs is published seldom: what training gained since is no overfitting."""
    (alarm,) = [one for one in SPEC.alarms if one.name == "critic-overfits"]
    seldom = [NOTHING] * 9
    since = {"mi/smoothed": [1.1] * 9 + [3.0] * 9, "mi/held-out": [*seldom[1:], 1.0, *seldom]}
    assert not alarm.check(history(since, share_done=0.9))
    by_heart = {"mi/smoothed": [3.0] * 9, "mi/held-out": [*seldom[1:], 1.0]}
    assert alarm.check(history(by_heart, share_done=0.9))
    assert not alarm.check(history(by_heart, share_done=0.05)), "it is early"
    too_soon = {"mi/smoothed": [3.0] * 9, "mi/held-out": [NOTHING, 1.0, *seldom[2:]]}
    assert not alarm.check(history(too_soon, share_done=0.9)), "two lines are no median"
    for name in since:
        assert not alarm.check(history({name: since[name]}, share_done=0.9))
