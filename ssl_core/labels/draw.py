"""Labels made from the reference labels, where the person asks for it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import TEST, TRAIN, Dataset
from ssl_core.errors import UserError
from ssl_core.heads import Head
from ssl_core.labels.events import LabelEvent, Origin, new_label
from ssl_core.labels.reference import Answers, reference_answers
from ssl_core.labels.store import LabelStore

PERSON = "reference"
BATCH = 5000  # events in one write, so that people who label meanwhile do not wait long


def draw_labels(
    dataset: Dataset, store: LabelStore, per_class: int, seed: int, head: str | None = None
) -> int:
    """Label `per_class` items of each reference class as a person with perfect eyes would.

    Drawn from the training split in an order fixed by `seed`: the draw for K is contained in the
    draw for K + 1. Items that have a label already keep it. A class with fewer items gives all it
    has; of a regression head, which has no classes, `per_class` items are drawn in all. Returns
    how many labels were added. Raises UserError without reference labels.
    """
    if per_class < 1:
        raise UserError(f"Received {per_class} labels per class. Expected at least 1.")
    if seed < 0:
        raise UserError(f"Received the seed {seed}. Expected 0 or more.")
    asked = store.head(head)
    reference = reference_answers(dataset, asked)
    known = _known(dataset, asked, reference, np.asarray(dataset.splits) == TRAIN)
    groups = np.zeros(len(known)) if asked.kind == "regression" else reference[known]
    chosen = [
        np.random.default_rng([seed, int(group)]).permutation(known[groups == group])[:per_class]
        for group in np.unique(groups)
    ]
    return _store_reference(store, asked, np.concatenate(chosen), reference, "drawn")


def adopt_reference_labels(dataset: Dataset, store: LabelStore, head: str | None = None) -> int:
    """Take the reference labels outside the test split as labels; returns how many were added.

    Items that have a label already keep it. Raises UserError without reference labels.
    """
    asked = store.head(head)
    reference = reference_answers(dataset, asked)
    known = _known(dataset, asked, reference, np.asarray(dataset.splits) != TEST)
    return _store_reference(store, asked, known, reference, "adopted")


def append_in_batches(store: LabelStore, events: Sequence[LabelEvent]) -> int:
    """Store many events, a batch at a time; returns how many are on disk."""
    batches = (events[start : start + BATCH] for start in range(0, len(events), BATCH))
    return sum(len(store.append(batch)) for batch in batches)


def _known(
    dataset: Dataset, head: Head, reference: Answers, inside: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """The items `inside` (count,) a split that have a reference answer. Raises UserError."""
    # NaN is no answer to a regression head, and -1 none to another one.
    has_one = np.isfinite(reference) if head.kind == "regression" else np.greater(reference, -1)
    items = np.flatnonzero(has_one & inside)
    if not len(items):
        raise UserError(
            f"The dataset {dataset.manifest.name!r} came without reference labels of "
            f"{head.title!r} in its training split, so none can be taken over. Label some "
            f"{dataset.manifest.noun_plural} by hand."
        )
    return items


def _store_reference(
    store: LabelStore, head: Head, items: NDArray[np.int64], reference: Answers, origin: Origin
) -> int:
    """Label `items` (n,) with their `reference` (count,) answer, those without a label only."""
    class_of = store.class_table(head.name).references
    free = np.sort(items[~np.isin(items, store.current(head.name).items)])
    events = [
        new_label(
            item,
            float(answer) if head.kind == "regression" else class_of[int(answer)],
            head=head.name,
            person=PERSON,
            origin=origin,
        )
        for item, answer in zip(free.tolist(), reference[free].tolist(), strict=True)
    ]
    return append_in_batches(store, events)
