"""The losses against NumPy written from the formulas, and the fault that they avoid."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from scipy.special import softmax
from scipy.stats import entropy

from ssl_core.training.losses import classification, reconstruction


def numpy_masked_cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    """`sum_i m_i (lse(l_i) - l_i[y_i]) / max(1, sum_i m_i)`, float64."""
    known = labels >= 0
    rows = np.log(np.exp(logits.astype(np.float64)).sum(axis=1))
    rows = rows - logits[np.arange(len(logits)), np.where(known, labels, 0)]
    return float((rows * known).sum() / max(1, known.sum()))


def gradient(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    at = tf.constant(logits, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(at)
        loss = classification.masked_cross_entropy(at, tf.constant(labels))
    return tape.gradient(loss, at).numpy()


def test_cross_entropy_agrees_with_the_formula() -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 3, (32, 7)).astype(np.float32)
    labels = generator.integers(-1, 7, 32).astype(np.int32)
    found = float(classification.masked_cross_entropy(logits, labels))
    assert found == pytest.approx(numpy_masked_cross_entropy(logits, labels), rel=1e-5)


@pytest.mark.parametrize("classes", [2, 10, 50])
def test_zero_logits_cost_the_logarithm_of_the_number_of_classes(classes: int) -> None:
    labels = np.zeros(4, np.int32)
    assert float(
        classification.masked_cross_entropy(np.zeros((4, classes)), labels)
    ) == pytest.approx(np.log(classes), abs=1e-6)


def test_a_hand_computed_case() -> None:
    # softmax(ln 3, 0) = (3/4, 1/4); the row without a label counts in neither part.
    logits = np.array([[np.log(3), 0], [np.log(3), 0], [9, -9]], np.float32)
    labels = np.array([0, 1, -1], np.int32)
    expected = (np.log(4 / 3) + np.log(4)) / 2
    assert float(classification.masked_cross_entropy(logits, labels)) == pytest.approx(
        expected, abs=1e-6
    )


def test_the_entropy_of_answers() -> None:
    logits = np.random.default_rng(1).normal(scale=3.0, size=(32, 10))
    found = ops.convert_to_numpy(classification.entropy_of_rows(logits))
    assert found == pytest.approx(entropy(softmax(logits, axis=1), axis=1), rel=1e-4)
    even = classification.entropy_of_rows(np.zeros((1, 10)))
    assert float(even[0]) == pytest.approx(np.log(10), rel=1e-6)
    assert float(classification.entropy_of_rows(np.array([[500.0, -500.0, 0.0]]))[0]) == 0.0


def test_large_logits_stay_finite() -> None:
    logits = np.array([[500.0, -500.0], [-500.0, 500.0]], np.float32)
    labels = np.array([1, 1], np.int32)
    assert float(classification.masked_cross_entropy(logits, labels)) == pytest.approx(500.0)
    assert np.isfinite(gradient(logits, labels)).all()


def test_the_gradient_is_that_of_the_labelled_rows_alone() -> None:
    logits = np.random.default_rng(1).normal(size=(5, 4)).astype(np.float32)
    labels = np.array([2, -1, 0, -1, 3], np.int32)
    found = gradient(logits, labels)
    assert np.allclose(found.sum(axis=1), 0, atol=1e-6)
    assert (found[labels < 0] == 0).all()
    softmax = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    expected = (softmax - np.eye(4)[np.maximum(labels, 0)]) * (labels >= 0)[:, None] / 3
    assert np.allclose(found, expected, atol=1e-6)


def test_a_batch_without_labels_costs_nothing_and_pulls_at_nothing() -> None:
    logits = np.random.default_rng(2).normal(size=(6, 3)).astype(np.float32)
    labels = np.full(6, -1, np.int32)
    assert float(classification.masked_cross_entropy(logits, labels)) == 0.0
    assert (gradient(logits, labels) == 0).all()


@pytest.mark.parametrize("path", ["from_logits", "softmax"])
def test_stock_cross_entropy_is_moved_by_zero_vectors(path: str) -> None:
    """Negative control: why labels are masked. Loss 0, and yet the weights change."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("the fault belongs to TensorFlow's fused kernel")
    keras.utils.set_random_seed(0)
    activation = "softmax" if path == "softmax" else None
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(3, activation=activation)])
    stock = keras.losses.CategoricalCrossentropy(from_logits=path == "from_logits")
    model.compile(keras.optimizers.SGD(1.0), stock)
    images = np.random.default_rng(0).normal(size=(8, 5)).astype(np.float32)
    before = model.get_weights()[0]
    loss = model.train_on_batch(images, np.zeros((8, 3), np.float32))
    assert float(loss) == pytest.approx(0.0, abs=1e-6)
    assert np.abs(model.get_weights()[0] - before).max() > 0.01


def test_stock_reduction_divides_by_the_batch() -> None:
    """Negative control: 4 rows of loss 2.5, two of them masked."""
    truth, guess = np.zeros((4, 1)), np.full((4, 1), np.sqrt(2.5))
    weights = np.array([1.0, 1.0, 0.0, 0.0])
    over_batch = keras.losses.MeanSquaredError(reduction="sum_over_batch_size")
    over_weight = keras.losses.MeanSquaredError(reduction="mean_with_sample_weight")
    assert float(over_batch(truth, guess, weights)) == pytest.approx(1.25)
    assert float(over_weight(truth, guess, weights)) == pytest.approx(2.5)


def test_hits_are_counted_on_labelled_rows_only() -> None:
    # One row right, two without a label whose largest logit is class 0 and 1.
    logits = np.array([[0, 3, 0], [3, 0, 0], [0, 3, 0]], np.float32)
    hits, mask = classification.hits_of_rows(logits, np.array([1, -1, -1], np.int32))
    assert ops.convert_to_numpy(hits).tolist() == [1, 0, 0]
    assert ops.convert_to_numpy(mask).tolist() == [1, 0, 0]


def test_reconstruction_error() -> None:
    images = np.random.default_rng(3).random((4, 5, 6, 3)).astype(np.float32)
    assert float(reconstruction.reconstruction_error(images, images)) == 0.0
    constant = np.full_like(images, images.mean())
    assert float(reconstruction.reconstruction_error(images, constant)) == pytest.approx(
        float(images.var()), rel=1e-5
    )
    # One pixel of 360 is wrong by 0.6.
    wrong = images.copy()
    wrong[0, 0, 0, 0] += 0.6
    assert float(reconstruction.reconstruction_error(images, wrong)) == pytest.approx(
        0.36 / 360, rel=1e-4
    )
