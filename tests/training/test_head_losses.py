"""Losses of heads of every kind, and of a mixture, against NumPy written from the formulas."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ssl_core.methods.base import HeadTask
from ssl_core.training.losses.classification import masked_cross_entropy
from ssl_core.training.losses.mixture import mixture_log_probabilities
from ssl_core.training.losses.regression import huber_of_rows, standardised
from ssl_core.training.losses.several_heads import (
    class_logits,
    head_hits,
    head_loss,
    masked_binary_cross_entropy,
    masked_mean,
)

INCOME = HeadTask("income", "categorical", 10)
GENDER = HeadTask("gender", "binary", 2)
AGE = HeadTask("age", "regression", mean=40.0, deviation=10.0)
NAN = float("nan")


def gradient(head: HeadTask, outputs: np.ndarray, labels: np.ndarray, huber: bool = False):
    at = tf.constant(outputs, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(at)
        loss = head_loss(head, at, tf.constant(labels), huber)
    return tape.gradient(loss, at).numpy()


def test_untrained_answers_cost_what_the_formulas_say() -> None:
    labels = np.arange(8) % 2
    assert float(head_loss(INCOME, np.zeros((8, 10)), labels)) == pytest.approx(2.302585, abs=1e-6)
    assert float(head_loss(GENDER, np.zeros((8, 1)), labels)) == pytest.approx(0.693147, abs=1e-6)
    ages = np.array([30, 50, 30, 50], np.float32)
    assert float(head_loss(AGE, np.zeros((4, 1)), ages)) == pytest.approx(1.0)
    assert float(head_loss(AGE, np.zeros((4, 1)), ages, huber=True)) == pytest.approx(0.5)


def test_binary_loss_agrees_with_the_formula() -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 4, 50)
    labels = generator.integers(-1, 2, 50).astype(np.int32)
    known = labels >= 0
    rows = np.log1p(np.exp(logits)) - logits * labels
    expected = rows[known].sum() / known.sum()
    found = float(masked_binary_cross_entropy(logits.astype(np.float32), labels))
    assert found == pytest.approx(expected, rel=1e-5)
    # It is the cross-entropy of the two logits (0, t), whose softmax is (1 - p, p).
    pair = class_logits(GENDER, keras.ops.convert_to_tensor(logits[:, None].astype(np.float32)))
    assert float(masked_cross_entropy(pair, labels)) == pytest.approx(expected, rel=1e-5)
    large = masked_binary_cross_entropy(np.float32([800, -800]), np.int32([0, 1]))
    assert float(large) == pytest.approx(800.0)


@pytest.mark.parametrize("huber", [False, True])
def test_regression_loss_agrees_with_the_formula(huber: bool) -> None:
    generator = np.random.default_rng(1)
    predicted, labels = generator.normal(size=40), generator.normal(40, 25, 40)
    labels[::3] = np.nan
    rows = []
    for guess, label in zip(predicted, labels, strict=True):
        distance = abs(guess - (label - 40) / 10)
        if np.isfinite(label):
            small = distance**2 / 2 if huber else distance**2
            large = distance - 0.5 if huber else distance**2
            rows.append(small if distance <= 1 else large)
    found = head_loss(AGE, predicted[:, None].astype(np.float32), np.float32(labels), huber)
    assert float(found) == pytest.approx(np.mean(rows), rel=1e-5)


def test_huber_meets_its_linear_part_smoothly() -> None:
    rows = keras.ops.convert_to_numpy(huber_of_rows(np.float32([0, 1, -3]), np.float32([0, 0, 0])))
    assert rows.tolist() == pytest.approx([0.0, 0.5, 2.5])


@pytest.mark.parametrize(
    ("head", "labels"),
    [
        (INCOME, np.array([3, -1, 7, -1], np.int32)),
        (GENDER, np.array([1, -1, 0, -1], np.int32)),
        (AGE, np.array([20, NAN, 60, NAN], np.float32)),
    ],
)
def test_rows_without_a_label_pull_at_nothing(head: HeadTask, labels: np.ndarray) -> None:
    width = head.classes if head.kind == "categorical" else 1
    outputs = np.random.default_rng(2).normal(size=(4, width))
    found = gradient(head, outputs, labels)
    assert (found[[1, 3]] == 0).all(), "exactly 0, and not NaN"
    assert (found[[0, 2]] != 0).any(axis=1).all()
    nothing = np.full_like(labels, np.nan if head.kind == "regression" else -1)
    assert float(head_loss(head, outputs.astype(np.float32), nothing)) == 0.0
    assert (gradient(head, outputs, nothing) == 0).all()
    hits, mask = head_hits(head, outputs.astype(np.float32), labels)
    assert keras.ops.convert_to_numpy(mask).tolist() == [1, 0, 1, 0]
    assert keras.ops.convert_to_numpy(hits)[[1, 3]].tolist() == [0, 0]


def test_a_mask_over_nan_would_not_be_enough() -> None:
    """Negative control: 0 times NaN is NaN, in the loss and in the gradient."""
    labels, at = tf.constant([20.0, NAN]), tf.Variable([0.0, 0.0])
    with tf.GradientTape() as tape:
        loss = masked_mean(tf.square(at - (labels - 40.0) / 10.0), tf.constant([1.0, 0.0]))
    assert np.isnan(tape.gradient(loss, at).numpy()).any() or np.isnan(float(loss))
    targets, mask = standardised(labels, 40.0, 10.0)
    assert np.isfinite(keras.ops.convert_to_numpy(targets)).all()
    assert keras.ops.convert_to_numpy(mask).tolist() == [1, 0]


def test_the_error_is_counted_in_the_unit_of_the_head() -> None:
    hits, mask = head_hits(AGE, np.float32([[0.5], [-1.0]]), np.float32([40, 33]))
    # 45 years for 40, and 30 for 33.
    assert keras.ops.convert_to_numpy(hits).tolist() == pytest.approx([5.0, 3.0], abs=1e-4)
    assert keras.ops.convert_to_numpy(mask).tolist() == [1, 1]


def test_a_mixture_agrees_with_sums_of_probabilities() -> None:
    generator = np.random.default_rng(3)
    gate, logits = generator.normal(0, 2, (6, 3)), generator.normal(0, 2, (6, 3, 5))
    weights = np.exp(gate) / np.exp(gate).sum(axis=1, keepdims=True)
    experts = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
    expected = np.log((weights[:, :, None] * experts).sum(axis=1))
    found = keras.ops.convert_to_numpy(mixture_log_probabilities(gate, logits))
    assert np.allclose(found, expected, atol=1e-5)
    assert np.allclose(np.exp(found).sum(axis=1), 1, atol=1e-5)


def test_a_mixture_with_a_sure_gate_is_that_expert_and_stays_finite() -> None:
    logits = np.random.default_rng(4).normal(size=(2, 2, 4)).astype(np.float32)
    gate = np.array([[2000.0, -2000.0], [-2000.0, 2000.0]], np.float32)
    found = keras.ops.convert_to_numpy(mixture_log_probabilities(gate, logits))
    alone = keras.ops.convert_to_numpy(keras.ops.log_softmax(logits, axis=-1))
    assert np.allclose(found, [alone[0, 0], alone[1, 1]], atol=1e-5)
    assert np.isfinite(found).all()
