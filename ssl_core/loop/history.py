"""The finished trainings of a loop, all measured on the same items."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.errors import UserError
from ssl_core.labels.class_table import ClassTable
from ssl_core.labels.reference import reference_indices
from ssl_core.labels.store import LabelStore
from ssl_core.loop.advice import Training
from ssl_core.loop.answers import RunAnswers, run_answers
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.request import TrainedClass
from ssl_core.stats import wilson_interval

HAND, REFERENCE = "held-out labels", "reference labels of the test split"


@dataclass(frozen=True)
class Truth:
    """What accuracies are counted on; no training of the dataset may learn from these items.

    items: (n,), int64. classes: (n,), int32, identifiers. source: where they come from.
    """

    items: NDArray[np.int64]
    classes: NDArray[np.int32]
    source: str

    @property
    def key(self) -> int:
        """Another number where the truth is another."""
        return hash((self.items.tobytes(), self.classes.tobytes()))


def truth_of(dataset: Dataset, store: LabelStore) -> Truth:
    """The test split with its reference labels, else the labels of now that are held out."""
    tested = np.asarray(dataset.splits) == TEST
    if np.any(tested):
        live = [
            TrainedClass(identifier=one.identifier, name=one.name, colour=one.colour)
            for one in store.classes()
        ]
        known = reference_indices(dataset, store, live)
        items = np.flatnonzero(tested & (known >= 0)).astype(np.int64)
        identifiers = np.array([one.identifier for one in live], np.int32)
        return Truth(items, identifiers[known[items]], REFERENCE)
    current = store.current()
    kept = dataset.held_out[current.items]
    return Truth(current.items[kept], current.values[kept].astype(np.int32), HAND)


def pool_of(dataset: Dataset) -> NDArray[np.int64]:
    """(n,), int64: the items that can be trained on, labelled or not."""
    outside = (np.asarray(dataset.splits) == TEST) | dataset.held_out
    return np.flatnonzero(~outside).astype(np.int64)


def trainings(
    dataset: Dataset, table: ClassTable, truth: Truth, folders: Sequence[RunFolder]
) -> list[Training]:
    """The figures of finished runs. folders: the oldest first; those without answers are left out.

    All are counted on the truth of now, so that two points differ by the training alone. Of
    trainings on the very same labels the newest stands for all: that they agree says nothing of
    what labels bring.
    """
    pool = pool_of(dataset)
    earlier: RunAnswers | None = None  # of the training before the last one found
    before: RunAnswers | None = None
    found: list[Training] = []
    last = -1
    for folder in folders:
        try:
            answers = run_answers(folder, table)
        except UserError:
            answers = None
        if answers is None or len(answers.classes) != dataset.manifest.count:
            continue
        heard = folder.request().labels.last_event
        if found and heard == last:
            found.pop()
            before = earlier
        found.append(_training(folder, answers, before, truth, pool))
        earlier, before, last = before, answers, heard
    return found


def _training(
    folder: RunFolder,
    answers: RunAnswers,
    before: RunAnswers | None,
    truth: Truth,
    pool: NDArray[np.int64],
) -> Training:
    labels = sum(folder.request().labels.per_class.values())
    changed = None
    if before is not None and len(pool):
        changed = float(np.mean(answers.classes[pool] != before.classes[pool]))
    count = len(truth.items)
    if not count:
        return Training(folder.run, labels, changed=changed)
    right = int(np.count_nonzero(answers.classes[truth.items] == truth.classes))
    low, high = wilson_interval(right, count)
    return Training(folder.run, labels, right / count, low, high, count, changed)


def changed_items(dataset: Dataset, before: RunAnswers, after: RunAnswers, limit: int) -> list[int]:
    """Items of the pool that `after` answers otherwise than `before`, the surest answers first."""
    pool = pool_of(dataset)
    moved = pool[after.classes[pool] != before.classes[pool]]
    order = np.argsort(-after.confidence[moved], kind="stable")[:limit]
    chosen: list[int] = moved[order].tolist()
    return chosen
