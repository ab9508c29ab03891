"""Arrays of images, whatever their layout -> uint8 (n, h, w, c). Runs only inside the child."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.decode import UnreadableError
from ssl_core.datasets.names import CLASS_LIMIT, natural_key

CHUNK_BYTES = 8 << 20
COUNT_LIMIT = 5_000_000
Chunks = Callable[[], Iterator[NDArray[Any]]]


@dataclass(frozen=True)
class Layout:
    """How the axes of an array of images lie. `shape` is (n, h, w, c) after rearranging."""

    shape: tuple[int, int, int, int]
    channels_first: bool = False


@dataclass(frozen=True)
class Part:
    """The images of one split, read in chunks so that memory stays small.

    chunks(): yields (k, ...) arrays of the file's own type and axes; may be called twice.
    labels: (n,) numbers or strings, or None. Full range: 8-bit values that need no scaling.
    """

    title: str
    split: str
    layout: Layout
    chunks: Chunks
    labels: NDArray[Any] | None = None
    full_range: bool = False


@dataclass(frozen=True)
class ArrayFile:
    """What an array reader found. class_names: names for labels 0..k-1, or empty."""

    parts: list[Part]
    class_names: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def layout_of(shape: tuple[int, ...], title: str) -> Layout:
    """Which axes of `shape` are height, width and channels. Raises UnreadableError."""
    if len(shape) == 2:
        side = math.isqrt(shape[1])
        if side * side == shape[1] and side > 1:
            return _checked(Layout((shape[0], side, side, 1)), title)
    if len(shape) == 3:
        return _checked(Layout((*shape, 1)), title)
    if len(shape) == 4 and shape[3] in (1, 3, 4):
        return _checked(Layout(shape), title)
    if len(shape) == 4 and shape[1] in (1, 3, 4):
        count, channels, height, width = shape
        return _checked(Layout((count, height, width, channels), channels_first=True), title)
    raise UnreadableError(
        f"{title} has the shape {shape}; expected (images, height, width), (images, height, "
        "width, channels) or (images, channels, height, width) with 1, 3 or 4 channels"
    )


def value_range(chunk: NDArray[Any], title: str) -> tuple[float, float]:
    """Smallest and largest value. Raises UnreadableError for NaN and infinity."""
    low, high = float(chunk.min()), float(chunk.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise UnreadableError(
            f"{title} holds values that are not numbers (NaN or infinity); expected finite ones. "
            "Replace them before you save the array"
        )
    return low, high


def scaling(low: float, high: float, dtype: np.dtype[Any]) -> tuple[float, float]:
    """(offset, factor) that bring values to 0..255: (value + offset) * factor.

    One rule for all parts of a source, so train and test stay comparable: values in 0..1 and in
    -1..1 are stretched, 0..255 are kept, unsigned 16-bit values are divided by 257.
    """
    if low >= 0 and high <= 1:
        return 0.0, 255.0
    if dtype.kind == "f" and low >= -1 and high <= 1:
        return 1.0, 127.5
    if low >= 0 and high <= 255:
        return 0.0, 1.0
    if dtype == np.uint16 or (low >= 0 and high <= 65535 and dtype.kind in "iu"):
        return 0.0, 255.0 / 65535.0
    raise UnreadableError(
        f"its values go from {low:g} to {high:g}; expected 0 to 1 or 0 to 255. "
        "Scale the array before you save it"
    )


def to_images(chunk: NDArray[Any], layout: Layout, scale: tuple[float, float]) -> NDArray[np.uint8]:
    """(k, h, w, c) uint8 with c 1 or 3 from a chunk in the file's own axes and type."""
    _, height, width, channels = layout.shape
    if layout.channels_first:
        chunk = chunk.reshape(len(chunk), channels, height, width).transpose(0, 2, 3, 1)
    else:
        chunk = chunk.reshape(len(chunk), height, width, channels)
    if scale != (0.0, 1.0) or chunk.dtype.kind == "f":
        values = chunk.astype(np.float32)
        values += np.float32(scale[0])
        values *= np.float32(scale[1])
        chunk = np.rint(values)
    images = np.ascontiguousarray(chunk.astype(np.uint8))
    return _on_white(images) if channels == 4 else images


def encode_labels(
    columns: list[NDArray[Any] | None], counts: list[int], given_names: list[str]
) -> tuple[list[NDArray[np.int32]], list[str]]:
    """One int32 index array a part (-1 unknown) and the class names in natural order.

    Labels may be numbers (negative or NaN: unknown), one column or one-hot, or strings. With
    names for exactly the labels 0..k-1 given, those are used in their order.
    Raises UnreadableError.
    """
    flat = [
        None if column is None else _flat_labels(column, count)
        for column, count in zip(columns, counts, strict=True)
    ]
    known = [column for column in flat if column is not None]
    names = sorted(
        {str(name) for c in known for name in np.unique(c) if name != ""}, key=natural_key
    )
    if len(names) > CLASS_LIMIT:
        raise UnreadableError(
            f"the labels have {len(names):,} different values; at most {CLASS_LIMIT:,} classes are "
            "possible"
        )
    unique = len(set(given_names)) == len(given_names) > 0
    if unique and set(names) <= {str(number) for number in range(len(given_names))}:
        index = {str(number): number for number in range(len(given_names))}
        names = given_names
    else:
        index = {name: number for number, name in enumerate(names)}
    encoded = []
    for column, count in zip(flat, counts, strict=True):
        if column is None:
            encoded.append(np.full(count, -1, dtype=np.int32))
            continue
        values, places = np.unique(column, return_inverse=True)
        codes = np.array([index.get(str(value), -1) for value in values], dtype=np.int32)
        encoded.append(codes[places])
    return encoded, names


def _checked(layout: Layout, title: str) -> Layout:
    count, height, width, _ = layout.shape
    if count < 1 or height < 1 or width < 1:
        raise UnreadableError(f"{title} holds no pixels: its shape is {layout.shape}")
    if count > COUNT_LIMIT or height * width * 4 > CHUNK_BYTES:
        raise UnreadableError(
            f"{title} declares {count} images of {height} x {width} pixels; at most "
            f"{COUNT_LIMIT:,} images and {CHUNK_BYTES // 4:,} pixels an image are read"
        )
    return layout


def _flat_labels(column: NDArray[Any], count: int) -> NDArray[Any]:
    """(n,) strings; "" means unknown."""
    if column.ndim == 2 and column.shape[1] > 1 and column.dtype.kind in "biuf":
        column = np.where(column.max(axis=1) > 0, column.argmax(axis=1), -1)
    column = column.reshape(-1)
    if len(column) != count:
        raise UnreadableError(
            f"there are {len(column)} labels for {count} images; expected one label an image"
        )
    if column.dtype.kind in "US":
        return column.astype(str)
    if column.dtype.kind not in "biuf":
        raise UnreadableError(f"the labels have the type {column.dtype}; expected numbers or text")
    numbers = np.where(np.isfinite(column.astype(np.float64)), column, -1).astype(np.float64)
    if np.any(numbers != np.rint(numbers)):
        raise UnreadableError(
            "the labels are not whole numbers; expected one class number an image"
        )
    values, places = np.unique(numbers.astype(np.int64), return_inverse=True)
    texts = np.array([str(value) if value >= 0 else "" for value in values], dtype=str)
    return texts[places]


def _on_white(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    alpha = images[..., 3:].astype(np.uint16)
    colours = images[..., :3].astype(np.uint16)
    return ((colours * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
