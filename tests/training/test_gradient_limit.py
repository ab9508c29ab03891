"""A gradient that is scaled down beside another, against backpropagation and NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ssl_core.training.losses.classification import masked_cross_entropy
from ssl_core.training.losses.gradient_limit import (
    classification_pull,
    largest_beside,
    limited_gradient,
)

LABELS = np.array([2, -1, 0, 1, -1], np.int32)


def gradient_norm(features, largest) -> tuple[float, np.ndarray]:
    """Norm of what comes back through the limit, and what does, from the loss sum(3 f)."""
    features = tf.constant(features)
    with tf.GradientTape() as tape:
        tape.watch(features)
        passed = limited_gradient(features, largest)
        loss = tf.reduce_sum(3.0 * passed)
    assert np.array_equal(passed, features)
    found = tape.gradient(loss, features).numpy()
    return float(np.linalg.norm(found)), found


def test_a_gradient_is_scaled_to_the_limit_and_no_further() -> None:
    features = np.ones((2, 2), np.float32)
    norm, found = gradient_norm(features, 1.5)  # untouched it is 3 * 2 = 6
    assert norm == pytest.approx(1.5, rel=1e-6)
    assert np.allclose(found, 0.75)
    assert gradient_norm(features, 7.0)[0] == pytest.approx(6.0, rel=1e-6)
    assert gradient_norm(features, 0.0)[0] == 0.0


def test_the_limit_itself_feels_nothing() -> None:
    features, largest = tf.ones((2, 2)), tf.constant(1.5)
    with tf.GradientTape() as tape:
        tape.watch(largest)
        loss = tf.reduce_sum(limited_gradient(features, largest))
    assert tape.gradient(loss, largest) is None or float(tape.gradient(loss, largest)) == 0


def test_the_pull_of_the_classifier_is_what_backpropagation_finds() -> None:
    generator = np.random.default_rng(0)
    features = tf.constant(generator.normal(size=(5, 2, 3, 4)), "float32")
    dense = keras.layers.Dense(3)
    dense.build((None, 4))
    with tf.GradientTape() as tape:
        tape.watch(features)
        logits = dense(tf.reduce_mean(features, axis=(1, 2)))
        loss = masked_cross_entropy(logits, LABELS)
    expected = np.linalg.norm(tape.gradient(loss, features).numpy())
    found = float(classification_pull(logits, LABELS, dense.kernel, 6))
    assert found == pytest.approx(float(expected), rel=1e-5)
    # and by the formula, in float64
    kernel = keras.ops.convert_to_numpy(dense.kernel).astype(np.float64)
    scores = np.exp(logits.numpy().astype(np.float64))
    errors = (scores / scores.sum(axis=1, keepdims=True) - np.eye(3)[LABELS])[LABELS >= 0]
    by_hand = np.sqrt(((errors @ kernel.T) ** 2).sum() / 6) / 3
    assert found == pytest.approx(by_hand, rel=1e-5)
    # Negative control: rows without a label would count.
    assert found != pytest.approx(float(classification_pull(logits, LABELS * 0, dense.kernel, 6)))


def test_a_share_of_the_sum_becomes_a_norm() -> None:
    assert float(largest_beside(2.0, LABELS, 0.5)) == pytest.approx(2.0)
    assert float(largest_beside(2.0, LABELS, 0.2)) == pytest.approx(0.5)
    assert float(largest_beside(2.0, LABELS, 1.0)) > 1e20
    nobody = np.full(3, -1, np.int32)
    assert float(largest_beside(0.0, nobody, 0.2)) > 1e20
