"""Reference labels, said in the classes that a run learns."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.store import LabelStore
from ssl_core.runs.request import TrainedClass


def reference_indices(
    dataset: Dataset, store: LabelStore, classes: Sequence[TrainedClass]
) -> NDArray[np.int32]:
    """(count,), int32: reference label of every item as an index into `classes`; -1 unknown.

    A reference class follows the merges of the schema until it meets a class that the run learns,
    so a run from before a merge keeps its own answer.
    """
    table = store.class_table()
    index_of = {trained.identifier: index for index, trained in enumerate(classes)}
    lookup = np.full(len(dataset.manifest.classes) + 1, -1, dtype=np.int32)  # last: no reference
    for reference, first in table.references.items():
        identifier: int | None = first
        while identifier is not None and identifier not in index_of:
            identifier = table.merged.get(identifier)
        if identifier is not None:
            lookup[reference] = index_of[identifier]
    indices: NDArray[np.int32] = lookup[np.asarray(dataset.reference_labels)]
    return indices
