"""The order in which a strategy asks the items of a dataset, worked out from runs or pixels."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.labels.serving_runs import ServingRun
from ssl_core.labels.strategies import catalogue
from ssl_core.labels.strategies.cluster_rounds import cluster_rounds, distances_from_centres
from ssl_core.labels.strategies.committee import disagreement_scores
from ssl_core.labels.strategies.k_centre import k_centre_order, standardised
from ssl_core.labels.strategies.uncertainty import entropy_scores, margin_scores

CANDIDATES = 4000  # items among which those are sought that are least alike
PICKS = 240  # of those, in one go
CENTRES = 200  # labelled items that they are to be unlike, the newest draw of all
RENEWED_EVERY = 100  # labels, for orders that know what is labelled
SIDE = 8  # pixels: images are thinned to about this where there are no features yet
PIXEL_BYTES = 64 * 2**20  # read at most, for that
_KEPT = 8  # orders

Items = NDArray[np.int64]
Found = TypeVar("Found", bound=np.generic)
_guard = threading.Lock()
_orders: OrderedDict[tuple[str, ...], Items] = OrderedDict()


def order_of(
    dataset: Dataset, strategy: str, runs: Sequence[ServingRun], pool: Items, labelled: Items
) -> Items:
    """Items of `pool`, the one to ask first at the front; kept until something new is known.

    pool: (n,), items in random order. labelled: (m,). runs: what the strategy needs; none for
    `DIVERSITY` by pixels, which is for the time before there is a run.
    """
    renewed = len(labelled) // RENEWED_EVERY if strategy == catalogue.DIVERSITY else 0
    key = (dataset.manifest.fingerprint, strategy, str(renewed), *(run.name for run in runs))
    with _guard:  # of many browsers that ask at once, one works it out
        if key not in _orders:
            _orders[key] = _worked_out(dataset, strategy, runs, pool, labelled)
            if len(_orders) > _KEPT:
                _orders.popitem(last=False)
        _orders.move_to_end(key)
        return _orders[key]


def _worked_out(
    dataset: Dataset, strategy: str, runs: Sequence[ServingRun], pool: Items, labelled: Items
) -> Items:
    if strategy == catalogue.RUNS:
        votes = np.stack([predicted_by(run) for run in runs])
        found = np.stack([_probabilities(run) for run in runs])
        return _by_score(disagreement_scores(votes, found), pool)
    if strategy == catalogue.CLUSTERS:
        return pool[_rounds(runs[0], pool)]
    if strategy == catalogue.DIVERSITY:
        return _least_alike(_features_of(dataset, runs), dataset, pool, labelled)
    scores = {catalogue.MARGIN: margin_scores, catalogue.ENTROPY: entropy_scores}[strategy]
    return _by_score(scores(_probabilities(runs[0])), pool)


def _by_score(scores: NDArray[np.float64], pool: Items) -> Items:
    """The pool, the highest score of (count,) first; equal ones stay in their random order."""
    return pool[np.argsort(-scores[pool], kind="stable")]


def _rounds(run: ServingRun, pool: Items) -> Items:
    clusters = _needed(run.folder.clusters(), run)[pool]
    features = run.folder.embeddings()
    distances = np.zeros(len(pool))
    if features is not None:
        distances = distances_from_centres(features[pool], clusters)
    return cluster_rounds(clusters, distances)


def _features_of(
    dataset: Dataset, runs: Sequence[ServingRun]
) -> Callable[[Items], NDArray[np.floating]]:
    """What gives the features (n, d) of items (n,): those of a run, else thinned pixels."""
    if runs:
        features = _needed(runs[0].folder.embeddings(), runs[0])
        return lambda items: features[items]
    step = max(1, min(dataset.manifest.shape[:2]) // SIDE)
    thinned = dataset.images[:, ::step, ::step]
    return lambda items: thinned[items].reshape(len(items), -1).astype(np.float32)


def _least_alike(
    features_of: Callable[[Items], NDArray[np.floating]],
    dataset: Dataset,
    pool: Items,
    labelled: Items,
) -> Items:
    """A first part of the pool: PICKS items that are least like each other and the labelled."""
    free = pool[~np.isin(pool, labelled)]
    most = max(PICKS, min(CANDIDATES, PIXEL_BYTES // max(1, int(np.prod(dataset.manifest.shape)))))
    generator = np.random.default_rng([int(dataset.manifest.fingerprint[:16], 16), len(labelled)])
    candidates = np.sort(generator.permutation(free)[:most])
    centres = np.sort(generator.permutation(labelled)[:CENTRES])
    rows = standardised(features_of(np.concatenate([centres, candidates])))
    return candidates[k_centre_order(rows[len(centres) :], rows[: len(centres)], PICKS)]


def predicted_by(run: ServingRun) -> NDArray[np.int32]:
    """(count,), int32, index into the classes of the run. Raises UserError where they are gone."""
    return _needed(run.folder.predicted(), run)


def _probabilities(run: ServingRun) -> NDArray[np.float16]:
    return _needed(run.folder.predictions(), run)


def _needed(found: NDArray[Found] | None, run: ServingRun) -> NDArray[Found]:
    if found is None:
        raise UserError(f"The run {run.name!r} was deleted meanwhile. Choose another one.")
    return found
