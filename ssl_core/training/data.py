"""What a run may see: the images, the labels of its snapshot, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.errors import UserError

TRAIN_ROLE, VALIDATION_ROLE, HELD_OUT_ROLE = range(3)


@dataclass(frozen=True)
class LabelledItems:
    """Items with the index of their class."""

    items: NDArray[np.int64]  # (n,)
    values: NDArray[np.int32]  # (n,), index into the classes of the run

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True)
class TrainingData:
    """The arrays of one run. Labels that training must not see are not in `labels`."""

    images: NDArray[np.uint8]  # (count, height, width, channels), memory-mapped
    labels: NDArray[np.int32]  # (count,), -1 wherever there is no label to train on
    labelled: NDArray[np.int64]  # (n,), items with a label to train on
    pool: NDArray[np.int64]  # (m,), all items that may be looked at without a label
    validation: LabelledItems
    held_out: LabelledItems


def training_data(dataset: Dataset, snapshot: Mapping[str, NDArray]) -> TrainingData:
    """Divide a snapshot by role.

    snapshot: `items` (n,), `values` (n,), `roles` (n,) as in labels.npz. The pool is the training
    and the unlabelled split without validation and held-out items; labelled ones are in it, as
    in FixMatch. Raises UserError where an item does not exist.
    """
    items = np.asarray(snapshot["items"], np.int64)
    values = np.asarray(snapshot["values"], np.int32)
    roles = np.asarray(snapshot["roles"], np.uint8)
    count = dataset.manifest.count
    if len(items) and (items.min() < 0 or items.max() >= count):
        raise UserError(
            f"The labels of this run name item {items.max()}, but the dataset "
            f"{dataset.manifest.name!r} has {count}. Start a new run with the labels of now."
        )
    train = roles == TRAIN_ROLE
    labels = np.full(count, -1, np.int32)
    labels[items[train]] = values[train]
    usable = np.asarray(dataset.splits != TEST) & ~dataset.held_out
    usable[items[~train]] = False
    return TrainingData(
        images=dataset.images,
        labels=labels,
        labelled=np.sort(items[train]),
        pool=np.flatnonzero(usable).astype(np.int64),
        validation=_of_role(items, values, roles, VALIDATION_ROLE),
        held_out=_of_role(items, values, roles, HELD_OUT_ROLE),
    )


def _of_role(items: NDArray, values: NDArray, roles: NDArray, role: int) -> LabelledItems:
    chosen = roles == role
    return LabelledItems(items[chosen], values[chosen])
