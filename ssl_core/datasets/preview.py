"""What an import would give, before it is started."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.array_import import file_names, next_frame, read_head
from ssl_core.datasets.dataset import SPLITS
from ssl_core.datasets.decoder import DecoderChild, FileRequest, Frame, ask_about_files
from ssl_core.datasets.file_import import Headers, left_out, no_image, split_indices
from ssl_core.datasets.names import class_names
from ssl_core.datasets.readers.detect import open_source
from ssl_core.datasets.readers.source import ArraySource, FileSource, TextSource
from ssl_core.datasets.sizes import SIDE_LIMIT, check_side, common_size, describe_sizes
from ssl_core.datasets.text_preview import TextPreview, preview_texts
from ssl_core.files import typed_path

_LOOKED_AT = 400  # files whose header is read; a preview must come at once
_SAMPLES = 8
_KIND_OF_ANSWER = ("before", "after")
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Preview:
    """`sizes`: "height × width" -> count among the images looked at. `samples`: name, the image
    as it is (at most 512 pixels wide and high) and as it would be stored, (h, w, 1 or 3) uint8.
    """

    kind: str
    count: int
    classes: tuple[str, ...]
    splits: dict[str, int]
    sizes: dict[str, int]
    resize_rule: str
    samples: list[tuple[str, Pixels, Pixels]]
    looked_at: int
    skipped: int
    notes: tuple[str, ...]


def preview_source(location: str, size: int | None = None) -> Preview | TextPreview:
    """Look at the source at a path. Images are decoded in a limited child. Raises UserError."""
    check_side(size)
    path = typed_path(location)
    source = open_source(path)
    if isinstance(source, TextSource):
        return preview_texts(source)
    with DecoderChild() as child:
        if isinstance(source, ArraySource):
            return _arrays(source, child, size)
        return _files(source, child, size, path.name)


def _files(source: FileSource, child: DecoderChild, size: int | None, name: str) -> Preview:
    archive = None if source.archive is None else str(source.archive)
    step = max(1, len(source.files) // _LOOKED_AT)
    chosen = list(source.files[::step][:_LOOKED_AT])
    answers = ask_about_files(child, FileRequest("probe", archive), [f.place for f in chosen])
    found = Headers([], Counter(), True, [])
    for file, (header, _) in zip(chosen, answers, strict=True):
        found.add(file, header)
    if not found.files:
        raise no_image(name, found.skipped)
    chosen_size, rule = common_size(found.sizes, size)
    shown = found.files[:: max(1, len(found.files) // _SAMPLES)][:_SAMPLES]
    places = [file.place for file in shown]
    shape = (*chosen_size, 1 if found.grey else 3)
    before = ask_about_files(child, FileRequest("preview", archive, side=SIDE_LIMIT), places)
    after = ask_about_files(child, FileRequest("decode", archive, shape=shape), places)
    samples: list[tuple[str, Pixels, Pixels]] = []
    for file, old, new in zip(shown, before, after, strict=True):
        pair = _pixels(old), _pixels(({**new[0], "shape": list(shape)}, new[1]))
        if pair[0] is None or pair[1] is None:
            found.skipped.append(left_out(file, new[0]))
        else:
            samples.append((file.name, pair[0], pair[1]))
    stored, class_notes = class_names(f.label for f in source.files if f.label is not None)
    splits, split_notes = split_indices([file.split for file in source.files])
    return Preview(
        kind=source.kind,
        count=len(source.files),
        classes=tuple(stored.values()),
        splits=_amounts(splits),
        sizes=describe_sizes(found.sizes),
        resize_rule=rule,
        samples=samples,
        looked_at=len(chosen),
        skipped=len(source.skipped) + len(found.skipped),
        notes=(*source.notes, *split_notes, *class_notes),
    )


def _arrays(source: ArraySource, child: DecoderChild, size: int | None) -> Preview:
    head, _ = read_head(source, child, size, samples=_SAMPLES)
    samples: list[tuple[str, Pixels, Pixels]] = []
    title = head.parts[0][0]
    while True:
        old = next_frame(child, source)
        if old[0].get("kind") not in _KIND_OF_ANSWER:
            break
        before, after = _pixels(old), _pixels(next_frame(child, source))
        if before is not None and after is not None:
            samples.append((f"{title} #{len(samples)}", before, after))
    names = [split for _, split, count in head.parts for _ in range(count)]
    splits, notes = split_indices(names)
    return Preview(
        kind=f"{source.kind}: {file_names(source.paths)}",
        count=head.count,
        classes=tuple(head.classes),
        splits=_amounts(splits),
        sizes=describe_sizes(head.original_sizes),
        resize_rule=head.rule,
        samples=samples,
        looked_at=head.count,
        skipped=0,
        notes=(*head.notes, *notes),
    )


def _amounts(splits: NDArray[np.uint8]) -> dict[str, int]:
    amounts = np.bincount(splits, minlength=len(SPLITS))
    return {name: int(n) for name, n in zip(SPLITS, amounts, strict=True) if n}


def _pixels(frame: Frame) -> Pixels | None:
    """The image in a frame, its shape checked; None where the file was refused."""
    header, payload = frame
    shape = header.get("shape")
    if header.get("ok", 1) != 1 or not isinstance(shape, list) or len(shape) != 3:
        return None
    height, width, channels = (int(extent) for extent in shape)
    if not (0 < height <= SIDE_LIMIT and 0 < width <= SIDE_LIMIT and channels in (1, 3)):
        return None
    if len(payload) != height * width * channels:
        return None
    return np.frombuffer(payload, dtype=np.uint8).reshape(height, width, channels)
