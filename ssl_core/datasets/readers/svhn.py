"""MATLAB files laid out like SVHN: X (height, width, channels, images), y (images, 1).

Read in rows, so that the 1.6 GB of `extra_32x32.mat` fit the limits; the public description of
the MAT 5 format has all that is needed. The parsing runs inside the child.
"""

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.arrays import CHUNK_BYTES, ArrayFile, Layout, Part, layout_of
from ssl_core.datasets.decode import UnreadableError

_HEADER_BYTES = 128
_MATRIX, _COMPRESSED = 14, 15
_NUMERIC_CLASSES = range(6, 16)
_COMPLEX = 0x0800
_TYPES = {
    1: "i1",
    2: "u1",
    3: "i2",
    4: "u2",
    5: "i4",
    6: "u4",
    7: "f4",
    9: "f8",
    12: "i8",
    13: "u8",
}
_NAME_LIMIT = 64  # bytes; MATLAB allows 63
_AXES_LIMIT = 8
_VARIABLE_LIMIT = 100
_LABEL_BYTES = 64 << 20
_SPLITS = (("train", "train"), ("test", "test"), ("extra", "train"))


@dataclass(frozen=True)
class _Variable:
    """A numeric array in the file. `start` bytes of its element precede the values."""

    path: Path
    name: str
    place: int  # byte of the file at which the element's content begins
    packed: bool
    start: int
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    def values(self, rows: int) -> Iterator[NDArray[Any]]:
        """(k, ...) arrays with the axes reversed, k at most `rows`: Fortran order read as C."""
        order = self.shape[::-1]
        one = math.prod(order[1:]) * self.dtype.itemsize
        with self.path.open("rb") as stream:
            element = _Element(stream, self.place, self.packed, self.path)
            element.skip(self.start)
            for first in range(0, order[0], rows):
                count = min(rows, order[0] - first)
                content = element.read(count * one)
                yield np.frombuffer(content, dtype=self.dtype).reshape(count, *order[1:])


class _Element:
    """The content of one data element, unpacked as it is read."""

    def __init__(self, stream: IO[bytes], place: int, packed: bool, path: Path) -> None:
        stream.seek(place)
        self._stream = stream
        self._inflater = zlib.decompressobj() if packed else None
        self._path = path
        self.position = 0

    def read(self, count: int) -> bytes:
        """Exactly `count` bytes. Raises UnreadableError."""
        content = self._stream.read(count) if self._inflater is None else self._inflate(count)
        if len(content) != count:
            raise UnreadableError(
                f"{self._path.name} is cut off or its header is forged: "
                f"{count - len(content):,} bytes are missing"
            )
        self.position += count
        return content

    def skip(self, count: int) -> None:
        self.read(count)

    def _inflate(self, count: int) -> bytes:
        assert self._inflater is not None
        parts: list[bytes] = []
        missing = count
        try:
            while missing and not self._inflater.eof:
                packed = self._inflater.unconsumed_tail or self._stream.read(1 << 16)
                part = self._inflater.decompress(packed, missing)
                if not packed and not part:
                    break
                parts.append(part)
                missing -= len(part)
        except zlib.error as error:
            raise UnreadableError(f"{self._path.name} is damaged ({error})") from error
        return b"".join(parts)


def mat_files(path: Path) -> list[Path]:
    """The .mat files that `path`, a file or a folder, stands for: train before test and extra."""
    if path.is_file():
        return [path]
    files = [path / f"{stem}_32x32.mat" for stem, _ in _SPLITS]
    return [file for file in files if file.is_file()]


def read(paths: list[Path]) -> ArrayFile:
    """The images of the given files. Raises UnreadableError."""
    parts = [_part(path) for path in paths]
    notes = [
        "The images of extra_32x32.mat were added to the training split."
        for path in paths
        if path.name.startswith("extra")
    ]
    return ArrayFile(parts, notes=notes)


def _part(path: Path) -> Part:
    variables = {variable.name: variable for variable in _variables(path)}
    images = next((variables[name] for name in ("X", "x", "images") if name in variables), None)
    if images is None or not _looks_like_images(images):
        found = ", ".join(f"{v.name} {v.shape}" for v in variables.values()) or "none"
        raise UnreadableError(
            f"{path.name} has no array X of the shape (height, width, 1 or 3, images). "
            f"Found: {found[:300]}"
        )
    grey = len(images.shape) == 3
    height, width = images.shape[:2]
    channels = 1 if grey else images.shape[2]
    layout: Layout = layout_of((images.shape[-1], height, width, channels), f"{path.name}: X")
    rows = max(1, CHUNK_BYTES // (height * width * channels * images.dtype.itemsize))

    def chunks() -> Iterator[NDArray[Any]]:
        for block in images.values(rows):
            yield block.transpose(0, 2, 1) if grey else block.transpose(0, 3, 2, 1)

    split = next((split for stem, split in _SPLITS if path.name.startswith(stem)), "train")
    labels = next((variables[name] for name in ("y", "labels") if name in variables), None)
    digits = None if labels is None else _digits(labels)
    return Part(path.name, split, layout, chunks, digits, full_range=images.dtype == np.uint8)


def _looks_like_images(variable: _Variable) -> bool:
    return len(variable.shape) == 3 or (len(variable.shape) == 4 and variable.shape[2] in (1, 3))


def _digits(labels: _Variable) -> NDArray[Any]:
    """(n,) numbers; in SVHN 10 stands for the digit 0."""
    size = math.prod(labels.shape)
    if size * labels.dtype.itemsize > _LABEL_BYTES:
        raise UnreadableError(f"{labels.path.name} declares {size:,} labels, more than are read")
    flat = np.concatenate([block.reshape(-1) for block in labels.values(1 << 16)] or [np.zeros(0)])
    return np.where(flat == 10, 0, flat) if flat.size and flat.min() >= 1 else flat


def _variables(path: Path) -> Iterator[_Variable]:
    size = path.stat().st_size
    with path.open("rb") as stream:
        order = _byte_order(stream.read(_HEADER_BYTES), path)
        place = _HEADER_BYTES
        for _ in range(_VARIABLE_LIMIT):
            if place + 8 > size:
                return
            stream.seek(place)
            kind, length = struct.unpack(order + "II", stream.read(8))
            if place + 8 + length > size:
                raise UnreadableError(
                    f"{path.name} is cut off: a variable of {length:,} bytes begins at byte "
                    f"{place:,} but the file ends at {size:,}"
                )
            if kind in (_MATRIX, _COMPRESSED):
                variable = _variable(stream, path, place + 8, kind == _COMPRESSED, order)
                if variable is not None:
                    yield variable
            place += 8 + length


def _byte_order(header: bytes, path: Path) -> str:
    if header[:4] == b"\x89HDF" or b"MATLAB 7.3" in header[:32]:
        raise UnreadableError(f"{path.name} is a MATLAB 7.3 file; save it with save(..., '-v7')")
    order = {b"IM": "<", b"MI": ">"}.get(header[126:128])
    if order is None:
        raise UnreadableError(f"{path.name} is not a MATLAB 5 file; save it with save(..., '-v7')")
    return order


def _variable(
    stream: IO[bytes], path: Path, place: int, packed: bool, order: str
) -> _Variable | None:
    """The header of one matrix element; None for what is not a plain numeric array."""
    element = _Element(stream, place, packed, path)
    if packed and struct.unpack(order + "II", element.read(8))[0] != _MATRIX:
        return None
    _, content = _small(element, order, path)
    flags = struct.unpack(order + "I", content[:4])[0] if len(content) >= 4 else 0
    if flags & 0xFF not in _NUMERIC_CLASSES or flags & _COMPLEX:
        return None
    _, extents = _small(element, order, path)
    shape = tuple(int(n) for n in np.frombuffer(extents, dtype=order + "i4"))
    _, name = _small(element, order, path)
    kind, length, inside = _tag(element, order)
    start = element.position - (0 if inside is None else 4)
    if kind not in _TYPES:
        raise UnreadableError(f"{path.name} holds numbers of an unknown kind ({kind})")
    dtype = np.dtype(order + _TYPES[kind])
    title = name.decode("latin-1")
    if min(shape, default=0) < 1 or math.prod(shape) * dtype.itemsize != length:
        raise UnreadableError(
            f"{path.name}: {title} declares the shape {shape} but has {length:,} bytes of values: "
            "its header is forged or damaged"
        )
    return _Variable(path, title, place, packed, start, dtype, shape)


def _small(element: _Element, order: str, path: Path) -> tuple[int, bytes]:
    """A sub-element that a header may hold: its kind and its content."""
    kind, length, inside = _tag(element, order)
    if inside is not None:
        return kind, inside
    if length > max(_NAME_LIMIT, 4 * _AXES_LIMIT):
        raise UnreadableError(f"{path.name} has a header field of {length:,} bytes: it is forged")
    content = element.read(length)
    element.skip(-length % 8)
    return kind, content


def _tag(element: _Element, order: str) -> tuple[int, int, bytes | None]:
    """Kind, length and, for a field of at most 4 bytes, the content that lies in the tag."""
    first = element.read(4)
    word = struct.unpack(order + "I", first)[0]
    if word >> 16:
        inside = element.read(4)
        return word & 0xFFFF, word >> 16, inside[: word >> 16]
    return word, struct.unpack(order + "I", element.read(4))[0], None
