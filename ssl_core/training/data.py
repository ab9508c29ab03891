"""What a run may see: the items, the labels of its snapshot, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.errors import UserError
from ssl_core.methods.base import Column, HeadTask, Task
from ssl_core.runs.request import RunRequest, TrainedHead

TRAIN_ROLE, VALIDATION_ROLE, HELD_OUT_ROLE = range(3)


@dataclass(frozen=True)
class LabelledItems:
    """Items with their answers."""

    items: NDArray[np.int64]  # (n,)
    values: NDArray  # (n,), int32 index into the classes, or float32 in the unit of the head

    def __len__(self) -> int:
        return len(self.items)


NO_ITEMS = LabelledItems(np.empty(0, np.int64), np.empty(0, np.int32))


@dataclass(frozen=True)
class HeadLabels:
    """The labels of one head after the first."""

    labels: NDArray  # (count,), int32 with -1, or float32 with NaN where none is trained on
    validation: LabelledItems
    held_out: LabelledItems


@dataclass(frozen=True)
class TrainingData:
    """The arrays of one run. Labels that training must not see are not in `labels`."""

    inputs: NDArray  # (count, height, width, channels) uint8, or (count, length) int32 tokens
    labels: NDArray[np.int32]  # main head, (count,), -1 wherever there is no label to train on
    labelled: NDArray[np.int64]  # (n,), items with a label to train on, of any head
    pool: NDArray[np.int64]  # (m,), all items that may be looked at without a label
    validation: LabelledItems
    held_out: LabelledItems
    numeric: NDArray[np.float32] | None = None  # (count, columns), without gaps
    columns: tuple[Column, ...] = ()  # of `numeric`
    others: Mapping[str, HeadLabels] = field(default_factory=dict)  # heads after the first


def as_network_input(inputs: NDArray) -> NDArray:
    """Images as float32 in [0, 1]; tokens as they are."""
    return inputs.astype(np.float32) / 255.0 if inputs.dtype == np.uint8 else inputs


def evenly(items: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """At most `most` of `items`, evenly spread, in their order."""
    if len(items) == 0:
        return items
    return items[np.unique(np.linspace(0, len(items) - 1, most).astype(np.int64))]


def training_data(
    dataset: Dataset,
    snapshot: Mapping[str, NDArray],
    inputs: NDArray,
    heads: tuple[TrainedHead, ...] = (),
) -> TrainingData:
    """Divide a snapshot by role.

    snapshot: the arrays of labels.npz. inputs: what `TrainingData.inputs` holds. heads: those of
    the run; the first is the main one. The pool is the training and the unlabelled split without
    validation and held-out items; labelled ones are in it, as in FixMatch. Raises UserError where
    an item does not exist.
    """
    labels, validation, held_out = _by_role(dataset, snapshot, "", np.int32(-1))
    others = {}
    for head in heads[1:]:
        nothing = np.float32(np.nan) if head.kind == "regression" else np.int32(-1)
        others[head.name] = HeadLabels(*_by_role(dataset, snapshot, f"{head.name}/", nothing))
    usable = np.asarray(dataset.splits != TEST) & ~dataset.held_out
    answered = labels >= 0
    for part in (validation, *(other.validation for other in others.values())):
        usable[part.items] = False
    for other in others.values():
        answered |= known_labels(other.labels)
    labelled, pool = np.flatnonzero(answered), np.flatnonzero(usable)
    columns = _columns(dataset, np.union1d(pool, labelled))
    return TrainingData(
        inputs=inputs,
        labels=labels,
        labelled=labelled.astype(np.int64),
        pool=pool.astype(np.int64),
        validation=validation,
        held_out=held_out,
        numeric=_without_gaps(dataset.numeric, columns),
        columns=columns,
        others=others,
    )


def known_labels(labels: NDArray) -> NDArray[np.bool_]:
    """Where there is a label: not -1, not NaN."""
    return np.isfinite(labels) if labels.dtype.kind == "f" else labels >= 0


def _by_role(
    dataset: Dataset, snapshot: Mapping[str, NDArray], prefix: str, nothing: np.generic
) -> tuple[NDArray, LabelledItems, LabelledItems]:
    """Training labels of every item, validation and held-out answers of one head."""
    count = dataset.manifest.count
    items = np.asarray(snapshot[f"{prefix}items"], np.int64)
    values = np.asarray(snapshot[f"{prefix}values"], nothing.dtype)
    roles = np.asarray(snapshot[f"{prefix}roles"], np.uint8)
    if len(items) and (items.min() < 0 or items.max() >= count):
        raise UserError(
            f"The labels of this run name item {items.max()}, but the dataset "
            f"{dataset.manifest.name!r} has {count}. Start a new run with the labels of now."
        )
    labels = np.full(count, nothing)
    labels[items[roles == TRAIN_ROLE]] = values[roles == TRAIN_ROLE]
    parts = [
        LabelledItems(items[roles == role], values[roles == role])
        for role in (VALIDATION_ROLE, HELD_OUT_ROLE)
    ]
    return labels, parts[0], parts[1]


def _columns(dataset: Dataset, trained: NDArray[np.int64]) -> tuple[Column, ...]:
    """The columns of numbers, with the mean and the deviation of those that are known.

    trained: the items that count; mean 0 and deviation 1 where none of them has a number.
    """
    if dataset.numeric is None:
        return ()
    seen = np.asarray(dataset.numeric[trained], np.float64)
    known = np.isfinite(seen)
    counts = np.maximum(1, known.sum(axis=0))
    means = np.where(known, seen, 0.0).sum(axis=0) / counts
    squares = np.square(np.where(known, seen - means, 0.0)).sum(axis=0)
    found = zip(dataset.manifest.columns, means, np.sqrt(squares / counts), strict=True)
    return tuple(
        Column(name, float(mean), float(deviation) or 1.0) for name, mean, deviation in found
    )


def _without_gaps(
    numeric: NDArray[np.float32] | None, columns: tuple[Column, ...]
) -> NDArray[np.float32] | None:
    """(count, columns) with the mean of the column where a number is missing."""
    if numeric is None:
        return None
    means = np.array([column.mean for column in columns], np.float32)
    return np.where(np.isfinite(numeric), numeric, means)


def task_of(dataset: Dataset, request: RunRequest, data: TrainingData, vocabulary: int) -> Task:
    """What the model of a run is built for. vocabulary: tokens, 0 for images."""
    heads = request.all_heads if request.classes else ()
    return Task(
        item_shape=tuple(data.inputs.shape[1:]),
        heads=tuple(_head_task(head, data) for head in heads),
        columns=data.columns,
        vocabulary=vocabulary,
        count=dataset.manifest.count,
    )


def _head_task(head: TrainedHead, data: TrainingData) -> HeadTask:
    if head.kind != "regression":
        return HeadTask(head.name, head.kind, len(head.classes))
    labels = data.others[head.name].labels
    answers = labels[known_labels(labels)]
    deviation = float(answers.std()) if len(answers) else 0.0
    mean = float(answers.mean()) if len(answers) else 0.0
    return HeadTask(head.name, head.kind, mean=mean, deviation=deviation or 1.0)
