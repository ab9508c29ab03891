"""MINE embeddings: the estimate, what it may see, and the linear classifier behind it."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from ssl_core.methods import build_model, catalogue
from ssl_core.methods.alarms import History
from ssl_core.training.augmentation.pairs import partners
from ssl_core.training.data import as_network_input
from ssl_core.training.embedding import embedded
from ssl_core.training.evaluation import AveragedNetwork
from ssl_core.training.losses.mutual_information import donsker_varadhan
from ssl_core.training.networks.critics import cosine_scores, most_of_cosines
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


def test_the_estimate_is_that_of_cosines_written_out() -> None:
    model = compiled(SPEC, batch_size=16, temperature=0.3)
    x, y = batch_of(model, small_data())
    features = model(x, training=False)
    outcome = model.outcome(x, y, features, training=False)
    vectors = np.asarray(model.embedding(features), np.float64)
    first, second = vectors[:16], vectors[16:]

    def score(one: int, two: int) -> float:
        lengths = np.linalg.norm(first[one]) * np.linalg.norm(second[two])
        return float(first[one] @ second[two] / lengths / 0.3)

    together = [score(row, row) for row in range(16)]
    apart = [score(one, two) for one in range(16) for two in range(16) if one != two]
    expected = np.mean(together) - np.log(np.mean(np.exp(apart)))
    assert float(outcome.measures["mi/estimate"]) == pytest.approx(expected, abs=1e-4)
    assert float(outcome.terms["information"]) == pytest.approx(-expected, abs=1e-4)
    with_true_pairs = np.mean(together) - np.log(np.mean(np.exp([*apart, *together])))
    assert abs(with_true_pairs - expected) > 1e-3, "a true pair among the others shows"


def test_a_look_has_the_estimate_of_the_same_formula_on_new_changes() -> None:
    model, probe = compiled(SPEC, temperature=0.3), small_probe(small_data())
    first, _ = embedded(model, probe.sample)
    second, _ = embedded(model, partners(probe.sample, model.configuration))
    lengths = np.linalg.norm(first, axis=1)[:, None] * np.linalg.norm(second, axis=1)
    scores = (first.astype(np.float64) @ second.T) / lengths / 0.3
    apart = scores[~np.eye(len(scores), dtype=bool)]
    expected = np.trace(scores) / len(scores) - np.log(np.exp(apart).mean())
    assert model.look(probe).figures["mi/held-out"] == pytest.approx(expected, abs=1e-4)


def test_cosines_of_all_pairs_by_hand() -> None:
    length = np.sqrt(2.0)  # of every vector of two numbers
    first = length * np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], np.float32)
    second = np.array([[1.0, 1.0], [0.0, length], [-length, 0.0]], np.float32)
    joint, marginal = cosine_scores(first, second, 0.5)
    half = np.sqrt(2.0)  # a cosine of 45 degrees over a temperature of 0.5
    assert np.asarray(joint) == pytest.approx([half, 2.0, 0.0], abs=1e-6)
    assert np.asarray(marginal) == pytest.approx([0.0, -2.0, half, 0.0, 0.0, 0.0], abs=1e-6)


def test_a_trunk_without_a_feature_left_has_no_huge_gradient() -> None:
    """Its vectors are all zeros, which cannot be brought to a length."""
    model = compiled(SPEC)
    nothing = tf.Variable(np.zeros((8, *model.trunk.output_shape[1:]), np.float32))
    with tf.GradientTape() as tape:
        vectors = model.embedding(nothing, training=True)
        found = tf.reduce_sum(cosine_scores(vectors[:4], vectors[4:] + 1.0, 0.5).joint)
    parts = tape.gradient(found, [nothing, *model.embedding.trainable_weights])
    assert max(float(np.abs(part).max()) for part in parts) < 1e7


@pytest.mark.parametrize(("size", "temperature"), [(2, 0.5), (10, 0.5), (3, 0.2)])
def test_the_bound_of_cosines_is_reached_by_points_on_all_sides(
    size: int, temperature: float
) -> None:
    drawn = np.random.default_rng(0).normal(size=(1500, size))
    points = np.sqrt(size) * drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    points = points.astype(np.float32)
    found = float(donsker_varadhan(*cosine_scores(points, points, temperature)))
    assert most_of_cosines(size, temperature) == pytest.approx(found, abs=0.03)
    crowded = (points + 1.0) / np.linalg.norm(points + 1.0, axis=1, keepdims=True) * np.sqrt(size)
    less = float(donsker_varadhan(*cosine_scores(crowded, crowded, temperature)))
    assert less < found - 0.05


def test_bounds_of_one_number_and_of_many() -> None:
    """One number is a sign: ln 2 at most. Many that are told apart finely have no bound at hand."""
    assert most_of_cosines(1, 0.01) == pytest.approx(np.log(2))
    assert most_of_cosines(512, 0.5) == pytest.approx(2.0, abs=0.01)
    assert np.isfinite(most_of_cosines(512, 0.01))


def test_the_line_is_the_lower_of_the_two_bounds() -> None:
    low, high = (compiled(SPEC, batch_size=256, temperature=t).guides["mi"] for t in (0.5, 0.05))
    assert low == {"bound of the critic": pytest.approx(1.803, abs=1e-3)}
    assert high == {"ln 256": pytest.approx(np.log(256))}
    plain = compiled(SPEC, corrected_gradient=False)
    assert list(plain.guides) == ["mi"]
    assert plain.measures == ("mi/estimate", "mi/smoothed")


def test_embeddings_cannot_grow() -> None:
    model = compiled(SPEC, batch_size=32)
    x, _ = batch_of(model, small_data())
    features = model(x, training=False)
    for scale in (1e3, 1e6):
        vectors = np.asarray(model.embedding(features * scale, training=True))
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.full(64, np.sqrt(10)), rel=1e-3)
        assert np.abs(vectors.mean(axis=0)).max() < 0.3, "they point to all sides"
    assert len(model.embedding.trainable_weights) == 1


def test_it_finds_information_and_a_few_labels_read_the_classes() -> None:
    data = small_data(count=192, labelled=12)
    settings = {"batch_size": 64, "pair_rotation": 0.0, "pair_shear": 0.0, "pair_crop": 0.8}
    model = compiled(SPEC, steps=60, **settings)
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


def test_the_scores_of_a_look_can_be_laid_over_each_other() -> None:
    model = compiled(SPEC, batch_size=16)
    seen = model.look(small_probe(small_data()))
    counted = next(panel for panel in seen.panels if panel.name == "scores").payload["series"]
    assert np.sum(counted["apart"]) == np.sum(counted["together"]) > 0


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
        # What runs that classify 96 % of MNIST rightly end at is no failure.
        ("estimate-too-high", {"mi/estimate": 1.79}, {"mi/estimate": 1.73}),
    ],
)
def test_an_alarm_knows_its_failure(name: str, bad: dict, good: dict) -> None:
    (alarm,) = [one for one in SPEC.alarms if one.name == name]

    def known(values: dict[str, float]) -> History:
        curves = {metric: [value] * 9 for metric, value in values.items()}
        guides = {"mi": {"bound of the critic": 1.803}}
        return history(curves, share_done=0.9, settings={"batch_size": 256}, guides=guides)

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
