"""Statistics against twins written by hand, published values and brute force."""

from itertools import permutations

import numpy as np
import pytest

from ssl_core.stats import (
    adjusted_rand_index,
    confusion_matrix,
    divergence,
    entropy,
    hungarian_assignment,
    mean_and_spread,
    normalised_information,
    wilson_interval,
)

Z = 1.959963984540054


def wilson_roots(successes: int, trials: int, z: float = Z) -> tuple[float, float]:
    """The shares p with |s/n - p| = z sqrt(p (1 - p) / n): Wilson's definition, solved as roots."""
    share = successes / trials
    a, b, c = 1 + z**2 / trials, -(2 * share + z**2 / trials), share**2
    low, high = sorted(np.roots([a, b, c]).real)
    return low, high


@pytest.mark.parametrize(
    ("successes", "trials"), [(1, 2), (15, 20), (81, 263), (999, 1000), (5000, 10_000), (1, 10**6)]
)
def test_wilson_solves_its_definition(successes: int, trials: int) -> None:
    expected = wilson_roots(successes, trials)
    assert wilson_interval(successes, trials) == pytest.approx(expected, abs=1e-9)


def test_wilson_published_values() -> None:
    """Newcombe 1998, table I, method 3: 81/263, 15/148, 0/20, 1/29."""
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (successes, trials), expected in published.items():
        assert wilson_interval(successes, trials) == pytest.approx(expected, abs=5e-5)


def test_wilson_at_the_edges() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert wilson_interval(0, 7)[0] == 0.0
    assert wilson_interval(7, 7)[1] == 1.0
    low, high = wilson_interval(7, 7)
    assert 1 - low == pytest.approx(wilson_interval(0, 7)[1])
    assert high == 1.0
    wide, narrow = wilson_interval(5, 9, 0.99), wilson_interval(5, 9, 0.5)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


@pytest.mark.parametrize(("successes", "trials"), [(-1, 5), (6, 5), (0, -1)])
def test_wilson_refuses_counts_that_cannot_be(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        wilson_interval(successes, trials)
    with pytest.raises(ValueError, match="confidence"):
        wilson_interval(1, 2, 1.0)


def test_confusion_counts_rows_true_columns_predicted() -> None:
    truth, prediction = np.array([0, 0, 1, 2, 2, -1, 1]), np.array([0, 1, 1, 0, 2, 0, -1])
    expected = [[1, 1, 0], [0, 1, 0], [1, 0, 1]]
    found = confusion_matrix(truth, prediction, 3)
    assert found.tolist() == expected
    assert found.dtype == np.int64


def test_confusion_against_a_loop() -> None:
    generator = np.random.default_rng(0)
    truth, prediction = generator.integers(-1, 5, 500), generator.integers(-1, 5, 500)
    expected = np.zeros((5, 5), int)
    for row, column in zip(truth, prediction, strict=True):
        if row >= 0 and column >= 0:
            expected[row, column] += 1
    assert confusion_matrix(truth.astype(np.int32), prediction, 5).tolist() == expected.tolist()


def test_confusion_of_nothing_and_of_wrong_input() -> None:
    assert confusion_matrix(np.array([], int), np.array([], int), 2).tolist() == [[0, 0], [0, 0]]
    with pytest.raises(ValueError, match="lengths"):
        confusion_matrix(np.zeros(3, int), np.zeros(2, int), 2)
    with pytest.raises(ValueError, match="classes"):
        confusion_matrix(np.array([0, 2]), np.array([0, 0]), 2)


def test_assignment_beats_the_greedy_choice() -> None:
    """Largest count first takes 10 and is left with 0; the best sum is 9 + 9."""
    counts = np.array([[10, 9], [9, 0]])
    matched = hungarian_assignment(counts)
    assert counts[np.arange(2), matched].sum() == 18


@pytest.mark.parametrize("classes", range(1, 8))
def test_assignment_equals_brute_force(classes: int) -> None:
    generator = np.random.default_rng(classes)
    for _ in range(3):
        counts = generator.integers(0, 20, (classes, classes))
        matched = hungarian_assignment(counts)
        assert sorted(matched) == list(range(classes))
        rows = np.arange(classes)
        best = max(counts[rows, list(order)].sum() for order in permutations(range(classes)))
        assert counts[rows, matched].sum() == best


def test_assignment_of_more_clusters_than_classes() -> None:
    matched = hungarian_assignment(np.array([[5, 0], [0, 5], [1, 1]]))
    assert matched.tolist() == [0, 1, -1]
    assert hungarian_assignment(np.array([[0, 0, 7]])).tolist() == [2]
    with pytest.raises(ValueError, match="clusters"):
        hungarian_assignment(np.array([1, 2]))


def test_spread_by_hand() -> None:
    """Values 2, 4, 9: mean 5, squares 9 + 1 + 16 = 26 over 2, t(0.975, 2) = 4.302653."""
    spread = mean_and_spread([2.0, 4.0, 9.0])
    assert spread.mean == 5.0
    assert spread.deviation == pytest.approx(13**0.5)
    half = 4.30265272975 * (13 / 3) ** 0.5
    assert spread.interval == pytest.approx((5 - half, 5 + half))
    assert spread.count == 3


def test_spread_of_one_value_and_of_none() -> None:
    alone = mean_and_spread([0.5])
    assert (alone.mean, alone.deviation, alone.interval) == (0.5, None, None)
    for wrong in ([], [1.0, float("nan")]):
        with pytest.raises(ValueError, match="finite"):
            mean_and_spread(wrong)


def test_normalised_information_by_hand() -> None:
    """Four items in parts of two and two, crossed evenly: 0. One item moved: ln terms by hand."""
    first = np.array([0, 0, 1, 1])
    assert normalised_information(first, np.array([5, 5, 3, 3])) == pytest.approx(1.0)
    assert normalised_information(first, np.array([0, 1, 0, 1])) == pytest.approx(0.0)
    # Joint (0,0) 1/2, (1,0) 1/4, (1,1) 1/4: I = H1 + H2 - H12, over the mean of H1 and H2.
    ln2, quarter = np.log(2), 0.25 * np.log(4) + 0.75 * np.log(4 / 3)
    shared = ln2 + quarter - (0.5 * ln2 + 2 * 0.25 * np.log(4))
    found = normalised_information(first, np.array([0, 0, 0, 1]))
    assert found == pytest.approx(2 * shared / (ln2 + quarter))
    assert normalised_information(np.zeros(3, int), np.ones(3, int)) == 1.0
    assert normalised_information(np.zeros(4, int), first) == 0.0


def pairwise_rand(first: np.ndarray, second: np.ndarray) -> float:
    """The adjusted index from every pair of items, one by one."""
    both = one = two = pairs = 0
    for place in range(len(first)):
        for other in range(place):
            same = first[place] == first[other], second[place] == second[other]
            both, one, two = both + all(same), one + same[0], two + same[1]
            pairs += 1
    expected = one * two / pairs
    return (both - expected) / ((one + two) / 2 - expected)


def test_adjusted_rand_index_by_hand_and_by_every_pair() -> None:
    # Hubert and Arabie's form: pairs together 1, in first 2, in second 3, of 6: (1 - 1) / 1.5 = 0.
    assert adjusted_rand_index(np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1])) == pytest.approx(0.0)
    generator = np.random.default_rng(2)
    for parts in (2, 4):
        first, second = generator.integers(0, parts, (2, 40))
        found = adjusted_rand_index(first, second)
        assert found == pytest.approx(pairwise_rand(first, second))
        assert adjusted_rand_index(second, first) == pytest.approx(found)
        assert adjusted_rand_index(first, (first + 1) % parts) == pytest.approx(1.0)
    assert adjusted_rand_index(np.zeros(3, int), np.zeros(3, int)) == 1.0
    assert adjusted_rand_index(np.zeros(1, int), np.zeros(1, int)) == 1.0
    assert adjusted_rand_index(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])) < 0
    with pytest.raises(ValueError, match="lengths"):
        adjusted_rand_index(np.zeros(2, int), np.zeros(3, int))
    with pytest.raises(ValueError, match="lengths"):
        normalised_information(np.zeros(0, int), np.zeros(0, int))


def test_entropy_along_the_last_axis() -> None:
    shares = np.array([[[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]], [[0.25, 0.25, 0.5], [0.2, 0.3, 0.5]]])
    by_hand = -(0.2 * np.log(0.2) + 0.3 * np.log(0.3) + 0.5 * np.log(0.5))
    expected = [[np.log(2), 0.0], [1.5 * np.log(2), by_hand]]
    assert entropy(shares) == pytest.approx(np.array(expected), abs=1e-9)


def test_the_divergence_of_two_counts() -> None:
    # With one added: shares (0.8, 0.2) beside (0.5, 0.5).
    expected = 0.8 * np.log(1.6) + 0.2 * np.log(0.4)
    assert divergence(np.array([7, 1]), np.array([3, 3])) == pytest.approx(expected)
    assert divergence(np.array([99, 199]), np.array([0, 1])) == pytest.approx(0.0)
    assert np.isfinite(divergence(np.array([50, 50]), np.array([9, 0]))), "a class without a label"
