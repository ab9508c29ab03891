"""Which items a grid offers, in which order, and a page of them lent to one person."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.lending import lend_only, lent_to_others
from ssl_core.labels.random_order import cached_order
from ssl_core.labels.store import LabelStore

Items = NDArray[np.int64]


@dataclass(frozen=True)
class Page:
    """Some items of a list, without those that other people have now.

    items: (n,), int64, in the order of the list. before: items of the list in front of them that
    nobody else has. after: place in the list where the next page begins; None after the last one.
    free: items of the whole list that nobody else has. elsewhere: those that somebody else has.
    """

    items: Items
    before: int
    after: int | None
    free: int
    elsewhere: int


def offered(
    dataset: Dataset, store: LabelStore, head: str | None = None, person: str | None = None
) -> Items:
    """The items without an answer to a head, the main one for None: (n,), int64, shuffled.

    None of the test split, and none kept aside for the test figure: what is labelled by the score
    or the hundred was put together by a model, and the figure must not be. person: None for
    everybody; items that somebody else has now are left out.
    """
    order = cached_order(dataset)
    lent = others_have(store, person)  # before the answers: who answers gives the loan back
    free = ~dataset.held_out
    free[store.current(head).items] = False
    free[list(lent)] = False
    return order[free[order]]


def others_have(store: LabelStore, person: str | None) -> set[int]:
    """The items that are lent to others than `person` now; none where nobody in particular asks."""
    return lent_to_others(store, person, time.time()) if person else set()


def page_at(items: Items, offset: int, count: int, lent: set[int]) -> Page:
    """At most `count` of `items` (n,) from place `offset` on, without those in `lent`.

    A place counts what others have too, so that a loan that begins or ends moves no page.
    """
    places = np.flatnonzero(~np.isin(items, list(lent)))
    before = int(np.searchsorted(places, offset))
    shown = places[before : before + count]
    more = before + len(shown) < len(places)
    after = int(shown[-1]) + 1 if more and len(shown) else None
    return Page(items[shown], before, after, len(places), len(items) - len(places))


def lent_page(
    store: LabelStore, items: Items, offset: int, count: int, lent: set[int], person: str, most: int
) -> Page:
    """As `page_at`, and the first `most` of the page are lent to `person`, and nothing else is.

    lent: what others had before `items` were looked up.
    """
    page = page_at(items, offset, count, lent)
    # Somebody who asked at the same moment may have been quicker.
    while lost := lend_only(store, page.items[:most].tolist(), person):
        lent = lent | lost
        page = page_at(items, offset, count, lent)
    return page


def share_of(free: Items, lent: set[int]) -> int:
    """How many of `free` (n,) one person takes at most: half of what nobody else has, as of the
    queue, or nothing would be left for the next one."""
    return (page_at(free, 0, 0, lent).free + 1) // 2


def renew(
    dataset: Dataset, store: LabelStore, head: str, items: Sequence[int], person: str
) -> set[int]:
    """Lend a page again, as much as one person takes; returns what of it can no longer be labelled:
    somebody else has it now, or somebody has labelled it."""
    most = share_of(offered(dataset, store, head), others_have(store, person))
    lost = lend_only(store, items[:most], person)
    return lost | (set(items) - set(offered(dataset, store, head, person).tolist()))


def called(
    predicted: NDArray[np.integer],
    confidence: NDArray[np.floating],
    classes: set[int],
    items: Items,
    surest_first: bool = True,
) -> Items:
    """Those of `items` (n,) that a run calls one of `classes`, sorted by its confidence.

    predicted, confidence: (count,). classes: indices into those of the run, several where some
    were merged since.
    """
    found = items[np.isin(predicted[items], sorted(classes))]
    order = np.argsort(-confidence[found], kind="stable")
    return found[order if surest_first else order[::-1]]
