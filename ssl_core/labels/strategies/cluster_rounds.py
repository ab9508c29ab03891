"""One item of each cluster in turn, the most typical of each first."""

import numpy as np
from numpy.typing import NDArray


def cluster_rounds(
    clusters: NDArray[np.integer], distances: NDArray[np.floating]
) -> NDArray[np.int64]:
    """An order of the n items: every round takes the next item of each cluster that has one left.

    clusters: (n,). distances: (n,) of each item from the centre of its cluster, nearest first;
    equal ones keep their order. Returns (n,), int64, places.
    """
    by_cluster = np.lexsort((distances, clusters))
    sizes = np.unique(clusters, return_counts=True)[1]
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    rank_in_cluster = np.arange(len(clusters)) - starts
    return np.asarray(by_cluster[np.argsort(rank_in_cluster, kind="stable")], np.int64)


def distances_from_centres(
    features: NDArray[np.floating], clusters: NDArray[np.integer]
) -> NDArray[np.float64]:
    """(n,): Euclidean distance of each row of (n, d) from the mean of its cluster."""
    rows = np.asarray(features, np.float32)
    distances = np.zeros(len(rows))
    for cluster in np.unique(clusters):
        members = clusters == cluster
        inside = rows[members]
        distances[members] = np.linalg.norm(inside - inside.mean(axis=0), axis=1)
    return distances
