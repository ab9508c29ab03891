"""What finished trainings answer, in identifiers of classes as they are now."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ssl_core.files import stamp
from ssl_core.labels.class_table import ClassTable
from ssl_core.runs.folder import PREDICTIONS, RunFolder

NO_CLASS = -1
_KEPT = 4  # trainings whose answers stay in memory: the last ones are asked for again and again


@dataclass(frozen=True)
class RunAnswers:
    """Answers of one run to every item. Do not write to the arrays: they are shared.

    classes: (count,), int32, identifier of a class, -1 without one; classes merged since then
    count as what they were merged into. confidence: (count,), float32, probability of that answer.
    """

    classes: NDArray[np.int32]
    confidence: NDArray[np.float32]


def run_answers(folder: RunFolder, table: ClassTable) -> RunAnswers | None:
    """The answers of a run; None where it left none. Raises UserError where they are damaged."""
    changed = stamp(folder.path / PREDICTIONS)
    if not changed:
        return None
    return _answers(folder.path, changed, tuple(sorted(table.merged.items())))


@lru_cache(maxsize=_KEPT)
def _answers(path: Path, changed: int, merged: tuple[tuple[int, int], ...]) -> RunAnswers | None:
    folder, table = RunFolder(path), ClassTable([], dict(merged), {})
    predicted, probabilities = folder.predicted(), folder.predictions()
    if predicted is None or probabilities is None:
        return None
    known = [table.resolve(kind.identifier) for kind in folder.request().classes]
    identifiers = np.array([*known, NO_CLASS], np.int32)  # its last place: no answer
    confidence = np.zeros(len(predicted), np.float32)
    if probabilities.shape[1]:
        confidence = probabilities.max(axis=1).astype(np.float32)
    return RunAnswers(identifiers[predicted], confidence)
