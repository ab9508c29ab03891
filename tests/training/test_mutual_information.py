"""Mutual information against NumPy twins in float64, closed forms and cases by hand."""

import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from ssl_core.training.losses import mutual_information as losses


def one_hot(codes: np.ndarray, clusters: int) -> np.ndarray:
    """(n, 1 head, clusters)."""
    return np.eye(clusters, dtype=np.float32)[codes][:, None, :]


def loss_of(first: np.ndarray, second: np.ndarray, weight: float = 1.0) -> np.ndarray:
    joint = losses.joint_of_clusters(first, second)
    return ops.convert_to_numpy(losses.clustering_loss(joint, weight))


def numpy_loss(first: np.ndarray, second: np.ndarray, weight: float) -> float:
    """Equation 3 of Ji et al. for one head, term by term, float64."""
    joint = np.zeros((first.shape[1], first.shape[1]))
    for one, two in zip(first.astype(np.float64), second.astype(np.float64), strict=True):
        joint += np.outer(one, two) / len(first)
    total = 0.0
    for i, row in enumerate(joint):
        for j, share in enumerate(row):
            a, b = joint[i].sum(), joint[:, j].sum()
            total -= share * (np.log(share) - weight * np.log(a) - weight * np.log(b))
    return total


@pytest.mark.parametrize("weight", [1.0, 1.5])
def test_the_clustering_loss_agrees_with_the_formula(weight: float) -> None:
    generator = np.random.default_rng(0)
    first, second = generator.dirichlet(np.ones(4), (2, 50, 3)).astype(np.float32)
    expected = [numpy_loss(first[:, head], second[:, head], weight) for head in range(3)]
    assert loss_of(first, second, weight) == pytest.approx(expected, rel=1e-4)
    assert loss_of(second, first, weight) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("clusters", [2, 10, 50])
def test_a_consistent_balanced_code_has_all_the_information(clusters: int) -> None:
    codes = np.arange(20 * clusters) % clusters
    answers = one_hot(codes, clusters)
    assert loss_of(answers, answers) == pytest.approx(-np.log(clusters), abs=1e-3)
    assert loss_of(answers, answers, 1.5) == pytest.approx(-2 * np.log(clusters), abs=1e-3)
    order = np.random.default_rng(1).permutation(clusters)
    assert loss_of(answers[:, :, order], answers[:, :, order]) == pytest.approx(
        loss_of(answers, answers)
    )


def test_one_cluster_for_all_or_all_clusters_alike_say_nothing() -> None:
    collapsed = one_hot(np.zeros(64, int), 10)
    uniform = np.full((64, 1, 10), 0.1, np.float32)
    assert loss_of(collapsed, collapsed) == pytest.approx(0.0, abs=1e-4)
    assert loss_of(uniform, uniform) == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize(("agreed", "expected"), [(0.5, 0.5108), (0.9, 1.7578), (0.99, 2.2246)])
def test_information_at_a_given_agreement(agreed: float, expected: float) -> None:
    # ln K + a ln a + (1 - a) ln((1 - a) / (K - 1)), the wrong ones spread over the others.
    joint = np.full((10, 10), (1 - agreed) / 90)
    np.fill_diagonal(joint, agreed / 10)
    found = ops.convert_to_numpy(losses.clustering_loss(joint[None].astype(np.float32)))
    assert -found[0] == pytest.approx(expected, abs=1e-3)


def test_a_code_for_the_view_is_worth_nothing() -> None:
    """Images in clusters 0..4, partners in 5..9: five classes are known, and no more than that.

    Negative control: the joint made symmetric, as in the paper, would give this the full ln 10.
    """
    codes = np.arange(500) % 5
    images, partners = one_hot(codes, 10), one_hot(codes + 5, 10)
    assert -loss_of(images, partners)[0] == pytest.approx(np.log(5), abs=1e-3)
    joint = ops.convert_to_numpy(losses.joint_of_clusters(images, partners))
    symmetric = (joint + joint.transpose(0, 2, 1)) / 2
    assert -float(losses.clustering_loss(symmetric)[0]) == pytest.approx(np.log(10), abs=1e-3)


def test_the_gradient_is_finite_where_answers_are_exactly_0_and_1() -> None:
    answers = tf.constant(one_hot(np.arange(20) % 10, 12))  # two clusters are never used
    with tf.GradientTape() as tape:
        tape.watch(answers)
        joint = losses.joint_of_clusters(answers, answers)
        loss = tf.reduce_sum(losses.clustering_loss(joint, 1.5))
    assert np.isfinite(tape.gradient(loss, answers).numpy()).all()
    half = tf.cast(answers, tf.bfloat16)
    assert losses.joint_of_clusters(half, half).dtype == tf.float32


def test_entropy_of_use() -> None:
    answers = np.concatenate([one_hot(np.arange(8) % 4, 4), one_hot(np.zeros(8, int), 4)], axis=1)
    found = ops.convert_to_numpy(losses.entropy_of_use(answers))
    assert found == pytest.approx([np.log(4), 0.0], abs=1e-5)


def gaussian_pairs(correlation: float, count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    first, own = np.random.default_rng(seed).normal(size=(2, count))
    return first, correlation * first + np.sqrt(1 - correlation**2) * own


def best_critic(x: np.ndarray, y: np.ndarray, r: float) -> np.ndarray:
    """The log of the ratio of the two densities: what a perfect critic says."""
    inner = r**2 * x**2 - 2 * r * x * y + r**2 * y**2
    return -0.5 * np.log(1 - r**2) - inner / (2 * (1 - r**2))


@pytest.mark.parametrize(("correlation", "margin"), [(0.5, 0.01), (0.8, 0.016), (-0.8, 0.016)])
def test_the_best_critic_finds_the_closed_form(correlation: float, margin: float) -> None:
    x, y = gaussian_pairs(correlation, 100_000)
    joint = best_critic(x, y, correlation)
    marginal = best_critic(x, np.roll(y, 1), correlation)
    found = float(losses.donsker_varadhan(joint, marginal))
    assert found == pytest.approx(-0.5 * np.log(1 - correlation**2), abs=margin)
    twin = joint.mean() - np.log(np.exp(marginal).mean())
    assert found == pytest.approx(twin, abs=1e-4)
    assert float(losses.donsker_varadhan(joint + 3, marginal + 3)) == pytest.approx(found, abs=1e-5)
    assert float(losses.donsker_varadhan(np.ones(50), np.ones(70))) == pytest.approx(0, abs=1e-6)


def test_large_scores_stay_finite() -> None:
    scores = np.array([500.0, 480.0, -500.0], np.float32)
    assert float(losses.log_mean_exp(scores)) == pytest.approx(500 - np.log(3), abs=1e-3)
    assert np.isfinite(float(losses.donsker_varadhan(scores, scores)))


def gradients(score_of, joint: np.ndarray, marginal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    parts = [tf.constant(part, tf.float32) for part in (joint, marginal)]
    with tf.GradientTape() as tape:
        tape.watch(parts)
        value = score_of(*parts)
    return tuple(part.numpy() for part in tape.gradient(value, parts))


def test_the_corrected_gradient_is_the_exact_one_where_the_average_is_the_batch() -> None:
    joint, marginal = np.random.default_rng(3).normal(0, 2, (2, 64))
    own = float(losses.log_mean_exp(marginal))
    exact = gradients(lambda j, m: -losses.donsker_varadhan(j, m), joint, marginal)
    same = gradients(lambda j, m: losses.corrected_gradient(j, m, own), joint, marginal)
    other = gradients(lambda j, m: losses.corrected_gradient(j, m, own + 1), joint, marginal)
    assert all(np.allclose(a, b, atol=1e-7) for a, b in zip(exact, same, strict=True))
    assert np.allclose(other[1], same[1] / np.e, atol=1e-7)
    far = gradients(lambda j, m: losses.corrected_gradient(j, m, -900.0), joint, marginal)
    assert all(np.isfinite(part).all() for part in far)


def test_averages_of_logarithms() -> None:
    found = losses.averaged_in_logarithms(ops.convert_to_tensor(np.log(4.0)), np.log(8.0), 0.25)
    assert float(found) == pytest.approx(np.log(0.75 * 4 + 0.25 * 8), abs=1e-6)
    whole = losses.averaged_in_logarithms(ops.convert_to_tensor(7.0), 2.0, 1.0)
    assert float(whole) == pytest.approx(2.0)
    large = losses.averaged_in_logarithms(ops.convert_to_tensor(500.0), 400.0, 0.01)
    assert float(large) == pytest.approx(500 + np.log(0.99), abs=1e-3)
