"""What a reader found at a location, before any image was decoded or any row was read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from ssl_core.datasets.dataset import SkippedFile
from ssl_core.datasets.decoder import Place


@dataclass(frozen=True)
class ImageFile:
    """One image file. split: a name of dataset.SPLITS. label: class as written, None unknown.

    numbers: in the columns of its source, NaN = missing; empty where no number is known.
    """

    name: str
    place: Place
    split: str = "train"
    label: str | None = None
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True)
class FileSource:
    """Image files in a folder, or in the archive at `archive`."""

    kind: str
    archive: Path | None
    files: Sequence[ImageFile]
    skipped: Sequence[SkippedFile] = ()
    notes: Sequence[str] = ()
    columns: tuple[str, ...] = ()  # names of the numbers beside each image


@dataclass(frozen=True)
class ArraySource:
    """Files that hold whole arrays of images. reader: a name that `array_frames.py` knows."""

    kind: str
    reader: str
    paths: Sequence[Path]


@dataclass(frozen=True)
class TextSource:
    """A CSV file with a text in each row. `open` begins at its first byte each time."""

    kind: str
    name: str
    open: Callable[[], BinaryIO]
    skipped: Sequence[SkippedFile] = ()
    notes: Sequence[str] = ()


ReadStart = Callable[[int], bytes]  # at most so many of the first bytes of one file


@dataclass
class Listing:
    """Files found at a location: path inside it with forward slashes -> where the bytes lie."""

    places: dict[str, Place] = field(default_factory=dict)
    # CSV files: only the one that is used is ever read whole, for there may be thousands.
    tables: dict[str, ReadStart] = field(default_factory=dict)
    skipped: list[SkippedFile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def skip(self, name: str, reason: str) -> None:
        self.skipped.append(SkippedFile(file=name, reason=reason))
