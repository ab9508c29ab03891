"""What to ask next."""

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.heads import Head
from ssl_core.labels.store import LabelStore


def fixed_order(dataset: Dataset) -> NDArray[np.int64]:
    """All items outside the test split, shuffled by the fingerprint: (n,), int64.

    The same at every call, so that the place in the queue needs no memory of its own.
    """
    pool = np.flatnonzero(np.asarray(dataset.splits) != TEST)
    generator = np.random.default_rng([int(dataset.manifest.fingerprint[:16], 16), 1])
    return generator.permutation(pool).astype(np.int64)


def asked_heads(store: LabelStore) -> list[Head]:
    """The heads that can be answered: all but those that nobody has named a class of yet.

    The main head alone where that leaves none.
    """
    heads = store.heads()
    return [head for head in heads if head.kind == "regression" or head.classes] or heads[:1]


def complete_items(store: LabelStore) -> NDArray[np.int64]:
    """The items that have all answers: (n,), int64, ascending."""
    items = [store.current(head.name).items for head in asked_heads(store)]
    found, answers = np.unique(np.concatenate(items), return_counts=True)
    return found[answers == len(items)] if len(items) > 1 else items[0]


def next_items(dataset: Dataset, store: LabelStore, limit: int = 40) -> list[int]:
    """The next items to label, at most `limit`: those that have answers to some heads first, then
    those without any, skipped ones last; none that has all answers.

    Skipped items come back in the order in which they were skipped, so skipping one again puts
    it behind all others.
    """
    order, splits = _cached_order(dataset), dataset.splits
    names = [head.name for head in asked_heads(store)]
    skips = [(item, head) for item, head in store.skips_of_heads() if head in names]
    answers = np.zeros(dataset.manifest.count, np.uint8)  # how many heads have one
    for name in names:
        answers[store.current(name).items] += 1
    dealt_with = answers.copy()
    for item, _ in skips:  # a head that was skipped has no answer
        dealt_with[item] += 1
    fresh = order[dealt_with[order] < len(names)]
    if len(names) > 1:
        begun = dealt_with[fresh] > 0
        fresh = np.concatenate([fresh[begun], fresh[~begun]])
    # Of several skips of one item the last one counts: it goes behind all others.
    latest = reversed(dict.fromkeys(item for item, _ in reversed(skips)))
    waiting = [
        item
        for item in latest
        if splits[item] != TEST and answers[item] < dealt_with[item] == len(names)
    ]
    queue: list[int] = fresh[:limit].tolist() + waiting
    return queue[:limit]


_orders: dict[str, NDArray[np.int64]] = {}


def _cached_order(dataset: Dataset) -> NDArray[np.int64]:
    """`fixed_order`, kept for the datasets used last: a million items take 50 ms to shuffle."""
    fingerprint = dataset.manifest.fingerprint
    if fingerprint not in _orders:
        while len(_orders) >= 4:
            _orders.pop(next(iter(_orders)), None)
        _orders[fingerprint] = fixed_order(dataset)
    return _orders[fingerprint]
