"""Image files -> a dataset: look at every header, choose one size, then decode."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, prod

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import SPLITS, Manifest, SkippedFile
from ssl_core.datasets.decoder import DecoderPool, FileRequest, Place
from ssl_core.datasets.description import NOTHING_BESIDE, Beside, Description
from ssl_core.datasets.names import class_names
from ssl_core.datasets.progress import Reporter
from ssl_core.datasets.readers.source import FileSource, ImageFile
from ssl_core.datasets.sizes import Size, common_size, describe_sizes
from ssl_core.datasets.writer import DatasetWriter
from ssl_core.errors import UserError

_BATCH = 64  # files; a batch is what progress and memory are counted in
_BATCH_BYTES = 16 << 20  # of decoded images


@dataclass(frozen=True)
class Target:
    """The dataset asked for. size: side in pixels of the square, None to choose."""

    identifier: str
    name: str
    source: str
    size: int | None


@dataclass
class Headers:
    """What the first pass found."""

    files: list[ImageFile]
    sizes: Counter[Size]
    grey: bool
    skipped: list[SkippedFile]

    def add(self, file: ImageFile, header: dict[str, object]) -> None:
        """Take in the child's answer for one file."""
        size = _size(header)
        if size is None:
            self.skipped.append(left_out(file, header))
            return
        self.files.append(file)
        self.sizes[size] += 1
        self.grey = self.grey and header.get("g") == 1


def import_files(
    source: FileSource,
    target: Target,
    writer: DatasetWriter,
    pool: DecoderPool,
    report: Reporter,
) -> Manifest:
    """Import all image files of `source`. Raises UserError where not one can be read."""
    archive = None if source.archive is None else str(source.archive)
    found = look_at_headers(source.files, archive, pool, report)
    if not found.files:
        raise no_image(target.source, found.skipped or list(source.skipped))
    size, rule = common_size(found.sizes, target.size)
    shape = (*size, 1 if found.grey else 3)
    writer.begin(shape, len(found.files))
    kept, damaged = _decode(found, shape, archive, writer, pool, report)
    if not kept:
        raise no_image(target.source, damaged)
    splits, split_notes = split_indices([file.split for file in kept])
    stored, class_notes = class_names(file.label for file in kept if file.label is not None)
    classes = list(stored.values())
    index = {raw: classes.index(name) for raw, name in stored.items()}
    reference = [-1 if file.label is None else index[file.label] for file in kept]
    return writer.finish(
        splits,
        np.array(reference, dtype=np.int32),
        Description(
            identifier=target.identifier,
            name=target.name,
            source=target.source,
            classes=classes,
            resize_rule=rule,
            original_sizes=describe_sizes(found.sizes),
            skipped=[*source.skipped, *found.skipped, *damaged],
            notes=[*source.notes, *split_notes, *class_notes],
        ),
        _numbers_beside(source.columns, kept),
    )


def _numbers_beside(columns: tuple[str, ...], kept: Sequence[ImageFile]) -> Beside:
    if not columns:
        return NOTHING_BESIDE
    unknown = (nan,) * len(columns)
    numeric = np.array([file.numbers or unknown for file in kept], dtype=np.float32)
    return Beside(columns=columns, numeric=numeric)


def look_at_headers(
    files: Sequence[ImageFile], archive: str | None, pool: DecoderPool, report: Reporter
) -> Headers:
    """Size and kind of every image; files whose header cannot be read are left out."""
    report.phase("looking at the images", len(files))
    found = Headers([], Counter(), True, [])
    places: list[Place] = [file.place for file in files]
    done = 0
    for frames in pool.answers(FileRequest("probe", archive), places, _BATCH):
        for file, (header, _) in zip(files[done : done + len(frames)], frames, strict=True):
            found.add(file, header)
        done += len(frames)
        report.skipped = len(found.skipped)
        report.done(done)
    return found


def split_indices(
    names: Sequence[str], items: str = "images"
) -> tuple[NDArray[np.uint8], list[str]]:
    """(count,) index into SPLITS. Where all items are test items they are the training split."""
    present = set(names)
    if present == {"test"}:
        note = f"There is only a test split: its {items} were taken as the training split."
        return np.zeros(len(names), dtype=np.uint8), [note]
    index = {name: number for number, name in enumerate(SPLITS)}
    return np.array([index[name] for name in names], dtype=np.uint8), []


def left_out(file: ImageFile, header: dict[str, object]) -> SkippedFile:
    """The line for a file that the child refused."""
    return SkippedFile(file=file.name, reason=str(header.get("reason", "it cannot be read"))[:400])


def no_image(source: str, skipped: Sequence[SkippedFile]) -> UserError:
    """Not one image could be read: the first reasons are what helps."""
    reasons = "; ".join(f"{entry.file}: {entry.reason}" for entry in skipped[:3])
    more = f" (and {len(skipped) - 3} more)" if len(skipped) > 3 else ""
    return UserError(
        f"None of the images in {source} can be read, so nothing was imported. {reasons}{more}."
    )


def _decode(
    found: Headers,
    shape: tuple[int, int, int],
    archive: str | None,
    writer: DatasetWriter,
    pool: DecoderPool,
    report: Reporter,
) -> tuple[list[ImageFile], list[SkippedFile]]:
    report.phase("reading the images", len(found.files))
    request = FileRequest("decode", archive, shape=shape)
    batch = max(1, min(_BATCH, _BATCH_BYTES // prod(shape)))
    places: list[Place] = [file.place for file in found.files]
    kept: list[ImageFile] = []
    damaged: list[SkippedFile] = []
    done = 0
    for frames in pool.answers(request, places, batch):
        files = found.files[done : done + len(frames)]
        readable = [
            (file, payload)
            for file, (header, payload) in zip(files, frames, strict=True)
            if header.get("ok") == 1 and len(payload) == prod(shape)
        ]
        good = {id(file) for file, _ in readable}
        damaged += [
            left_out(file, header)
            for file, (header, _) in zip(files, frames, strict=True)
            if id(file) not in good
        ]
        if readable:
            content = b"".join(payload for _, payload in readable)
            images = np.frombuffer(content, dtype=np.uint8).reshape(len(readable), *shape)
            writer.append(images, [file.name for file, _ in readable])
            kept += [file for file, _ in readable]
        done += len(frames)
        report.skipped = len(found.skipped) + len(damaged)
        report.done(done)
    return kept, damaged


def _size(header: dict[str, object]) -> Size | None:
    """Height and width from an answer, checked; None where the file was refused."""
    height, width = header.get("h"), header.get("w")
    if header.get("ok") != 1 or not isinstance(height, int) or not isinstance(width, int):
        return None
    return (height, width) if height > 0 and width > 0 else None
