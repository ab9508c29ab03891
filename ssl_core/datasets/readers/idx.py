"""IDX files (MNIST and its relatives), plain or gzip. The parsing runs inside the child."""

import gzip
import math
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.arrays import CHUNK_BYTES, ArrayFile, Part, layout_of
from ssl_core.datasets.decode import UnreadableError

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_GZIP = b"\x1f\x8b"
_TEST_WORDS = ("t10k", "test")
_DEFLATE_LIMIT = 1032  # no deflate stream expands further


def is_idx(path: Path) -> bool:
    """Whether the file starts like an IDX file, or like a gzip file named as one."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if start[:2] == _GZIP:
        return "idx" in path.name.lower() or "ubyte" in path.name.lower()
    return len(start) == 4 and start[:2] == b"\0\0" and start[2] in _TYPES and 1 <= start[3] <= 4


def image_files(path: Path) -> list[Path]:
    """The IDX image files that `path` (a file or a folder) stands for; labels are left out."""
    if path.is_file():
        partner = _partner(path, "labels", "images", "idx1", "idx3")
        return [partner if partner is not None and "labels" in path.name.lower() else path]
    files = [file for file in sorted(path.iterdir()) if file.is_file() and "idx" in file.name]
    images = [file for file in files if "images" in file.name.lower() and is_idx(file)]
    plain = {file.name.removesuffix(".gz"): file for file in images}
    return sorted(plain.values(), key=lambda file: ("train" not in file.name, file.name))


def read(paths: list[Path]) -> ArrayFile:
    """The images of the given files with the labels found beside them. Raises UnreadableError."""
    parts = []
    notes = []
    for path in paths:
        partner = _partner(path, "images", "labels", "idx3", "idx1")
        labels = None
        if partner is None:
            notes.append(f"No label file was found beside {path.name}: its images are unlabelled.")
        else:
            labels = _read_labels(partner)
        parts.append(_images(path, labels))
    return ArrayFile(parts, notes=notes)


def _images(path: Path, labels: NDArray[Any] | None) -> Part:
    dtype, shape, offset = _header(path)
    if len(shape) == 1:
        raise UnreadableError(
            f"{path.name} holds one number an item: it is a label file, not images"
        )
    layout = layout_of(shape, path.name)
    one = math.prod(shape[1:]) * dtype.itemsize
    rows = max(1, CHUNK_BYTES // one)

    def chunks() -> Iterator[NDArray[Any]]:
        with _open(path) as stream:
            _exactly(stream, offset, path)
            for start in range(0, shape[0], rows):
                count = min(rows, shape[0] - start)
                content = _exactly(stream, count * one, path)
                yield np.frombuffer(content, dtype=dtype).reshape(count, *shape[1:])
            if _read(stream, 1, path):
                raise UnreadableError(
                    f"{path.name} goes on after the {shape[0]} images it declares"
                )

    name = path.name.lower()
    split = "test" if any(word in name for word in _TEST_WORDS) else "train"
    return Part(path.name, split, layout, chunks, labels, full_range=dtype == np.uint8)


def _read_labels(path: Path) -> NDArray[Any]:
    dtype, shape, offset = _header(path)
    if len(shape) != 1:
        raise UnreadableError(f"{path.name} has {len(shape)} dimensions; a label file has one")
    with _open(path) as stream:
        _exactly(stream, offset, path)
        content = _exactly(stream, shape[0] * dtype.itemsize, path)
    return np.frombuffer(content, dtype=dtype).astype(dtype.newbyteorder("="))


def _header(path: Path) -> tuple[np.dtype[Any], tuple[int, ...], int]:
    """Type, shape and length of the header; the shape is checked against the file's size."""
    with _open(path) as stream:
        start = _exactly(stream, 4, path)
        if start[:2] != b"\0\0" or start[2] not in _TYPES or not 1 <= start[3] <= 4:
            raise UnreadableError(f"{path.name} does not start like an IDX file")
        dtype = np.dtype(_TYPES[start[2]])
        sizes = np.frombuffer(_exactly(stream, 4 * start[3], path), dtype=">u4")
        packed = isinstance(stream, gzip.GzipFile)
    shape = tuple(int(size) for size in sizes)
    offset = 4 + 4 * len(shape)
    needed = math.prod(shape) * dtype.itemsize + offset
    there = path.stat().st_size
    if needed > there * (_DEFLATE_LIMIT if packed else 1):
        raise UnreadableError(
            f"{path.name} declares {needed:,} bytes ({' x '.join(map(str, shape))}) but the file "
            f"has {there:,}: it is cut off or its header is forged"
        )
    return dtype, shape, offset


def _open(path: Path) -> BinaryIO | gzip.GzipFile:
    stream = path.open("rb")
    packed = stream.read(2) == _GZIP
    stream.seek(0)
    return gzip.GzipFile(fileobj=stream, mode="rb") if packed else stream


def _read(stream: BinaryIO | gzip.GzipFile, count: int, path: Path) -> bytes:
    try:
        return stream.read(count)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableError(f"{path.name} is cut off or damaged ({error})") from error


def _exactly(stream: BinaryIO | gzip.GzipFile, count: int, path: Path) -> bytes:
    content = _read(stream, count, path)
    if len(content) != count:
        raise UnreadableError(f"{path.name} is cut off: {count - len(content):,} bytes are missing")
    return content


def _partner(path: Path, old: str, new: str, old_kind: str, new_kind: str) -> Path | None:
    """The file beside `path` whose name has "labels" for "images" (or the other way round)."""
    stem = path.name.removesuffix(".gz").replace(old, new).replace(old_kind, new_kind)
    for name in (stem, stem + ".gz"):
        candidate = path.with_name(name)
        if name.removesuffix(".gz") != path.name.removesuffix(".gz") and candidate.is_file():
            return candidate
    return None
