"""Labelled items as a zip with one folder a class, as other programs read them."""

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.datasets.thumbnails import png_bytes
from ssl_core.errors import UserError
from ssl_core.labels.store import LabelStore
from ssl_core.labels.written_file import AT_ONCE, Progress, no_progress, written_file

_NOT_IN_A_NAME = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')  # on some system or other
_LONGEST_PART = 80  # characters


def export_class_folders(
    dataset: Dataset,
    store: LabelStore,
    path: Path | str,
    head: str | None = None,
    with_test: bool = False,
    progress: Progress = no_progress,
) -> int:
    """Write the labelled items to the zip at `path`, each into the folder of its class.

    Images are PNG at their stored size, texts UTF-8. with_test: also labelled items of the test
    split. Returns how many. Raises UserError for a regression head, and where the file cannot be
    written.
    """
    asked = store.head(head)
    if asked.kind == "regression":
        raise UserError(
            f"The answers to {asked.title!r} are numbers, so there are no class folders. "
            "Choose .json or .csv."
        )
    classes = store.classes(asked.name)
    folders = dict(
        zip(
            [one.identifier for one in classes],
            folder_names([one.name for one in classes]),
            strict=True,
        )
    )
    current = store.current(asked.name)
    outside = np.asarray(dataset.splits)[current.items] != TEST
    wanted = (outside | with_test) & np.isin(current.values, list(folders))
    items, values = current.items[wanted].tolist(), current.values[wanted].tolist()
    # A PNG cannot be compressed again; texts can.
    packing = zipfile.ZIP_DEFLATED if dataset.manifest.kind == "texts" else zipfile.ZIP_STORED
    with written_file(path) as stream, zipfile.ZipFile(stream, "w", packing) as archive:
        for start in range(0, len(items), AT_ONCE):
            part = items[start : start + AT_ONCE]
            inside = values[start : start + AT_ONCE]
            for item, value, content in zip(part, inside, _contents(dataset, part), strict=True):
                archive.writestr(f"{folders[value]}/{file_name(dataset, item)}", content)
            progress(start + len(part), len(items))
        archive.comment = origin_of(dataset)
    return len(items)


def origin_of(dataset: Dataset) -> bytes:
    """What the archive says of where it is from: only there the numbers in it are the same."""
    return f"handful {dataset.manifest.fingerprint}".encode()


def folder_names(classes: Sequence[str]) -> list[str]:
    """A folder name for each class, all different whatever the case of letters."""
    names: list[str] = []
    taken: set[str] = set()
    for number, name in enumerate(classes, 1):
        plain = _part(name) or f"class {number}"
        chosen, copy = plain, 1
        while chosen.casefold() in taken:
            copy += 1
            chosen = f"{plain} ({copy})"
        taken.add(chosen.casefold())
        names.append(chosen)
    return names


def _contents(dataset: Dataset, items: Sequence[int]) -> list[bytes]:
    if dataset.manifest.kind == "texts":
        return [text.encode("utf-8", "replace") for text in dataset.texts_of(items)]
    return [png_bytes(dataset.images[item]) for item in items]


def file_name(dataset: Dataset, item: int) -> str:
    """What an item is called in its folder. The number keeps items of one name apart."""
    ending = "txt" if dataset.manifest.kind == "texts" else "png"
    stem = _part(Path(dataset.item_names[item].rsplit("/", 1)[-1]).stem)
    return f"{item:07d} {stem}.{ending}" if stem else f"{item:07d}.{ending}"


def _part(name: str) -> str:
    """`name` as one part of a path: no separators, no dots or spaces at its ends."""
    return _NOT_IN_A_NAME.sub("_", name).strip(". ")[:_LONGEST_PART].strip(". ")
