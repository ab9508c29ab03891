"""Clusters of a run, to be named whole: who is inside, surest first; halves; how pure they are.

Pure functions of arrays: a cluster is an array of items, indices into the dataset.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssl_core.stats import wilson_interval

CHECKED = 20  # items of a spot check
_FITTED = 20_000  # rows that k-means is fitted on; the others are assigned to the nearest centre
_SEED = 1  # the same clusters at every look, since a name of a cluster must keep its meaning
HALVES = "ab"

Items = NDArray[np.int64]


@dataclass(frozen=True)
class Cluster:
    """A cluster, or a part of one that was split.

    name: "3", its larger half "3a", the smaller half of that "3ab". items: (n,), int64, the surest
    first. scores: (n,), float32, descending; a probability where the run has one, else minus the
    distance from the middle.
    """

    name: str
    items: Items
    scores: NDArray[np.float32]


@dataclass(frozen=True)
class Purity:
    """Share of a cluster that belongs to it, estimated from a spot check; 95 % Wilson interval."""

    share: float
    low: float
    high: float


def clusters_of(
    groups: NDArray[np.integer], scores: NDArray[np.floating], pool: Items
) -> list[Cluster]:
    """The clusters that hold items of `pool` (n,), the largest first.

    groups, scores: (count,), of every item of the dataset.
    """
    inside = groups[pool]
    found = []
    for number in np.unique(inside[inside >= 0]).tolist():
        items = pool[inside == number]
        found.append(_sorted(str(number), items, scores[items]))
    return sorted(found, key=lambda cluster: -len(cluster.items))


def alike(embeddings: NDArray[np.float32], number: int) -> NDArray[np.int64]:
    """`number` groups of items that lie together, by k-means: (count,), int64.

    embeddings: (count, d), float32, finite. The start is k-means++ (Arthur and Vassilvitskii
    2007) from a fixed seed. A group may be empty.
    """
    from scipy.cluster.vq import kmeans2, vq

    generator = np.random.default_rng(_SEED)
    rows = embeddings
    if len(rows) > _FITTED:
        rows = rows[np.sort(generator.choice(len(rows), _FITTED, replace=False))]
    number = max(1, min(number, len(np.unique(rows, axis=0))))
    centres, _ = kmeans2(rows, number, minit="++", seed=generator, missing="warn")
    nearest, _ = vq(embeddings, centres)
    return np.asarray(nearest, np.int64)


def closeness(embeddings: NDArray[np.float32], groups: NDArray[np.integer]) -> NDArray[np.float32]:
    """Minus the distance of each item from the middle of its group: (count,), float32, at most 0.

    embeddings: (count, d). groups: (count,).
    """
    scores = np.zeros(len(embeddings), np.float32)
    for number in np.unique(groups).tolist():
        inside = np.flatnonzero(groups == number)
        middle = embeddings[inside].mean(axis=0)
        scores[inside] = -np.linalg.norm(embeddings[inside] - middle, axis=1)
    return scores


def split(cluster: Cluster, embeddings: NDArray[np.float32]) -> list[Cluster]:
    """The halves of a cluster by 2-means on its items alone, the larger one first.

    embeddings: (count, d), of every item of the dataset. Only the cluster itself where its items
    are all the same there.
    """
    own = embeddings[cluster.items]
    sides = alike(own, 2)
    if sides.min() == sides.max():
        return [cluster]
    halves = sorted((sides == side for side in (0, 1)), key=lambda half: -int(half.sum()))
    return [
        Cluster(cluster.name + letter, cluster.items[half], cluster.scores[half])
        for letter, half in zip(HALVES, halves, strict=True)
    ]


def spot_check(items: Items, number: int = CHECKED) -> Items:
    """`number` of `items` (n,) at random, all of them where there are fewer; new at every call."""
    return np.random.default_rng().permutation(items)[:number]


def purity(wrong: int, checked: int) -> Purity:
    """What a spot check of `checked` random items says, `wrong` of which do not belong.

    Raises ValueError for counts that cannot be.
    """
    low, high = wilson_interval(checked - wrong, checked)
    return Purity((checked - wrong) / checked if checked else 0.0, low, high)


def _sorted(name: str, items: Items, scores: NDArray[np.floating]) -> Cluster:
    order = np.argsort(-scores, kind="stable")
    return Cluster(name, items[order], np.asarray(scores[order], np.float32))
