"""Labels chosen for a run in place of all there are, and an order to choose them in."""

from datetime import UTC, datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from ssl_core.datasets.dataset import TEST, TRAIN, Dataset
from ssl_core.errors import UserError
from ssl_core.labels.reference import reference_indices
from ssl_core.labels.snapshot import UsableHead, UsableLabels, usable_labels
from ssl_core.labels.store import LabelStore

LabelKind = Literal["reference", "hand"]
MOST_LABELS = 100_000_000  # more than any dataset has


class GivenLabels(BaseModel):
    """Items whose labels a run is given, for the main head alone, in the order they were chosen in.

    reference: with the labels that came with the data, as if a person had given them. hand: with
    the labels of the store.
    """

    model_config = ConfigDict(frozen=True)
    kind: LabelKind
    items: tuple[int, ...]
    title: str  # where they come from, for a person: "reference labels, draw 2"


def given_labels(dataset: Dataset, store: LabelStore, given: GivenLabels) -> UsableLabels:
    """The labels of these items, as far as they are known and outside the test split."""
    everything = usable_labels(dataset, store)
    if given.kind == "reference":
        known = _reference(dataset, store, everything)
        items = np.unique(np.array(given.items, np.int64))
        items = items[(known[items] >= 0) & (np.asarray(dataset.splits)[items] != TEST)]
        main = UsableHead(everything.main.head, items, known[items])
        # No label event is in it: labels that people gave are still to be trained on.
        return UsableLabels(
            main,
            (),
            dataset.held_out,
            0,
            datetime.now(UTC),
            source=given.title,
            order=_order(given, items),
            reference=True,
        )
    chosen = np.isin(everything.main.items, np.array(given.items, np.int64))
    main = UsableHead(
        everything.main.head, everything.main.items[chosen], everything.main.values[chosen]
    )
    return UsableLabels(
        main,
        (),
        dataset.held_out,
        everything.last_event,
        everything.taken,
        source=given.title,
        order=_order(given, main.items),
    )


def _order(given: GivenLabels, items: NDArray[np.int64]) -> NDArray[np.int64]:
    """`items` (n,) as they were chosen one after the other; one chosen twice counts once."""
    chosen = np.array(tuple(dict.fromkeys(given.items)), np.int64)
    return chosen[np.isin(chosen, items)]


def label_order(
    dataset: Dataset, store: LabelStore, kind: LabelKind, draw: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Items (n,) in the order in which labels are chosen, and those held out (m,), both int64.

    reference: of the training split, classes taking turns, in an order fixed by `draw`. hand: as
    people gave them, the oldest first, whatever `draw` is. A run on the first of them is given the
    held-out ones beside: they cost no training label, since it never trains on them.
    """
    if kind == "hand":
        usable = usable_labels(dataset, store).main.items
        given = [label.item for label in store.recent(MOST_LABELS)]
        order = np.array(given[::-1], np.int64)
        order = order[np.isin(order, usable)]
    else:
        known = _reference(dataset, store, usable_labels(dataset, store))
        inside = np.flatnonzero((known >= 0) & (np.asarray(dataset.splits) == TRAIN))
        order = in_turns(inside.astype(np.int64), known[inside], draw)
    held_out = dataset.held_out[order]
    return order[~held_out], np.sort(order[held_out])


def in_turns(items: NDArray[np.int64], classes: NDArray[np.int32], draw: int) -> NDArray[np.int64]:
    """`items` (n,) so that their `classes` (n,) take turns: one of each, then another of each.

    Within a class and within a turn the order is drawn by `draw`; a class with fewer items drops
    out once it has given all.
    """
    drawn = np.random.default_rng([draw, 0]).permutation(len(items))
    items, classes = items[drawn], classes[drawn]
    turn = np.empty(len(items), np.int64)
    for name in np.unique(classes):
        members = np.flatnonzero(classes == name)
        turn[members] = np.arange(len(members))
    return items[np.argsort(turn, kind="stable")]


def _reference(dataset: Dataset, store: LabelStore, everything: UsableLabels) -> NDArray[np.int32]:
    """(count,), int32: reference label of the main head, index into its classes, -1 unknown."""
    head = everything.main.head
    if head.kind == "regression":
        raise UserError(
            f"The first question {head.title!r} is answered with numbers. Expected one with "
            "classes first."
        )
    return reference_indices(dataset, store, head.classes, head.name)
