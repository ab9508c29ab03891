"""Files that hold whole arrays of images -> a dataset, in chunks."""

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from math import prod
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, ValidationError

from ssl_core.datasets.dataset import SPLITS, Manifest
from ssl_core.datasets.decoder import ChildError, DecoderChild, Frame
from ssl_core.datasets.description import Description
from ssl_core.datasets.file_import import Target, split_indices
from ssl_core.datasets.names import class_names, plain_text
from ssl_core.datasets.progress import Reporter
from ssl_core.datasets.readers.source import ArraySource
from ssl_core.datasets.sizes import SIDE_LIMIT, Size, describe_sizes
from ssl_core.datasets.writer import DatasetWriter
from ssl_core.errors import UserError
from ssl_core.files import JsonObject

_Count = Annotated[int, Field(ge=1, le=5_000_000)]
_Side = Annotated[int, Field(ge=1, le=SIDE_LIMIT)]


class Head(BaseModel):
    """The first frame of an array file, checked before it is believed."""

    shape: tuple[_Side, _Side, Literal[1, 3]]
    rule: str
    parts: Annotated[
        list[tuple[str, Literal["train", "test", "unlabelled"], _Count]], Field(max_length=8)
    ]
    classes: list[str]
    sizes: list[tuple[int, int, int]]
    notes: list[str]

    @property
    def count(self) -> int:
        return sum(count for _, _, count in self.parts)

    @property
    def original_sizes(self) -> Counter[Size]:
        return Counter({(height, width): count for height, width, count in self.sizes})


def import_arrays(
    source: ArraySource,
    target: Target,
    writer: DatasetWriter,
    child: DecoderChild,
    report: Reporter,
) -> Manifest:
    """Import all images of the array files. Raises UserError with the file's name."""
    report.phase("looking at the arrays", None)
    head, codes = read_head(source, child, target.size, samples=0)
    report.phase("reading the images", head.count)
    writer.begin(head.shape, head.count)
    names = (f"{plain_text(t, 80)} #{i}" for t, _, count in head.parts for i in range(count))
    while writer.count < head.count:
        header, payload = next_frame(child, source)
        images = np.frombuffer(payload, dtype=np.uint8)
        count = header.get("count")
        left = head.count - writer.count
        if not isinstance(count, int) or not 1 <= count <= left:
            raise _failed(source, "its images do not match what it declares")
        if images.size != count * prod(head.shape):
            raise _failed(source, "its images do not match what it declares")
        writer.append(images.reshape(count, *head.shape), list(islice(names, count)))
        report.done(writer.count)
    if next_frame(child, source)[0].get("kind") != "end":
        raise _failed(source, "it goes on after its last image")
    splits, notes = split_indices([split for _, split, count in head.parts for _ in range(count)])
    if np.all(codes < 0):
        head.classes.clear()
    stored, class_notes = class_names(head.classes)
    codes = np.where(splits == SPLITS.index("unlabelled"), -1, codes).astype(np.int32)
    description = Description(
        identifier=target.identifier,
        name=target.name,
        source=target.source,
        classes=[stored[name] for name in head.classes],
        resize_rule=head.rule,
        original_sizes=describe_sizes(head.original_sizes),
        notes=[*head.notes, *notes, *class_notes],
    )
    return writer.finish(splits, codes, description)


def read_head(
    source: ArraySource, child: DecoderChild, size: int | None, samples: int
) -> tuple[Head, NDArray[np.int32]]:
    """The head and the labels (count,), index into head.classes, -1 unknown."""
    request: JsonObject = {
        "op": "array",
        "reader": source.reader,
        "paths": [str(path) for path in source.paths],
        "size": size,
        "samples": samples,
    }
    child.ask(request)
    try:
        head = Head.model_validate(next_frame(child, source)[0])
    except ValidationError as error:
        raise _failed(source, "it declares sizes that are not possible here") from error
    columns = []
    for _, _, count in head.parts:
        codes = np.frombuffer(next_frame(child, source)[1], dtype="<i4")
        in_range = codes.size == count and codes.min() >= -1 and codes.max() < len(head.classes)
        if not in_range:
            raise _failed(source, "its labels do not match its images")
        columns.append(codes.astype(np.int32))
    return head, np.concatenate(columns)


def next_frame(child: DecoderChild, source: ArraySource) -> Frame:
    """The next answer. Raises UserError where the file was refused or ended the child."""
    header: JsonObject = {"kind": "working"}
    try:
        while header.get("kind") == "working":
            header, payload = child.answer()
    except ChildError as error:
        raise _failed(source, str(error)) from error
    if header.get("kind") == "error":
        raise _failed(source, str(header.get("reason", ""))[:600])
    return header, payload


def file_names(paths: Sequence[object]) -> str:
    """The names of the files, for a sentence."""
    return ", ".join(plain_text(str(path).rsplit("/", 1)[-1]) for path in paths)


def _failed(source: ArraySource, reason: str) -> UserError:
    what = f"{file_names(source.paths)} cannot be imported: {reason.rstrip('.')}."
    return UserError(f"{what} Nothing was imported.")
