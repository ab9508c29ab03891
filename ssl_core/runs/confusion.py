"""What a finished run confuses, on images it did not train on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.labels.reference import reference_indices
from ssl_core.labels.snapshot import HELD_OUT_ROLE
from ssl_core.labels.store import LabelStore
from ssl_core.runs.folder import RunFolder
from ssl_core.stats import confusion_matrix

MATRIX_LIMIT = 200  # classes: a larger matrix is many megabytes a picture, and nobody can read it
NO_MATRIX = f"With more than {MATRIX_LIMIT} classes no confusion matrix is drawn: it is unreadable."

FEWEST = 10  # validation labels for a calibration gap, and in a bin of the reliability curve
CURVE_FROM = 2 * FEWEST  # validation labels: fewer bins are no curve


@dataclass(frozen=True)
class Confusion:
    """Answers of a run beside what is true.

    items: (n,) int64, index into the dataset. truth, answers: (n,) int32, index into `names`.
    """

    names: tuple[str, ...]
    items: NDArray[np.int64]
    truth: NDArray[np.int32]
    answers: NDArray[np.int32]
    source: str  # where the truth comes from, for a person
    uses_reference_labels: bool

    @property
    def counts(self) -> list[list[int]]:
        """Row: true class, column: answer; number of images."""
        table: list[list[int]] = confusion_matrix(
            self.truth, self.answers, len(self.names)
        ).tolist()
        return table

    def cell(self, truth: int, answer: int, limit: int = 60) -> list[int]:
        """The first `limit` items of class `truth` that were taken for `answer`."""
        chosen = self.items[(self.truth == truth) & (self.answers == answer)]
        first: list[int] = chosen[:limit].tolist()
        return first


def run_confusion(dataset: Dataset, store: LabelStore, folder: RunFolder) -> Confusion | None:
    """The confusion of a run on the test split, else on the held-out hand labels.

    None where the run left no predictions or answered nothing, was made with other images of the
    same name, or there is nothing to compare with. Raises UserError where its files are damaged.
    """
    request = folder.request()
    if request.fingerprint != dataset.manifest.fingerprint:
        return None
    predicted = folder.predicted()
    if predicted is None or len(predicted) != dataset.manifest.count:
        return None
    if not (predicted >= 0).any():
        return None
    main = request.all_heads[0]
    known = reference_indices(dataset, store, main.classes, main.name)
    items = np.flatnonzero((np.asarray(dataset.splits) == TEST) & (known >= 0))
    truth, source, reference = known[items], "reference labels of the test split", True
    if not len(items):
        labels = folder.labels()
        held_out = labels["roles"] == HELD_OUT_ROLE
        items = labels["items"][held_out].astype(np.int64)
        truth = labels["values"][held_out].astype(np.int32)
        source, reference = "held-out hand labels", False
    if not len(items):
        return None
    names = tuple(kind.name for kind in request.classes)
    return Confusion(names, items.astype(np.int64), truth, predicted[items], source, reference)
