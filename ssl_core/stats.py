"""Figures about predictions: intervals, confusion, assignment of clusters, spread over seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

_SMALLEST = 1e-12  # of a probability, before its logarithm


@dataclass(frozen=True)
class Spread:
    """Mean of a few values with what can be said about its precision."""

    mean: float
    deviation: float | None  # standard deviation, n - 1 in the denominator; None for one value
    interval: tuple[float, float] | None  # 95 % Student t interval of the mean
    count: int


def wilson_interval(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """The score interval of a share, in [0, 1]. Wilson 1927, JASA 22(158), equation 6.

    Exactly 0 at no success and exactly 1 at no failure; (0, 1) without any trial. Raises
    ValueError for counts that cannot be.
    """
    if trials < 0 or not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes in {trials} trials cannot be")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence} does not lie between 0 and 1")
    if trials == 0:
        return (0.0, 1.0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = successes / trials
    centre = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * (share * (1 - share) / trials + z**2 / (4 * trials**2)) ** 0.5
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == trials else min(1.0, centre + half)
    return (low, high)


def confusion_matrix(
    truth: NDArray[np.integer], prediction: NDArray[np.integer], classes: int
) -> NDArray[np.int64]:
    """(classes, classes) counts: row = true class, column = predicted class.

    truth, prediction: (n,), index of a class; pairs with an index below 0 (unknown) are left out.
    Raises ValueError for unequal lengths or an index of `classes` or more.
    """
    truth, prediction = np.asarray(truth), np.asarray(prediction)
    if truth.shape != prediction.shape or truth.ndim != 1:
        raise ValueError(f"expected two equal lengths, got {truth.shape} and {prediction.shape}")
    known = (truth >= 0) & (prediction >= 0)
    pairs = truth[known].astype(np.int64), prediction[known].astype(np.int64)
    if known.any() and max(pairs[0].max(), pairs[1].max()) >= classes:
        raise ValueError(f"an index is not below the number of classes, {classes}")
    counts = np.bincount(pairs[0] * classes + pairs[1], minlength=classes**2)
    return counts.reshape(classes, classes).astype(np.int64)


def hungarian_assignment(counts: NDArray[np.integer] | NDArray[np.floating]) -> NDArray[np.int64]:
    """Which column each row is matched with so that the sum of the matched counts is largest.

    counts: (clusters, classes), at least as many classes as clusters or fewer; returns
    (clusters,), -1 for a cluster that gets no class. One class goes to one cluster at most
    (Kuhn 1955), unlike a choice of the largest count in each row.
    """
    from scipy.optimize import linear_sum_assignment

    counts = np.asarray(counts)
    if counts.ndim != 2:
        raise ValueError(f"expected (clusters, classes), got shape {counts.shape}")
    rows, columns = linear_sum_assignment(counts, maximize=True)
    matched = np.full(counts.shape[0], -1, np.int64)
    matched[rows] = columns
    return matched


def mean_and_spread(values: Sequence[float] | NDArray[np.floating]) -> Spread:
    """Mean, standard deviation (n - 1) and 95 % t interval of a figure over seeds.

    Raises ValueError without any value or with one that is not finite.
    """
    array = np.asarray(values, np.float64)
    if array.ndim != 1 or array.size == 0 or not np.isfinite(array).all():
        raise ValueError("expected at least one finite value")
    mean = float(array.mean())
    if array.size == 1:
        return Spread(mean, None, None, 1)
    from scipy.stats import t

    deviation = float(array.std(ddof=1))
    half = float(t.ppf(0.975, array.size - 1)) * deviation / array.size**0.5
    return Spread(mean, deviation, (mean - half, mean + half), int(array.size))


def mcnemar(only_first: int, only_second: int) -> float:
    """How often chance alone would split two answerers at least this far apart, in [0, 1].

    only_first, only_second: items that one of them has right and the other wrong. Exact two-sided
    test of a fair coin on these pairs; McNemar 1947, Psychometrika 12(2), in its binomial form.
    1 without any such item. Raises ValueError for counts below 0.
    """
    if min(only_first, only_second) < 0:
        raise ValueError(f"counts {only_first} and {only_second} cannot be")
    if only_first + only_second == 0:
        return 1.0
    from scipy.stats import binomtest

    return float(binomtest(only_first, only_first + only_second, 0.5).pvalue)


def auroc(scores: NDArray[np.floating], positive: NDArray[np.bool_]) -> float | None:
    """Chance that a positive scores above a negative, ties counted half. Hanley and McNeil 1982.

    scores, positive: (n,). None where one of the two kinds is missing.
    """
    from scipy.stats import rankdata

    positives = int(np.count_nonzero(positive))
    negatives = len(positive) - positives
    if positives == 0 or negatives == 0:
        return None
    above = rankdata(scores)[positive].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))


def entropy(shares: NDArray[np.floating]) -> NDArray[np.float64]:
    """`-sum p log p` along the last axis, in nats. shares: (..., n), each summing to 1."""
    shares = np.asarray(shares, np.float64)
    return -np.asarray((shares * np.log(np.maximum(shares, _SMALLEST))).sum(axis=-1))


def divergence(counts: NDArray[np.floating], expected: NDArray[np.floating]) -> float:
    """`sum p log(p / q)` of the shares of two counts, in nats: 0 where they are spread alike.

    counts, expected: (n,), not negative; one is added to each, so that no class of `expected` is
    impossible and a few more or less are no difference. Kullback and Leibler 1951.
    """
    p, q = (np.asarray(part, np.float64) + 1.0 for part in (counts, expected))
    p, q = p / p.sum(), q / q.sum()
    return float((p * np.log(p / q)).sum())


def normalised_information(first: NDArray[np.integer], second: NDArray[np.integer]) -> float:
    """Mutual information of two partitions over the mean of their entropies, in [0, 1].

    first, second: (n,), the number of the part that each item is in. Strehl and Ghosh 2002 with the
    arithmetic mean. 1 where both have a single part. Raises ValueError for unequal lengths or none.
    """
    joint = _contingency(first, second) / len(first)
    rows, columns = joint.sum(axis=1), joint.sum(axis=0)
    entropies = [
        -float((part[part > 0] * np.log(part[part > 0])).sum()) for part in (rows, columns)
    ]
    if sum(entropies) == 0:
        return 1.0
    held = joint > 0
    information = float((joint[held] * np.log(joint[held] / np.outer(rows, columns)[held])).sum())
    return min(1.0, max(0.0, 2 * information / sum(entropies)))


def adjusted_rand_index(first: NDArray[np.integer], second: NDArray[np.integer]) -> float:
    """How many pairs of items two partitions agree on, corrected: 0 by chance, 1 for the same one.

    Hubert and Arabie 1985, equation 5; below 0 for less agreement than by chance.

    first, second: (n,), the number of the part that each item is in. 1 where neither divides
    anything, or both divide everything. Raises ValueError for unequal lengths or none.
    """
    counts = _contingency(first, second)
    both, rows, columns = (
        float((part * (part - 1) / 2).sum())
        for part in (counts, counts.sum(axis=1), counts.sum(axis=0))
    )
    pairs = len(first) * (len(first) - 1) / 2
    most = (rows + columns) / 2
    expected = rows * columns / pairs if pairs else 0.0
    return 1.0 if most == expected else (both - expected) / (most - expected)


def cohen_kappa(matrix: NDArray[np.integer]) -> float:
    """Agreement of two people beyond chance, at most 1: `(p_o - p_e) / (1 - p_e)`. Cohen 1960.

    matrix: (classes, classes) counts, row = answer of one, column = answer of the other. NaN where
    chance alone would always agree: no item, or a single class that both gave each time.
    """
    counts = np.asarray(matrix, np.float64)
    total = counts.sum()
    observed = float(np.trace(counts)) / total if total else 1.0
    expected = float(counts.sum(axis=1) @ counts.sum(axis=0)) / total**2 if total else 1.0
    return float("nan") if expected == 1.0 else (observed - expected) / (1 - expected)


def _contingency(first: NDArray[np.integer], second: NDArray[np.integer]) -> NDArray[np.float64]:
    """(parts of first, parts of second): how many items are in both."""
    if len(first) != len(second) or len(first) == 0:
        raise ValueError(f"expected two equal lengths, got {len(first)} and {len(second)}")
    (names, one), (others, two) = (np.unique(part, return_inverse=True) for part in (first, second))
    counts = np.zeros((len(names), len(others)), np.float64)
    np.add.at(counts, (one, two), 1.0)
    return counts
