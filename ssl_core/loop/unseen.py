"""Labels against what a training that had not seen them said."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssl_core.labels.latest import latest_answers
from ssl_core.labels.snapshot import TRAIN_ROLE
from ssl_core.labels.store import LabelStore
from ssl_core.loop.answers import run_answers
from ssl_core.runs.folder import RunFolder

LAST = 10


@dataclass(frozen=True)
class Said:
    """One label, and what the newest training from before it had said of the item.

    given, said: identifiers of classes; said: -1 for no answer. confidence: of what was said.
    """

    item: int
    given: int
    said: int
    confidence: float

    @property
    def agrees(self) -> bool:
        return self.given == self.said


def last_labels_said(
    store: LabelStore, folders: Sequence[RunFolder], limit: int = LAST
) -> list[Said]:
    """The last labels, newest first, those of which a training had not heard when it began.

    folders: finished runs, the newest first. Labels from before the first training are left out.
    """
    heard: dict[str, int] = {}  # run -> number in the log up to which it has seen labels
    table, found = store.class_table(), []
    for label in latest_answers(store, limit=limit):
        folder = next((one for one in folders if _heard(heard, one) < label.sequence), None)
        answers = None if folder is None else run_answers(folder, table)
        if answers is not None and label.item < len(answers.classes):
            said = int(answers.classes[label.item])
            sure = float(answers.confidence[label.item])
            found.append(Said(label.item, label.value, said, sure))
    return found


def _heard(known: dict[str, int], folder: RunFolder) -> int:
    """Read once a run, and only of the runs that are asked for."""
    if folder.run not in known:
        known[folder.run] = folder.request().labels.last_event
    return known[folder.run]


def unseen_labels(store: LabelStore, folder: RunFolder) -> NDArray[np.int64]:
    """(n, 2), int64: item and class identifier of the labels that a run did not learn from.

    Those are held out, kept for its validation, or were given since it began.
    """
    arrays = folder.labels()
    learned = arrays["items"][arrays["roles"] == TRAIN_ROLE]
    current = store.current()
    unseen = ~np.isin(current.items, learned)
    return np.stack([current.items[unseen], current.values[unseen].astype(np.int64)], axis=1)
