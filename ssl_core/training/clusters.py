"""Clusters and classes: which cluster stands for which class, and pictures of what clusters hold.

For methods that find clusters and are given the names of classes afterwards.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ssl_core.stats import adjusted_rand_index, hungarian_assignment, normalised_information
from ssl_core.training.panels import Panel, image_grid, matrix

CONFIDENT = 10  # images of a cluster in a montage
MONTAGE_ROWS = 20
_SMALLEST = 1e-12  # of a probability, before its logarithm


def joint_distribution(first: NDArray, second: NDArray) -> NDArray[np.float64]:
    """The joint of two cluster answers to the same items, summing to 1; rows from `first`.

    first, second: (n, ..., clusters), probabilities. Returns (..., clusters, clusters).
    """
    joint = np.einsum("n...i,n...j->...ij", first.astype(np.float64), second.astype(np.float64))
    return np.asarray(joint / joint.sum(axis=(-1, -2), keepdims=True))


def information(joint: NDArray, weight_of_entropy: float = 1.0) -> NDArray[np.float64]:
    """`sum_ij P_ij (log P_ij - w log a_i - w log b_j)` in nats; with w = 1 mutual information.

    joint: (..., clusters, clusters), each summing to 1. Returns (...,).
    """
    joint = np.asarray(joint, np.float64)
    rows = np.log(np.maximum(joint.sum(axis=-1, keepdims=True), _SMALLEST))
    columns = np.log(np.maximum(joint.sum(axis=-2, keepdims=True), _SMALLEST))
    inner = np.log(np.maximum(joint, _SMALLEST)) - weight_of_entropy * (rows + columns)
    return np.asarray((joint * inner).sum(axis=(-1, -2)))


def merged_plateau(clusters: int, merged: int) -> float:
    """The largest mutual information when `merged` pairs of equal classes share a cluster, nats.

    `clusters` equal classes, each wholly in one cluster, two of them in each merged one.
    """
    pair, alone = 2 / clusters, 1 / clusters
    rest = clusters - 2 * merged
    return float(-merged * pair * np.log(pair) - (rest * alone * np.log(alone) if rest else 0.0))


def votes(probabilities: NDArray, labels: NDArray[np.integer], classes: int) -> NDArray[np.float64]:
    """(clusters, classes): how much of each class each cluster holds, in items.

    probabilities: (n, clusters). labels: (n,), -1 = unknown, left out. An item counts in every
    cluster with its probability, so that a cluster without an item of its own has a say as well.
    """
    known = labels >= 0
    chosen = np.eye(classes)[labels[known]]
    return np.asarray(probabilities[known].astype(np.float64).T @ chosen)


def class_of_clusters(counts: NDArray) -> NDArray[np.int64]:
    """Which class each cluster stands for, (clusters,).

    counts: (clusters, classes). One class a cluster at most where there are not more clusters
    than classes (Hungarian); else the class that a cluster holds most of.
    """
    clusters, classes = counts.shape
    if clusters > classes:
        return np.asarray(np.argmax(counts, axis=1), np.int64)
    return hungarian_assignment(counts)


def agreement(clusters: NDArray[np.integer], labels: NDArray[np.integer]) -> dict[str, float]:
    """How well clusters and labels agree, whatever the clusters are called.

    clusters, labels: (n,), labels -1 = unknown, left out. Empty without any label.
    """
    known = labels >= 0
    if not known.any():
        return {}
    return {
        "nmi": normalised_information(clusters[known], labels[known]),
        "ari": adjusted_rand_index(clusters[known], labels[known]),
    }


def explained_by(clusters: NDArray[np.integer], values: NDArray) -> float:
    """Share of the variance of `values` that the clusters explain (eta squared), in [0, 1].

    clusters, values: (n,). 0 where the values do not vary.
    """
    values = np.asarray(values, np.float64)
    whole = float(np.square(values - values.mean()).sum())
    if whole == 0:
        return 0.0
    counts = np.bincount(clusters)
    means = np.bincount(clusters, values) / np.maximum(counts, 1)
    between = float((counts * np.square(means - values.mean())).sum())
    return between / whole


def live_clusters(usage: NDArray) -> int:
    """How many clusters get more than a fifth of an equal part. usage: (clusters,), sums to 1."""
    return int(np.count_nonzero(np.asarray(usage) > 1 / (5 * len(usage))))


def aligned_matrix(
    name: str,
    title: str,
    clusters: NDArray[np.integer],
    labels: NDArray[np.integer],
    classes: Sequence[str],
    count: int,
    *,
    uses_reference_labels: bool,
) -> Panel:
    """Clusters against classes, the rows in the order of the classes they stand for.

    clusters, labels: (n,), labels -1 = unknown, left out. count: of the clusters.
    """
    known = labels >= 0
    counts = np.zeros((count, len(classes)), np.int64)
    np.add.at(counts, (clusters[known], labels[known]), 1)
    meant = class_of_clusters(counts)
    order = np.lexsort((-counts.sum(axis=1), np.where(meant < 0, len(classes), meant)))
    return matrix(
        name,
        title,
        "Row: a cluster. Column: a class. Each cluster stands in the row of the class that it is "
        "matched with, so that what is right lies on the diagonal.",
        counts[order],
        ([f"cluster {number + 1}" for number in order], tuple(classes)),
        ("cluster", "class"),
        uses_reference_labels=uses_reference_labels,
    )


def montage(images: NDArray[np.floating], probabilities: NDArray) -> Panel:
    """The most confident images of each cluster, surest first; a cluster without any stays black.

    images: (n, height, width, channels), in [0, 1]. probabilities: (n, clusters).
    """
    chosen = np.argmax(probabilities, axis=1)
    rows = {}
    for cluster in range(min(probabilities.shape[1], MONTAGE_ROWS)):
        members = np.flatnonzero(chosen == cluster)
        surest = members[np.argsort(-probabilities[members, cluster], kind="stable")][:CONFIDENT]
        row = np.zeros((CONFIDENT, *images.shape[1:]), images.dtype)
        row[: len(surest)] = images[surest]
        rows[f"cluster {cluster + 1}"] = row
    return image_grid(
        "confident",
        "What the clusters hold",
        "Each row: the images of one cluster, those it is surest of first.",
        rows,
    )
