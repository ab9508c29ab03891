"""Losses of a discriminator of K classes against the K + 1 classes that they stand for."""

import numpy as np
import pytest
from scipy.special import expit, softmax

from ssl_core.training.losses.adversarial import (
    feature_matching,
    generated_loss,
    moment_gaps,
    real_loss,
    realness,
)
from ssl_core.training.losses.classification import masked_cross_entropy


def with_the_class_of_fakes(logits: np.ndarray) -> np.ndarray:
    """Probabilities of K + 1 classes, float64; the logit of the last is 0."""
    return softmax(np.concatenate([logits, np.zeros((len(logits), 1))], axis=1), axis=1)


@pytest.fixture
def logits() -> np.ndarray:
    """float32, as the losses are, so that what is asked and what is expected begin alike."""
    return np.random.default_rng(0).normal(scale=3.0, size=(32, 10)).astype(np.float32)


def test_the_losses_are_those_of_one_class_more(logits) -> None:
    """Each row by itself and to the six digits that float32 keeps: a mean hides small rows."""
    eleven = with_the_class_of_fakes(logits.astype(np.float64))
    scores = realness(logits)
    generated = 1 - expit(np.asarray(scores, np.float64))
    assert generated == pytest.approx(eleven[:, 10], rel=1e-6)
    rows = [scores[row : row + 1] for row in range(32)]
    found = [float(real_loss(row)) for row in rows]
    assert found == pytest.approx(-np.log1p(-eleven[:, 10]), rel=1e-6)
    found = [float(generated_loss(row)) for row in rows]
    assert found == pytest.approx(-np.log(eleven[:, 10]), rel=1e-6)
    assert float(real_loss(scores)) == pytest.approx(-np.log1p(-eleven[:, 10]).mean(), rel=1e-6)
    assert float(generated_loss(scores)) == pytest.approx(-np.log(eleven[:, 10]).mean(), rel=1e-6)
    among_real = eleven[:, :10] / eleven[:, :10].sum(axis=1, keepdims=True)
    labels = np.arange(32) % 10
    expected = -np.log(among_real[np.arange(32), labels]).mean()
    assert float(masked_cross_entropy(logits, labels)) == pytest.approx(expected, rel=1e-6)


def test_logits_of_zero_give_the_known_numbers() -> None:
    nothing = np.zeros((4, 10), np.float32)
    scores = realness(nothing)
    assert np.allclose(scores, np.log(10), atol=1e-6)
    assert float(real_loss(scores)) == pytest.approx(np.log(11) - np.log(10), abs=1e-6)  # 0.0953
    assert float(generated_loss(scores)) == pytest.approx(np.log(11), abs=1e-6)  # 2.3979
    labels = np.arange(4)
    assert float(masked_cross_entropy(nothing, labels)) == pytest.approx(np.log(10), abs=1e-6)
    assert expit(np.log(10)) == pytest.approx(10 / 11)  # 0.9091


def test_huge_logits_stay_finite() -> None:
    for size in (500.0, -500.0):
        scores = realness(np.full((2, 10), size, np.float32))
        found = [float(real_loss(scores, s)) for s in (0.0, 0.1)] + [float(generated_loss(scores))]
        expected = [np.logaddexp(0, -size - np.log(10)), np.logaddexp(0, size + np.log(10))]
        assert found[0] == pytest.approx(expected[0], rel=1e-5)
        assert found[2] == pytest.approx(expected[1], rel=1e-5)
        assert np.isfinite(found).all()


def test_smoothing_takes_a_little_from_real_and_nothing_from_generated(logits) -> None:
    eleven = with_the_class_of_fakes(logits.astype(np.float64))
    expected = -(0.9 * np.log(1 - eleven[:, 10]) + 0.1 * np.log(eleven[:, 10])).mean()
    found = float(real_loss(realness(logits), 0.1))
    assert found == pytest.approx(expected, rel=1e-5)
    assert found != pytest.approx(float(real_loss(realness(logits))), rel=1e-3)


@pytest.mark.parametrize("squared", [False, True])
def test_matching_is_about_the_means_of_features(squared: bool) -> None:
    generator = np.random.default_rng(1)
    real, drawn = generator.normal(size=(6, 5)), generator.normal(1.0, size=(9, 5))
    gaps = np.abs(real.mean(axis=0) - drawn.mean(axis=0))
    expected = np.mean(gaps**2 if squared else gaps)
    found = float(feature_matching(real, drawn, squared=squared))
    assert found == pytest.approx(expected, rel=1e-5)
    assert np.allclose(moment_gaps(real, drawn), gaps, atol=1e-6)
    assert float(feature_matching(real, real[::-1], squared=squared)) == pytest.approx(0, abs=1e-7)
    # Negative control: a mean over everything would not see two features change places.
    swapped = real[:, ::-1]
    assert float(feature_matching(real, swapped, squared=squared)) > 0.01
