"""The binary files of STL-10. The parsing runs inside the child."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.arrays import CHUNK_BYTES, ArrayFile, Part, layout_of
from ssl_core.datasets.decode import UnreadableError

_SIDE = 96  # pixels
_IMAGE_BYTES = 3 * _SIDE * _SIDE
_SPLITS = {"train": "train", "test": "test", "unlabeled": "unlabelled", "unlabelled": "unlabelled"}
_NAMES = ["airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"]
_NAMES_LIMIT = 1 << 16  # bytes of class_names.txt


def image_files(path: Path) -> list[Path]:
    """The image files that `path`, a file or the unpacked folder, stands for."""
    if path.is_file():
        images = path.with_name(path.name.replace("_y.bin", "_X.bin"))
        return [images if images.is_file() else path]
    return [path / f"{stem}_X.bin" for stem in _SPLITS if (path / f"{stem}_X.bin").is_file()]


def read(paths: list[Path]) -> ArrayFile:
    """The images of the given `*_X.bin` files. Raises UnreadableError."""
    names = _NAMES
    listed = paths[0].with_name("class_names.txt")
    if listed.is_file():
        text = listed.read_bytes()[:_NAMES_LIMIT].decode("utf-8", "replace")
        names = [line.strip() for line in text.splitlines() if line.strip()]
    return ArrayFile([_part(path) for path in paths], class_names=names)


def _part(path: Path) -> Part:
    size = path.stat().st_size
    count, rest = divmod(size, _IMAGE_BYTES)
    if rest or not count:
        raise UnreadableError(
            f"{path.name} has {size:,} bytes; expected a multiple of {_IMAGE_BYTES:,} "
            f"({_SIDE} x {_SIDE} x 3): it is cut off or not an STL-10 image file"
        )

    def chunks() -> Iterator[NDArray[Any]]:
        rows = CHUNK_BYTES // _IMAGE_BYTES
        with path.open("rb") as stream:
            for start in range(0, count, rows):
                content = stream.read(min(rows, count - start) * _IMAGE_BYTES)
                planes = np.frombuffer(content, dtype=np.uint8).reshape(-1, 3, _SIDE, _SIDE)
                yield planes.transpose(0, 3, 2, 1)  # stored as channel, column, row

    layout = layout_of((count, _SIDE, _SIDE, 3), path.name)
    split = _SPLITS.get(path.name.removesuffix("_X.bin").lower(), "train")
    return Part(path.name, split, layout, chunks, _labels(path, count), full_range=True)


def _labels(path: Path, count: int) -> NDArray[Any] | None:
    partner = path.with_name(path.name.replace("_X.bin", "_y.bin"))
    if partner == path or not partner.is_file():
        return None
    if partner.stat().st_size != count:
        raise UnreadableError(
            f"{partner.name} has {partner.stat().st_size:,} labels for {count:,} images in "
            f"{path.name}; expected one byte an image"
        )
    # Written as 1..10; 0 would mean unknown, which -1 means here.
    return np.fromfile(partner, dtype=np.uint8).astype(np.int64) - 1
