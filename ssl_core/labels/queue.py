"""What to ask next."""

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.labels.store import LabelStore


def fixed_order(dataset: Dataset) -> NDArray[np.int64]:
    """All items outside the test split, shuffled by the fingerprint: (n,), int64.

    The same at every call, so that the place in the queue needs no memory of its own.
    """
    pool = np.flatnonzero(np.asarray(dataset.splits) != TEST)
    generator = np.random.default_rng([int(dataset.manifest.fingerprint[:16], 16), 1])
    return generator.permutation(pool).astype(np.int64)


def next_items(dataset: Dataset, store: LabelStore, limit: int = 40) -> list[int]:
    """The next items to label, at most `limit`: none that has a label, skipped ones last.

    Skipped items come back in the order in which they were skipped, so skipping one again puts
    it behind all others.
    """
    order = _cached_order(dataset)
    skips = store.skips()
    taken = np.zeros(dataset.manifest.count, dtype=bool)
    taken[store.current().items] = True
    in_pool = np.zeros(dataset.manifest.count, dtype=bool)
    in_pool[order] = True
    waiting = [item for item in skips if in_pool[item] and not taken[item]]
    taken[skips] = True
    fresh: list[int] = order[~taken[order]][:limit].tolist()
    return (fresh + waiting)[:limit]


_orders: dict[str, NDArray[np.int64]] = {}


def _cached_order(dataset: Dataset) -> NDArray[np.int64]:
    """`fixed_order`, kept for the datasets used last: a million items take 50 ms to shuffle."""
    fingerprint = dataset.manifest.fingerprint
    if fingerprint not in _orders:
        while len(_orders) >= 4:
            _orders.pop(next(iter(_orders)), None)
        _orders[fingerprint] = fixed_order(dataset)
    return _orders[fingerprint]
