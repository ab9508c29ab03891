"""Reference labels, said in the classes that a run learns."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import REFERENCES, Dataset
from ssl_core.errors import UserError
from ssl_core.heads import Head
from ssl_core.labels.store import LabelStore
from ssl_core.runs.request import TrainedClass, TrainedHead

Answers = NDArray[np.int32] | NDArray[np.float64]


def reference_file(dataset: Dataset, head: str) -> Path:
    """Where the reference answers to a head after the first lie."""
    return dataset.folder / REFERENCES / f"{head}.npy"


def came_with_answers(dataset: Dataset, head: Head) -> bool:
    """Whether there are reference answers to `head`, without reading them."""
    if head.name == dataset.manifest.all_heads[0].name:
        return bool(dataset.manifest.classes)
    return reference_file(dataset, head.name).is_file()


def reference_answers(dataset: Dataset, head: Head) -> Answers:
    """(count,): the reference answers to `head` as they are stored, one for every item.

    int32 index into the classes that the head came with, -1 = none; of a regression head float64
    in its unit, NaN = none. A head that a person added has those that `add_derived_head` wrote, or
    none at all. Raises UserError where the file is damaged.
    """
    if head.name in [known.name for known in dataset.manifest.all_heads]:
        return dataset.reference_of(head.name)
    count = dataset.manifest.count
    file = reference_file(dataset, head.name)
    if not file.exists():
        return np.full(count, np.nan) if head.kind == "regression" else np.full(count, -1, np.int32)
    try:
        answers: Answers = np.load(file, mmap_mode="r", allow_pickle=False)
        if len(answers) != count:
            raise ValueError(f"it holds {len(answers)} items, expected {count}")
    except (OSError, ValueError) as error:
        raise UserError(
            f"The reference answers to {head.title!r} cannot be read: {error}. Put the file "
            f"{REFERENCES}/{head.name}.npy back from a copy, or delete it."
        ) from error
    return answers


def reference_indices(
    dataset: Dataset,
    store: LabelStore,
    classes: Sequence[TrainedClass],
    head: str | None = None,
) -> NDArray[np.int32]:
    """(count,), int32: reference label of every item as an index into `classes`; -1 unknown.

    head: its name, None for the main one; it has classes. A reference class follows the merges of
    the schema until it meets a class that the run learns, so a run from before a merge keeps its
    own answer.
    """
    table = store.class_table(head)
    answers = np.asarray(reference_answers(dataset, store.head(head)), np.int32)
    index_of = {trained.identifier: index for index, trained in enumerate(classes)}
    most = max([*table.references, int(answers.max(initial=-1))], default=-1)
    lookup = np.full(most + 2, -1, dtype=np.int32)  # its last place: no reference
    for reference, first in table.references.items():
        identifier: int | None = first
        while identifier is not None and identifier not in index_of:
            identifier = table.merged.get(identifier)
        if identifier is not None:
            lookup[reference] = index_of[identifier]
    indices: NDArray[np.int32] = lookup[answers]
    return indices


def reference_values(dataset: Dataset, store: LabelStore, head: TrainedHead) -> Answers:
    """(count,): the reference answer of every item as a run that learns `head` would give it.

    int32 index into the classes of the head, -1 unknown; of a regression head float64, NaN unknown.
    """
    if head.kind == "regression":
        return reference_answers(dataset, store.head(head.name))
    return reference_indices(dataset, store, head.classes, head.name)
