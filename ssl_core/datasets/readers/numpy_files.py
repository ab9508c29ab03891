"""Arrays saved by NumPy: .npy and .npz, never pickled. The parsing runs inside the child."""

import math
import re
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from ssl_core.datasets.arrays import CHUNK_BYTES, ArrayFile, Part, layout_of
from ssl_core.datasets.decode import UnreadableError
from ssl_core.datasets.limits import ARRAY_BYTES
from ssl_core.datasets.zip_entries import archive_problem
from ssl_core.files import DAMAGED_ARCHIVE

_IMAGE_WORDS = ("x", "image", "images", "img", "imgs", "data", "features", "arr_0")
_LABEL_WORDS = ("y", "label", "labels", "target", "targets", "classes", "class", "arr_1")
_NAME_WORDS = ("class_names", "label_names", "classnames", "names")
_SPLITS = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "val": "train",
    "valid": "train",
    "validation": "train",
    "unlabelled": "unlabelled",
    "unlabeled": "unlabelled",
}
_VALIDATION = ("val", "valid", "validation")


@dataclass(frozen=True)
class _Array:
    """The header of one saved array and where its bytes lie."""

    path: Path
    member: str | None  # name inside the .npz, None for a .npy
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran: bool
    offset: int  # bytes before the values

    @property
    def title(self) -> str:
        return self.path.name if self.member is None else self.member.removesuffix(".npy")

    def open(self) -> AbstractContextManager[IO[bytes]]:
        return _opened(self.path, self.member)


def read(path: Path) -> ArrayFile:
    """The image arrays of the file with their labels. Raises UnreadableError."""
    with path.open("rb") as stream:
        packed = stream.read(2) == b"PK" or path.suffix.lower() == ".npz"
    if not packed:
        array = _header(path, None, path.stat().st_size)
        beside = _beside(path)
        labels = None if beside is None else _whole(_header(beside, None, beside.stat().st_size))
        notes = [] if beside is None else [f"The labels were read from {beside.name}."]
        return ArrayFile([_part(array, "train", labels)], notes=notes)
    arrays = {array.title: array for array in _members(path)}
    return _assemble(path, arrays)


def _assemble(path: Path, arrays: dict[str, _Array]) -> ArrayFile:
    """Sort the arrays of an .npz by the words in their names."""
    images: dict[str, _Array] = {}
    labels: dict[str, _Array] = {}
    names: list[str] = []
    notes: list[str] = []
    for title, array in arrays.items():
        word, split = _meaning(title)
        if title.lower() in _NAME_WORDS or (word == "label" and _names_only(array, arrays)):
            names = [str(name) for name in _whole(array).reshape(-1)]
        elif word == "image" and len(array.shape) >= 2:
            images[split] = array
        elif word == "label":
            labels[split] = array
        else:
            notes.append(f"The array {title} with the shape {array.shape} was not used.")
    if not images:
        found = ", ".join(f"{title} {array.shape}" for title, array in arrays.items()) or "none"
        raise UnreadableError(
            f"{path.name} has no array of images under a usual name such as x_train, images, x or "
            f"data. Found: {found[:300]}"
        )
    parts = []
    for split, array in images.items():
        if split in _VALIDATION:
            notes.append(f"The images of {array.title} were added to the training split.")
        label = labels.get(split)
        parts.append(_part(array, _SPLITS[split], None if label is None else _whole(label)))
    return ArrayFile(parts, class_names=names, notes=notes)


def _names_only(array: _Array, arrays: dict[str, _Array]) -> bool:
    """Whether `classes` is a list of names rather than one label an image."""
    rivals = any(_meaning(t)[0] == "label" and a is not array for t, a in arrays.items())
    return array.dtype.kind in "US" and rivals and "class" in array.title.lower()


def _meaning(title: str) -> tuple[str, str]:
    """("image" | "label" | "", split as written) for the name of an array."""
    words = re.split(r"[^a-z0-9]+", title.lower())
    split = next((word for word in words if word in _SPLITS), "train")
    plain = [word for word in words if word not in _SPLITS and not word.isdecimal()]
    whole = "_".join(words)
    for kind, known in (("image", _IMAGE_WORDS), ("label", _LABEL_WORDS)):
        if whole in known or any(word in known for word in plain):
            return kind, split
    # "xtrain", "ytest": the words run together.
    joined = re.fullmatch(r"([xy])(train|test|val|valid|unlabell?ed)", whole)
    if joined:
        return ("image" if joined[1] == "x" else "label"), joined[2]
    return "", split


def _part(array: _Array, split: str, labels: NDArray[Any] | None) -> Part:
    if array.dtype.kind not in "biuf":
        raise UnreadableError(f"{array.title} has the type {array.dtype}; expected numbers")

    def chunks() -> Iterator[NDArray[Any]]:
        if array.fortran:
            yield from _split_up(_whole(array))
            return
        one = math.prod(array.shape[1:]) * array.dtype.itemsize
        rows = max(1, CHUNK_BYTES // max(1, one))
        with array.open() as stream:
            _exactly(stream, array.offset, array)
            for start in range(0, array.shape[0], rows):
                count = min(rows, array.shape[0] - start)
                content = _exactly(stream, count * one, array)
                yield np.frombuffer(content, dtype=array.dtype).reshape(count, *array.shape[1:])

    return Part(array.title, split, layout_of(array.shape, array.title), chunks, labels)


def _split_up(values: NDArray[Any]) -> Iterator[NDArray[Any]]:
    rows = max(1, CHUNK_BYTES // max(1, values[:1].nbytes))
    for start in range(0, len(values), rows):
        yield values[start : start + rows]


def _whole(array: _Array) -> NDArray[Any]:
    """All values in memory: for labels, names and Fortran order, which cannot be read in rows."""
    size = math.prod(array.shape) * array.dtype.itemsize
    if size > ARRAY_BYTES:
        raise UnreadableError(
            f"{array.title} has {size >> 20} MB and must be read at once; at most "
            f"{ARRAY_BYTES >> 20} MB are. Save it in C order (numpy.ascontiguousarray)"
        )
    with array.open() as stream:
        _exactly(stream, array.offset, array)
        values = np.frombuffer(_exactly(stream, size, array), dtype=array.dtype)
    return values.reshape(array.shape, order="F" if array.fortran else "C")


def _members(path: Path) -> Iterator[_Array]:
    problem = archive_problem(path)
    if problem is not None:
        raise UnreadableError(problem)
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.filename.endswith(".npy"):
                yield _header(path, entry.filename, entry.file_size)


def _header(path: Path, member: str | None, size: int) -> _Array:
    """Read one array's header and check that what it declares fits into `size` bytes."""
    title = path.name if member is None else f"{path.name}: {member}"
    try:
        with _opened(path, member) as stream:
            version = npy_format.read_magic(stream)
            reader = npy_format.read_array_header_1_0
            if version != (1, 0):
                reader = npy_format.read_array_header_2_0
            shape, fortran, dtype = reader(stream)
            offset = stream.tell()
    except UnreadableError:
        raise
    except Exception as error:
        raise UnreadableError(
            f"{title} is not a whole NumPy array: its header is cut off or damaged"
        ) from error
    if dtype.hasobject:
        raise UnreadableError(
            f"{title} holds pickled Python objects, which are never opened. "
            "Save plain numbers (a stacked array of one type)"
        )
    needed = math.prod(shape) * dtype.itemsize + offset
    if needed != size or any(extent < 0 for extent in shape):
        raise UnreadableError(
            f"{title} declares {shape} of {dtype}, {needed:,} bytes, but has {size:,}: "
            "it is cut off or its header is forged"
        )
    return _Array(path, member, dtype, tuple(shape), bool(fortran and len(shape) > 1), offset)


@contextmanager
def _opened(path: Path, member: str | None) -> Iterator[IO[bytes]]:
    if member is None:
        with path.open("rb") as plain:
            yield plain
    else:
        with zipfile.ZipFile(path) as archive, archive.open(member) as packed:
            yield packed


def _exactly(stream: IO[bytes], count: int, array: _Array) -> bytes:
    try:
        content = stream.read(count)
    except (OSError, *DAMAGED_ARCHIVE) as error:
        raise UnreadableError(f"{array.title} is cut off or damaged ({error})") from error
    if len(content) != count:
        raise UnreadableError(
            f"{array.title} is cut off: {count - len(content):,} bytes are missing"
        )
    return content


def _beside(path: Path) -> Path | None:
    """A label file beside `x_train.npy`: `y_train.npy`; beside `images.npy`: `labels.npy`."""
    for old, new in (("images", "labels"), ("image", "label"), ("data", "labels"), ("x", "y")):
        if re.search(rf"(^|[^a-z]){old}", path.name.lower()):
            candidate = path.with_name(
                re.sub(rf"(?i)(^|[^a-z]){old}", rf"\g<1>{new}", path.name, count=1)
            )
            if candidate != path and candidate.is_file():
                return candidate
    return None
