"""NT-Xent against NumPy written from the paper, its closed forms, and what is watched beside it."""

import numpy as np
import pytest
import tensorflow as tf

from ssl_core.training.losses.contrastive import normalised, nt_xent, partners_found, spread

TEMPERATURES = (0.1, 0.5, 1.0)


def numpy_nt_xent(first: np.ndarray, second: np.ndarray, temperature: float) -> float:
    """Chen et al. 2020, equation 1, term by term in float64: l(i, j) over both orders."""
    views = np.concatenate([first, second]).astype(np.float64)
    count = len(first)

    def similar(i: int, j: int) -> float:
        lengths = np.linalg.norm(views[i]) * np.linalg.norm(views[j])
        return float(views[i] @ views[j] / lengths)

    losses = []
    for i in range(2 * count):
        j = (i + count) % (2 * count)
        below = sum(np.exp(similar(i, k) / temperature) for k in range(2 * count) if k != i)
        losses.append(-np.log(np.exp(similar(i, j) / temperature) / below))
    return float(np.mean(losses))


def drawn(seed: int = 0, count: int = 7, width: int = 5) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    first, second = generator.normal(0, 3, (2, count, width)).astype(np.float32)
    return first, second


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_it_agrees_with_the_equation(temperature: float) -> None:
    first, second = drawn()
    expected = numpy_nt_xent(first, second, temperature)
    assert float(nt_xent(first, second, temperature)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("count", [2, 8, 100])
def test_identical_embeddings_cost_the_logarithm_of_the_others(count: int) -> None:
    same = np.tile(np.float32([[3, -1, 2]]), (count, 1))
    assert float(nt_xent(same, same, 0.2)) == pytest.approx(np.log(2 * count - 1), abs=1e-5)
    assert float(spread(same)) == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_matched_pairs_with_all_others_orthogonal(temperature: float) -> None:
    count = 6
    pairs = 4.0 * np.eye(count, dtype=np.float32)
    expected = np.log(1 + (2 * count - 2) * np.exp(-1 / temperature))
    assert float(nt_xent(pairs, pairs, temperature)) == pytest.approx(expected, abs=1e-6)


def test_it_is_symmetric_and_takes_no_notice_of_order_or_length() -> None:
    first, second = drawn()
    value = float(nt_xent(first, second, 0.5))
    assert float(nt_xent(second, first, 0.5)) == pytest.approx(value, rel=1e-6)
    order = np.random.default_rng(1).permutation(len(first))
    assert float(nt_xent(first[order], second[order], 0.5)) == pytest.approx(value, rel=1e-5)
    assert float(nt_xent(7 * first, 0.1 * second, 0.5)) == pytest.approx(value, rel=1e-5)
    # The negative control: partners do matter.
    assert abs(float(nt_xent(first, second[order], 0.5)) - value) > 0.01


def test_a_zero_vector_has_a_finite_gradient() -> None:
    first, second = (tf.Variable(part) for part in drawn())
    first[0].assign(tf.zeros(5))
    with tf.GradientTape() as tape:
        loss = nt_xent(first, second, 0.1)
    assert all(np.isfinite(part.numpy()).all() for part in tape.gradient(loss, [first, second]))


def test_partners_are_counted() -> None:
    first = np.eye(4, dtype=np.float32)
    assert float(partners_found(first, first + 0.01)) == 1.0
    crossed = first[[1, 0, 2, 3]]
    # Views 0 and 1 of either half find each other's partner.
    assert float(partners_found(first, crossed)) == pytest.approx(0.5)


def test_the_spread_of_vectors_that_point_everywhere_is_one() -> None:
    everywhere = np.random.default_rng(0).normal(size=(4000, 16)).astype(np.float32)
    assert float(spread(everywhere)) == pytest.approx(1.0, abs=0.02)
    assert float(spread(everywhere + 20)) < 0.3
    assert np.allclose(np.linalg.norm(normalised(everywhere), axis=1), 1, atol=1e-5)
