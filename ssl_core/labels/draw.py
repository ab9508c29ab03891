"""Labels made from the reference labels, where the person asks for it."""

import uuid
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import TEST, TRAIN, Dataset
from ssl_core.errors import UserError
from ssl_core.labels.events import LabelEvent, Origin
from ssl_core.labels.store import LabelStore

PERSON = "reference"
BATCH = 5000  # events in one write, so that people who label meanwhile do not wait long


def draw_labels(dataset: Dataset, store: LabelStore, per_class: int, seed: int) -> int:
    """Label `per_class` items of each reference class as a person with perfect eyes would.

    Drawn from the training split in an order fixed by `seed`: the draw for K is contained in the
    draw for K + 1. Items that have a label already keep it. A class with fewer items gives all it
    has. Returns how many labels were added. Raises UserError without reference labels.
    """
    if per_class < 1:
        raise UserError(f"Received {per_class} labels per class. Expected at least 1.")
    if seed < 0:
        raise UserError(f"Received the seed {seed}. Expected 0 or more.")
    reference = np.where(np.asarray(dataset.splits) == TRAIN, dataset.reference_labels, -1)
    _check_any(dataset, reference)
    chosen = [
        np.random.default_rng([seed, index]).permutation(np.flatnonzero(reference == index))
        for index in range(len(dataset.manifest.classes))
    ]
    items = np.concatenate([members[:per_class] for members in chosen])
    return _store_reference(store, items, reference, "drawn")


def adopt_reference_labels(dataset: Dataset, store: LabelStore) -> int:
    """Take the reference labels outside the test split as labels; returns how many were added.

    Items that have a label already keep it. Raises UserError without reference labels.
    """
    reference = np.where(np.asarray(dataset.splits) != TEST, dataset.reference_labels, -1)
    _check_any(dataset, reference)
    return _store_reference(store, np.flatnonzero(reference >= 0), reference, "adopted")


def append_in_batches(store: LabelStore, events: Sequence[LabelEvent]) -> int:
    """Store many events, a batch at a time; returns how many are on disk."""
    batches = (events[start : start + BATCH] for start in range(0, len(events), BATCH))
    return sum(len(store.append(batch)) for batch in batches)


def _store_reference(
    store: LabelStore, items: NDArray[np.int64], reference: NDArray[np.int32], origin: Origin
) -> int:
    """Label `items` (n,) with their `reference` (count,) class, those without a label only."""
    class_of = store.class_table().references
    free = np.sort(items[~np.isin(items, store.current().items)])
    events = [
        LabelEvent(
            event=uuid.uuid4().hex,
            kind="label",
            person=PERSON,
            item=item,
            value=class_of[int(reference[item])],
            origin=origin,
        )
        for item in free.tolist()
    ]
    return append_in_batches(store, events)


def _check_any(dataset: Dataset, reference: NDArray[np.int32]) -> None:
    if not np.any(reference >= 0):
        raise UserError(
            f"The dataset {dataset.manifest.name!r} came without reference labels in its training "
            "split, so none can be taken over. Label some images by hand."
        )
