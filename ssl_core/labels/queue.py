"""What to ask next."""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.heads import Head
from ssl_core.labels.head_table import answerable
from ssl_core.labels.lending import AT_ONCE, lend, lent_to_others
from ssl_core.labels.ordering import Ordering, in_order, ordering_of
from ssl_core.labels.random_order import cached_order
from ssl_core.labels.serving_runs import ServingRun
from ssl_core.labels.store import LabelStore
from ssl_core.labels.strategies.catalogue import PEOPLE, Choice
from ssl_core.labels.unsettled import unsettled


@dataclass(frozen=True)
class Queue:
    """The next items, and why these."""

    items: list[int]
    asked_again: dict[int, str]  # item -> why, of those in front that may have an answer already
    ordering: Ordering
    runs: list[ServingRun]  # that could serve a strategy, newest first
    elsewhere: int  # items without all answers that other people have now


def asked_heads(store: LabelStore) -> list[Head]:
    """The heads that every item waits for: those that can be answered."""
    return answerable(store.heads())


def complete_items(store: LabelStore) -> NDArray[np.int64]:
    """The items that have all answers: (n,), int64, ascending."""
    items = [store.current(head.name).items for head in asked_heads(store)]
    return np.flatnonzero(np.bincount(np.concatenate(items)) == len(items)).astype(np.int64)


def next_items(
    dataset: Dataset, store: LabelStore, limit: int = 40, person: str | None = None
) -> list[int]:
    """The next items to label, at most `limit`: `queue_for` without the reasons."""
    return queue_for(dataset, store, limit, person).items


def lent_queue(dataset: Dataset, store: LabelStore, limit: int, person: str) -> Queue:
    """`queue_for` a person, with its first items lent to them for five minutes."""
    queue = queue_for(dataset, store, max(limit, 2 * AT_ONCE), person)
    # Of the last few items one person takes half, or nothing would be left for the next one.
    count = min(AT_ONCE, (len(queue.items) + 1) // 2)
    taken = lend(store, queue.items[:count], person)
    queue.items[:] = [item for item in queue.items if item not in taken][:limit]
    return queue


def queue_for(
    dataset: Dataset,
    store: LabelStore,
    limit: int,
    person: str | None = None,
    choice: Choice | None = None,
) -> Queue:
    """At most `limit` items: those that were sent or are to be settled first, then those that have
    answers to some heads, then those without any as the strategy has them, skipped ones last.

    person: None for everybody; items that somebody else has now are left out. choice: None for
    that of the dataset. Skipped items come back in the order in which they were skipped, so
    skipping one again puts it behind all others.
    """
    names = [head.name for head in asked_heads(store)]
    # Before the answers: who answers gives the loan back, and must not be seen with neither.
    lent = lent_to_others(store, person, time.time()) if person else set()
    dealt_with, waiting = _progress(dataset, store, names)
    ordering, runs = ordering_of(dataset, store, choice)
    again = {item: why for item, why in _asked_again(store, ordering).items() if item not in lent}
    order = cached_order(dataset)
    fresh = order[dealt_with[order] < len(names)]
    place = len(order) - len(fresh)
    out = np.zeros(dataset.manifest.count, np.bool_)
    out[list(lent)] = True
    out[list(again)] = True
    fresh = fresh[~out[fresh]]
    begun = dealt_with[fresh] > 0
    front = [*again, *fresh[begun][:limit].tolist()]
    wanted = max(0, limit - len(front))
    items = front + in_order(dataset, store, ordering, fresh[~begun], place, wanted)
    items += [item for item in waiting if not out[item]]
    elsewhere = sum(1 for item in lent if dealt_with[item] < len(names))
    return Queue(items[:limit], again, ordering, runs, elsewhere)


def _progress(
    dataset: Dataset, store: LabelStore, names: list[str]
) -> tuple[NDArray[np.uint8], list[int]]:
    """How many of the heads `names` are answered or were skipped, (count,), and the items that wait
    behind all others, because all that is open of them was skipped."""
    skips = [(item, head) for item, head in store.skips_of_heads() if head in names]
    answers = np.zeros(dataset.manifest.count, np.uint8)
    for name in names:
        answers[store.current(name).items] += 1
    dealt_with = answers.copy()
    for item, _ in skips:  # a head that was skipped has no answer
        dealt_with[item] += 1
    # Of several skips of one item the last one counts: it goes behind all others.
    latest = list(dict.fromkeys(item for item, _ in reversed(skips)))[::-1]
    waiting = [
        item
        for item in latest
        if dataset.splits[item] != TEST and answers[item] < dealt_with[item] == len(names)
    ]
    return dealt_with, waiting


def _asked_again(store: LabelStore, ordering: Ordering) -> dict[int, str]:
    """Item -> why it is asked before all others, although it may have an answer."""
    found = store.sent_items()
    if ordering.strategy.name == PEOPLE:
        found |= {item: "people disagree" for item in unsettled(store) if item not in found}
    return found
