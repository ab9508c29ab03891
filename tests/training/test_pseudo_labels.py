"""The losses of pseudo-labels against values worked out by hand."""

import math

import numpy as np
import pytest
import tensorflow as tf

from ssl_core.training.losses.pseudo_labels import (
    answers_of,
    class_thresholds,
    coverage,
    curriculum_thresholds,
    learning_effects,
    pseudo_label_loss,
    pseudo_labels,
    ramp,
    sharpened,
    soft_label_loss,
    with_answers,
)

ANSWERS = np.array([[0.96, 0.04], [0.60, 0.40]], np.float32)


def thresholds(value: float, classes: int = 2) -> np.ndarray:
    return np.full(classes, value, np.float32)


def by_hand(logits: np.ndarray, labels: np.ndarray) -> float:
    """(1/N) sum of the rows with a label, in float64."""
    logits = logits.astype(np.float64)
    rows = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels]
    return float(np.where(labels >= 0, rows, 0.0).sum() / len(labels))


def test_the_batch_of_the_specification() -> None:
    labels, confidence = pseudo_labels(ANSWERS, thresholds(0.95))
    assert np.array_equal(labels, [0, -1])
    assert np.allclose(confidence, [0.96, 0.60])
    assert float(coverage(labels)) == 0.5
    loss = float(pseudo_label_loss(np.log(ANSWERS), labels))
    assert loss == pytest.approx(-math.log(0.96) / 2, rel=1e-5)
    # Negative control: divided by the rows that were kept it would be twice as much.
    assert loss != pytest.approx(-math.log(0.96), rel=0.1)


def test_the_loss_is_that_of_an_independent_sum() -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 3, (64, 5)).astype(np.float32)
    labels = generator.integers(-1, 5, 64)
    assert float(pseudo_label_loss(logits, labels)) == pytest.approx(by_hand(logits, labels))


def test_a_threshold_counts_for_its_own_class() -> None:
    answers = np.array([[0.7, 0.2, 0.1], [0.1, 0.7, 0.2]], np.float32)
    labels, _ = pseudo_labels(answers, np.array([0.8, 0.6, 0.0], np.float32))
    assert np.array_equal(labels, [-1, 1])


def test_no_gradient_flows_through_the_answers() -> None:
    asked, taught = tf.constant(np.log(ANSWERS)), tf.constant(np.log(ANSWERS[::-1]))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([asked, taught])
        labels, _ = pseudo_labels(answers_of(asked), thresholds(0.5))
        loss = pseudo_label_loss(taught, labels)
        asked_sum = tf.reduce_sum(answers_of(asked) * taught)
    assert tape.gradient(loss, asked) is None
    assert tape.gradient(asked_sum, asked) is None
    assert np.abs(tape.gradient(loss, taught)).max() > 0.1


def test_a_threshold_above_1_leaves_loss_and_gradient_at_0() -> None:
    logits = tf.constant(np.log(ANSWERS))
    for threshold, moves in ((1.01, False), (0.95, True)):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            labels, _ = pseudo_labels(answers_of(logits), thresholds(threshold))
            loss = pseudo_label_loss(logits, labels)
        assert bool(np.any(tape.gradient(loss, logits).numpy() != 0)) is moves
        assert (float(loss) > 0) is moves


def test_a_threshold_of_0_takes_every_answer() -> None:
    labels, _ = pseudo_labels(ANSWERS, thresholds(0.0))
    assert float(coverage(labels)) == 1.0


@pytest.mark.parametrize(
    ("done", "weight"), [(0.0, 0.0), (0.1, 0.0), (0.35, 0.5), (0.6, 1.0), (0.99, 1.0)]
)
def test_the_ramp_begins_and_ends_where_it_says(done: float, weight: float) -> None:
    assert float(ramp(np.float32(done), 0.1, 0.6)) == pytest.approx(weight, abs=1e-6)


def test_a_ramp_of_no_length_is_a_step() -> None:
    assert [float(ramp(np.float32(done), 0.5, 0.5)) for done in (0.49, 0.51)] == [0.0, 1.0]


def test_thresholds_by_class() -> None:
    found = class_thresholds(np.float32(0.9), np.array([0.5, 0.25, 0.25], np.float32), 0.95)
    assert np.allclose(found, [0.9, 0.45, 0.45])
    equal = class_thresholds(np.float32(0.1), np.full(10, 0.1, np.float32), 0.95)
    assert np.allclose(equal, 0.1)
    capped = class_thresholds(np.float32(0.99), np.array([0.6, 0.4], np.float32), 0.95)
    assert np.allclose(capped, [0.95, 0.66])


def test_the_curriculum_of_the_specification() -> None:
    """FlexMatch: beta 1 -> tau, 1/2 -> tau/3, 0 -> 0."""
    found = curriculum_thresholds(np.array([1.0, 0.5, 0.0], np.float32), 0.9)
    assert np.allclose(found, [0.9, 0.3, 0.0], atol=1e-6)


@pytest.mark.parametrize(
    ("last", "pool", "expected"),
    [
        ([-1, -1, -1, -1, -1], 4, [0, 0, 0]),  # nothing is sure yet
        ([0, 1, -1, -1, -1], 5, [1 / 3, 1 / 3, 0]),  # three unused are more than any class has
        ([0, 0, 1, -1, -1, -1], 4, [1, 1 / 2, 0]),  # two of these are not in the pool
        ([0, 0, 1, 2, -1], 4, [1, 1 / 2, 1 / 2]),  # all of the pool is used
    ],
)
def test_effects_by_hand(last: list[int], pool: int, expected: list[float]) -> None:
    found = learning_effects(tf.constant(last), 3, tf.constant(pool))
    assert np.allclose(found, expected, atol=1e-6)


def test_effects_are_those_of_the_paper() -> None:
    """FlexMatch, algorithm 1, in loops, over batches of a pool that is part of the items."""
    generator = np.random.default_rng(3)
    count, pool, classes = 40, 30, 4
    last, twin = tf.fill((count,), -1), [-1] * count
    for _ in range(12):
        items = generator.choice(pool, 8, replace=False)
        labels = generator.integers(-1, classes - 1, 8).astype(np.int32)  # never the last class
        last = with_answers(last, tf.constant(items), tf.constant(labels))
        for item, label in zip(items, labels, strict=True):
            if label >= 0:
                twin[item] = int(label)
        counts = [twin.count(c) for c in range(classes)]
        most = max(*counts, twin[:pool].count(-1))
        found = learning_effects(last, classes, tf.constant(pool))
        assert np.array_equal(last, twin)
        assert np.allclose(found, np.array(counts) / most, atol=1e-6)
    assert max(counts) > twin[:pool].count(-1)  # both sides of the larger were seen


def test_an_item_that_is_twice_in_a_batch_has_one_answer_in_any_order() -> None:
    for labels in ([2, 1, -1], [1, -1, 2], [-1, 2, 1]):
        found = with_answers(tf.fill((3,), 0), tf.constant([1, 1, 1]), tf.constant(labels))
        assert np.array_equal(found, [0, 2, 0])


def test_the_sharpening_of_the_specification() -> None:
    answers = np.array([[0.5, 0.3, 0.2]], np.float32)
    assert np.allclose(sharpened(answers, 0.5), [[0.6579, 0.2368, 0.1053]], atol=5e-5)
    assert np.allclose(sharpened(answers, 1.0), answers, atol=1e-6)
    unsure = np.array([[0.3, 0.2, 0.2, 0.2, 0.1]], np.float32)  # 0.3^100 is 0 in float32
    assert np.allclose(sharpened(unsure, 0.01), [[1, 0, 0, 0, 0]], atol=1e-6)


def test_sharpening_is_a_softmax_of_that_temperature() -> None:
    """Which is how UDA writes it."""
    logits = np.random.default_rng(4).normal(0, 3, (16, 5)).astype(np.float32)
    powers = np.exp(logits.astype(np.float64) / 0.4)
    expected = powers / powers.sum(axis=1, keepdims=True)
    assert np.allclose(sharpened(answers_of(logits), 0.4), expected, atol=1e-5)


def test_the_loss_of_soft_targets_is_that_of_an_independent_sum() -> None:
    generator = np.random.default_rng(5)
    logits = generator.normal(0, 3, (32, 4)).astype(np.float32)
    targets = generator.dirichlet(np.ones(4), 32).astype(np.float32)
    labels = generator.integers(-1, 4, 32)
    exact = logits.astype(np.float64)
    logarithms = exact - np.log(np.exp(exact).sum(axis=1, keepdims=True))
    rows = -(targets * logarithms).sum(axis=1)
    expected = np.where(labels >= 0, rows, 0.0).sum() / 32
    assert float(soft_label_loss(logits, targets, labels)) == pytest.approx(expected, rel=1e-5)


def test_soft_targets_that_are_sure_cost_what_hard_ones_do() -> None:
    logits = np.random.default_rng(6).normal(0, 3, (8, 3)).astype(np.float32)
    labels = np.array([0, 1, 2, -1, 0, -1, 1, 2])
    targets = np.eye(3, dtype=np.float32)[labels]
    hard = float(pseudo_label_loss(logits, labels))
    assert float(soft_label_loss(logits, targets, labels)) == pytest.approx(hard, rel=1e-5)
