"""Labels from a zip with one folder a class: by the names of its entries, no file is opened."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from ssl_core.datasets.dataset import Dataset
from ssl_core.datasets.names import plain_text
from ssl_core.datasets.readers.layout import is_dropping
from ssl_core.datasets.zip_entries import archive_problem, entry_name, entry_problem
from ssl_core.errors import UserError
from ssl_core.files import is_special
from ssl_core.heads import Head
from ssl_core.labels.batches import IMPORTED, new_file_batch
from ssl_core.labels.class_folders import file_name, folder_names, origin_of
from ssl_core.labels.csv_files import (
    MOST_REPORTED,
    CsvReport,
    SkippedRow,
    chosen_answers,
    left_out,
    named_classes,
)
from ssl_core.labels.csv_items import ItemFinder
from ssl_core.labels.csv_reading import CsvRow
from ssl_core.labels.draw import append_in_batches
from ssl_core.labels.events import new_label
from ssl_core.labels.store import LabelStore

PERSON = "class-folders"
_NUMBERED = re.compile(r"(\d{7,15}) (.+)")  # as `export_class_folders` calls files


def import_class_folders(
    dataset: Dataset, store: LabelStore, path: Path | str, head: str | None = None
) -> CsvReport:
    """Label the items that the entries of the zip at `path` name with the class they lie in.

    The class is the folder that a file lies in, as `export_class_folders` spells it. A file is
    found as a CSV names it, by its path in the source or by its last part where that is unique; or
    by what that export calls it. Classes that are not known, and entries that contradict each
    other, are treated as in a CSV. All labels have one batch, so that they can be taken back
    together. Line n of the report is entry n. Raises UserError for a regression head, and where
    the archive cannot be read, is damaged, forged or a bomb.
    """
    path = Path(path)
    asked = store.head(head)
    if asked.kind == "regression":
        raise UserError(
            f"The answers to {asked.title!r} are numbers, and a class folder holds none. "
            "Use a CSV or tasks of Label Studio."
        )
    skipped: list[SkippedRow] = []
    entries, comment = _contents(path)
    rows = list(_rows(entries, asked, skipped))
    finder = _FileFinder(dataset, comment == origin_of(dataset))
    found: list[tuple[CsvRow, int]] = []
    for row in rows:
        item, reason = finder.find(row)
        if item is None:
            skipped.append(left_out(row, reason))
        else:
            found.append((row, item))
    chosen = chosen_answers(store, asked, found, path, skipped)
    skipped.sort(key=lambda row: row.line)
    per_class: dict[str, int] = {}
    for name in named_classes(store, asked, chosen):
        per_class[name] = per_class.get(name, 0) + 1
    batch = new_file_batch()
    events = [
        new_label(item, value, head=asked.name, person=PERSON, origin=IMPORTED, batch=batch)
        for item, value in chosen.items()
    ]
    return CsvReport(
        labelled=append_in_batches(store, events),
        per_class=per_class,
        skipped=tuple(skipped[:MOST_REPORTED]),
        skipped_count=len(skipped),
    )


def _rows(
    entries: Sequence[zipfile.ZipInfo], head: Head, skipped: list[SkippedRow]
) -> Iterator[CsvRow]:
    """One row a file of the archive, with its class; those that cannot be read go to `skipped`."""
    known = dict(zip(folder_names(head.classes), head.classes, strict=True))
    for number, entry in enumerate(entries, 1):
        name = entry_name(entry)
        if name.endswith("/") or is_dropping(name):
            continue
        folder, _, _ = name.rpartition("/")
        last = folder.rsplit("/", 1)[-1]
        row = CsvRow(number, plain_text(name), "", known.get(last, last), head.name)
        problem = entry_problem(entry)
        if problem is not None:
            skipped.append(left_out(row, f"Left out: {problem}."))
        elif not last:
            skipped.append(left_out(row, "It lies in no class folder."))
        else:
            yield row


def _contents(path: Path) -> tuple[list[zipfile.ZipInfo], bytes]:
    """The table of contents of the archive, and its comment. Raises UserError."""
    try:
        if is_special(path):
            raise UserError(f"{path} is a folder or a device. Expected a zip of class folders.")
        problem = archive_problem(path)
        if problem is not None:
            raise UserError(problem)
        with zipfile.ZipFile(path) as archive:
            return archive.infolist(), archive.comment
    except OSError as error:
        raise UserError(f"{path.name} cannot be read: {error.strerror}. Check the path.") from error


class _FileFinder:
    """Finds items of one dataset by the paths of files in class folders.

    numbered: whether the numbers in their names are those of its items.
    """

    def __init__(self, dataset: Dataset, numbered: bool) -> None:
        self._dataset, self._numbered = dataset, numbered
        self._finder = ItemFinder(dataset)

    def find(self, row: CsvRow) -> tuple[int | None, str]:
        """The item, or None and why there is none."""
        parts = row.file.split("/")
        item = self._exported(parts[-1])
        if item is not None:
            return item, ""
        reason = ""
        for start in range(len(parts)):  # a folder may lie around everything
            item, reason = self._finder.find(replace(row, file="/".join(parts[start:])))
            if item is not None:
                break
        return item, reason

    def _exported(self, name: str) -> int | None:
        """The item that `export_class_folders` calls so: by its number, else by the rest."""
        numbered = _NUMBERED.fullmatch(name)
        if numbered is None:
            return None
        item = int(numbered[1])
        here = self._numbered and item < self._dataset.manifest.count
        if here and file_name(self._dataset, item) == name:
            return item
        # In another dataset, or with another order of its files, a number is another item.
        return self._by_rest.get(numbered[2])

    @cached_property
    def _by_rest(self) -> dict[str, int | None]:
        """Exported name without its number -> item, None where several have it."""
        found: dict[str, int | None] = {}
        for item in range(self._dataset.manifest.count):
            numbered = _NUMBERED.fullmatch(file_name(self._dataset, item))
            if numbered is not None:
                found[numbered[2]] = None if numbered[2] in found else item
        return found
