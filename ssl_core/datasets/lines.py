"""A file of texts, one JSON string a line, with the byte at which each begins beside it."""

import json
import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


class LineWriter:
    """Writes `path`; `finish` adds the places, (count,) int64, at `places`."""

    def __init__(self, path: Path, places: Path) -> None:
        self._stream = path.open("wb")
        self._places_path = places
        self._places = array("q")

    def append(self, texts: Iterable[str]) -> None:
        """Add texts of any length; line breaks inside them are fine. Raises OSError."""
        for text in texts:
            self._places.append(self._stream.tell())
            self._stream.write(json.dumps(text, ensure_ascii=False).encode() + b"\n")

    def finish(self) -> None:
        """Bring everything to the disk. Raises OSError."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        places = np.array(self._places, dtype=np.int64)
        np.save(self._places_path, places, allow_pickle=False)

    def close(self) -> None:
        """Let go of the file, finished or not. Raises OSError."""
        self._stream.close()


def read_lines(path: Path) -> Iterator[str]:
    """All texts in their order. Raises OSError, and ValueError for a damaged line."""
    with path.open("rb") as stream:
        for line in stream:
            yield _text(line)


def read_lines_at(path: Path, places: NDArray[np.int64], items: Sequence[int]) -> list[str]:
    """The texts number `items`. Raises OSError, and ValueError for a damaged line."""
    with path.open("rb") as stream:
        found = []
        for item in items:
            stream.seek(int(places[item]))
            found.append(_text(stream.readline()))
        return found


def _text(line: bytes) -> str:
    text = json.loads(line)
    if not isinstance(text, str):
        raise ValueError(f"expected a JSON string, got {type(text).__name__}")
    return text
