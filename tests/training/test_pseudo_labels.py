"""The losses of pseudo-labels against values worked out by hand."""

import math

import numpy as np
import pytest
import tensorflow as tf

from ssl_core.training.losses.pseudo_labels import (
    answers_of,
    class_thresholds,
    coverage,
    pseudo_label_loss,
    pseudo_labels,
    ramp,
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
