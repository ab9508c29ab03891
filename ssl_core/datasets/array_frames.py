"""An array file -> the frames that the child sends. Runs only inside the child."""

import math
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ssl_core.datasets import arrays, decode, sizes
from ssl_core.datasets.arrays import ArrayFile, Part
from ssl_core.datasets.readers import idx, numpy_files, stl10, svhn

Frame = tuple[dict[str, Any], bytes]
_PREVIEW_SIDE = 512  # pixels


def frames(request: dict[str, Any]) -> Iterator[Frame]:
    """Frames for {"reader", "paths", "size", "samples"}: 0 samples means all images.

    Raises decode.UnreadableError and what damaged headers make NumPy raise.
    """
    source = _read(request["reader"], [Path(path) for path in request["paths"]])
    parts = source.parts
    counts = Counter[sizes.Size]()
    for part in parts:
        counts[part.layout.shape[1:3]] += part.layout.shape[0]
    size, rule = sizes.common_size(counts, request["size"])
    channels = 1 if all(part.layout.shape[3] == 1 for part in parts) else 3
    scales = yield from _scales(parts)
    labels, names = arrays.encode_labels(
        [part.labels for part in parts],
        [part.layout.shape[0] for part in parts],
        source.class_names,
    )
    yield (
        {
            "kind": "head",
            "shape": [*size, channels],
            "rule": rule,
            "parts": [[part.title, part.split, part.layout.shape[0]] for part in parts],
            "classes": names,
            "sizes": [[*own, count] for own, count in counts.items()],
            "notes": source.notes,
        },
        b"",
    )
    for codes in labels:
        yield {"kind": "labels"}, codes.astype("<i4").tobytes()
    if request["samples"]:
        yield from _samples(parts, scales, (*size, channels), request["samples"])
    else:
        yield from _images(parts, scales, (*size, channels))
    yield {"kind": "end"}, b""


def _read(reader: str, paths: list[Path]) -> ArrayFile:
    if reader == "idx":
        return idx.read(paths)
    if reader == "numpy":
        return numpy_files.read(paths[0])
    if reader == "svhn":
        return svhn.read(paths)
    if reader == "stl10":
        return stl10.read(paths)
    raise ValueError(f"no reader {reader!r}")


def _scales(parts: list[Part]) -> Generator[Frame, None, list[tuple[float, float]]]:
    """(offset, factor) of each part; parts that need a look at their values share one rule.

    The frames on the way only say that the process is alive: the look may take long.
    """
    unknown = [part for part in parts if not part.full_range]
    if not unknown:
        return [(0.0, 1.0)] * len(parts)
    low, high, dtype = math.inf, -math.inf, np.dtype(np.uint8)
    for part in unknown:
        for chunk in part.chunks():
            ends = arrays.value_range(chunk, part.title)
            low, high, dtype = min(low, ends[0]), max(high, ends[1]), chunk.dtype
            yield {"kind": "working"}, b""
    shared = arrays.scaling(low, high, dtype)
    return [(0.0, 1.0) if part.full_range else shared for part in parts]


def _images(
    parts: list[Part], scales: list[tuple[float, float]], shape: tuple[int, int, int]
) -> Iterator[Frame]:
    for part, scale in zip(parts, scales, strict=True):
        # The file's rows may be small and the images asked for large: cut to the frame's limit.
        rows = max(1, arrays.CHUNK_BYTES // math.prod(shape))
        for chunk in part.chunks():
            images = arrays.to_images(chunk, part.layout, scale)
            for start in range(0, len(images), rows):
                block = _brought_to(images[start : start + rows], shape)
                yield {"kind": "chunk", "count": len(block)}, block.tobytes()


def _samples(
    parts: list[Part],
    scales: list[tuple[float, float]],
    shape: tuple[int, int, int],
    samples: int,
) -> Iterator[Frame]:
    """Pairs of frames: an image as it is in the file, and as it would be stored."""
    part, scale = parts[0], scales[0]
    first = arrays.to_images(next(part.chunks())[:samples], part.layout, scale)
    for image in first:
        height, width, channels = image.shape
        reduced = min(1.0, _PREVIEW_SIDE / max(height, width))
        seen = max(1, round(height * reduced)), max(1, round(width * reduced)), channels
        before = _brought_to(image[None], seen)[0]
        after = _brought_to(image[None], shape)[0]
        yield {"kind": "before", "shape": before.shape}, before.tobytes()
        yield {"kind": "after", "shape": after.shape}, after.tobytes()


def _brought_to(images: NDArray[np.uint8], shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """(k, h, w, c) images in the shape asked for, by the same rule as image files."""
    if images.shape[1:3] != shape[:2]:
        fitted = [
            np.asarray(
                decode.fit(
                    Image.fromarray(np.squeeze(image, 2) if image.shape[2] == 1 else image),
                    shape[:2],
                )
            )
            for image in images
        ]
        images = np.stack(fitted).reshape(len(images), *shape[:2], -1)
    if images.shape[3] == 1 and shape[2] == 3:
        images = np.repeat(images, 3, axis=3)
    return images
