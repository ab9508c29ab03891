"""What a finished run says of every item, kept in memory while its files stay the same."""

import threading
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from ssl_core.runs.folder import EMBEDDINGS, PREDICTIONS, RunFolder

Found = TypeVar("Found")


@dataclass(frozen=True)
class Outline:
    """What the files of a run hold, without reading their arrays."""

    classes: int  # columns of its probabilities; 0 where it knows no classes
    own_clusters: bool
    embeddings: bool


@dataclass(frozen=True)
class Predictions:
    """The answers of a run to the main head, and its clusters.

    predicted: (count,), int32 index into the classes of the run, -1 = none. confidence: (count,),
    float32 in [0, 1], the highest probability; None where the run knows no classes. clusters:
    (count,), int32, None where it found none.
    """

    predicted: NDArray[np.int32]
    confidence: NDArray[np.float32] | None
    clusters: NDArray[np.int32] | None


class _Kept(Generic[Found]):
    """What was read of the runs that were asked for last, while the file it came from stays."""

    def __init__(self, file: str, most: int, read: Callable[[RunFolder], Found | None]) -> None:
        self._file, self._most, self._read = file, most, read
        self._guard = threading.Lock()
        self._known: dict[Path, tuple[int, Found]] = {}

    def __call__(self, folder: RunFolder) -> Found | None:
        try:
            stamp = (folder.path / self._file).stat().st_mtime_ns
        except OSError:
            return None
        with self._guard:
            known = self._known.get(folder.path)
        if known is not None and known[0] == stamp:
            return known[1]
        found = self._read(folder)
        if found is not None:
            with self._guard:
                self._known.pop(folder.path, None)
                while len(self._known) >= self._most:
                    self._known.pop(next(iter(self._known)))
                self._known[folder.path] = (stamp, found)
        return found


def read_outline(folder: RunFolder) -> Outline | None:
    """What a run holds; None before its end, and where its file is damaged."""
    columns = _columns(folder)
    if columns is None:
        return None
    return Outline(*columns, embeddings=(folder.path / EMBEDDINGS).is_file())


def read_predictions(folder: RunFolder) -> Predictions | None:
    """The predictions of a run; None before its end. Raises UserError where they are damaged."""
    return _predictions(folder)


def read_embeddings(folder: RunFolder) -> NDArray[np.float32] | None:
    """(count, d), float32 of length 1: compared by direction, as contrastive methods train them.

    None before the end of the run, and where it stored none. Raises UserError for a damaged file.
    """
    return _embeddings(folder)


def _read_columns(folder: RunFolder) -> tuple[int, bool] | None:
    """Columns of the probabilities, and whether there are clusters, from the heads of the file."""
    try:
        with zipfile.ZipFile(folder.path / PREDICTIONS) as archive:
            with archive.open("probabilities.npy") as stream:
                np.lib.format.read_magic(stream)
                shape: tuple[Any, ...] = np.lib.format.read_array_header_1_0(stream)[0]
            return int(shape[1]), "clusters.npy" in archive.namelist()
    except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile):
        return None


def _read_predictions(folder: RunFolder) -> Predictions | None:
    probabilities, predicted = folder.predictions(), folder.predicted()
    if probabilities is None or predicted is None:
        return None
    confidence = probabilities.max(axis=1).astype(np.float32) if probabilities.shape[1] else None
    return Predictions(predicted, confidence, folder.clusters())


def _read_embeddings(folder: RunFolder) -> NDArray[np.float32] | None:
    stored = folder.embeddings()
    if stored is None:
        return None
    embeddings = stored.astype(np.float32)
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    return np.asarray(embeddings / np.maximum(lengths, 1e-12), np.float32)


_columns = _Kept(PREDICTIONS, 1000, _read_columns)
_predictions = _Kept(PREDICTIONS, 4, _read_predictions)
_embeddings = _Kept(EMBEDDINGS, 2, _read_embeddings)  # a million items take some 500 MB each
