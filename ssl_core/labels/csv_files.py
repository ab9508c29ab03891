"""Labels from a CSV file, and into one."""

import csv
import io
import uuid
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ssl_core.datasets.dataset import Dataset
from ssl_core.datasets.names import plain_text, with_guard, without_guard
from ssl_core.errors import UserError
from ssl_core.files import is_special, replace_bytes
from ssl_core.labels.classes import checked_name
from ssl_core.labels.csv_reading import CsvRow, read_rows
from ssl_core.labels.draw import append_in_batches
from ssl_core.labels.events import LabelEvent
from ssl_core.labels.store import LabelStore

PERSON = "csv"
MOST_REPORTED = 1000  # rows with a reason of their own
MOST_NEW_CLASSES = 200
COLUMNS = ("item", "file", "label", "person", "origin", "seconds", "created")


class SkippedRow(BaseModel):
    """A row that was left out, and why, in words for a person."""

    model_config = ConfigDict(frozen=True)
    line: int  # 1 is the first line of the file
    file: str
    reason: str


class CsvReport(BaseModel):
    """What became of a CSV file."""

    model_config = ConfigDict(frozen=True)
    labelled: int  # items that have the label of the file now
    per_class: dict[str, int]  # class name -> of those
    skipped: tuple[SkippedRow, ...]  # the first 1000, in the order of the file
    skipped_count: int


def import_csv(dataset: Dataset, store: LabelStore, path: Path | str) -> CsvReport:
    """Label the items that the CSV at `path` names; later hand labels may change them again.

    Columns `file` (or `item`, the index) and `label`. A file is named as in the source, or by its
    last part where that is unique. Where the dataset has no classes at all they are taken from
    the file; otherwise a row with an unknown class is left out. Rows that contradict each other
    are all left out. Raises UserError where the file is not a table of labels.
    """
    path = Path(path)
    rows = read_rows(path)
    finder = _ItemFinder(dataset)
    skipped: list[SkippedRow] = []
    found: list[tuple[CsvRow, int]] = []
    for row in rows:
        item, reason = finder.find(row)
        if item is not None and not row.label:
            item, reason = None, "It has no label."
        if item is None:
            skipped.append(_skip(row, reason))
        else:
            found.append((row, item))
    class_of = _classes_for(store, found, path)
    chosen = _agreed(found, class_of, skipped)
    name_of = {one.identifier: one.name for one in store.classes()}
    labelled = append_in_batches(store, _events(chosen))
    skipped.sort(key=lambda row: row.line)
    return CsvReport(
        labelled=labelled,
        per_class=dict(Counter(name_of[value] for value in chosen.values())),
        skipped=tuple(skipped[:MOST_REPORTED]),
        skipped_count=len(skipped),
    )


def export_csv(dataset: Dataset, store: LabelStore, path: Path | str) -> int:
    """Write the labels that count now to `path` (UTF-8), one row an item; returns how many.

    Text that a spreadsheet would run as a formula gets an apostrophe in front; `import_csv` takes
    it away again. Raises UserError where the file cannot be written.
    """
    path = Path(path).resolve()
    if is_special(path):
        raise UserError(f"{path} is a folder or a device. Expected the path of a file to write.")
    labels = sorted(store.recent(dataset.manifest.count), key=lambda label: label.item)
    name_of = {one.identifier: one.name for one in store.classes()}
    names = dataset.item_names
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for label in labels:
        writer.writerow(
            (
                label.item,
                with_guard(names[label.item]),
                with_guard(name_of.get(label.value, "")),
                with_guard(label.person),
                label.origin,
                "" if label.seconds is None else f"{label.seconds:.3f}",
                label.created,
            )
        )
    try:
        replace_bytes(path, text.getvalue().encode("utf-8", "replace"))
    except OSError as error:
        raise UserError(
            f"{path} cannot be written: {error.strerror}. Choose a folder that you may write to."
        ) from error
    return len(labels)


class _ItemFinder:
    """From a row to the item that it speaks of."""

    def __init__(self, dataset: Dataset) -> None:
        self._count = dataset.manifest.count
        self._names = dataset.item_names
        self._by_name: dict[str, int | None] = {}  # None: several items have the name
        self._by_last_part: dict[str, int | None] = {}
        for item, name in enumerate(dataset.item_names):
            last = name.rsplit("/", 1)[-1]
            self._by_name[name] = None if name in self._by_name else item
            self._by_last_part[last] = None if last in self._by_last_part else item

    def find(self, row: CsvRow) -> tuple[int | None, str]:
        """The item, or None and why there is none. The file's name goes before the number."""
        item = self._numbered(row.item)
        spellings = _spellings(row.file)
        # In another dataset, or with another order of its files, a number is another image.
        if item is not None and (not row.file or _names_of(self._names[item]) & set(spellings)):
            return item, ""
        if not row.file and not row.item:
            return None, "It names no file."
        if not row.file:
            return None, f"There is no item {row.item[:20]!r}; expected 0 to {self._count - 1}."
        for plain in spellings:
            for known in (self._by_name, self._by_last_part):
                if plain in known:
                    match = known[plain]
                    several = "Several images have this name; give the path or the item number."
                    return match, "" if match is not None else several
        return None, "No image of the dataset has this name."

    def _numbered(self, text: str) -> int | None:
        """The item with this number, where it is one of the dataset."""
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            return None
        return int(text) if int(text) < self._count else None


def _names_of(name: str) -> set[str]:
    """A file's whole name and its last part."""
    return {name, name.rsplit("/", 1)[-1]}


def _spellings(file: str) -> list[str]:
    """The names that a cell may stand for: as it is, without a guard, from Windows, composed."""
    names = (file, without_guard(file), file.replace("\\", "/"), plain_text(file))
    return [name.removeprefix("./") for name in names]


def _classes_for(
    store: LabelStore, found: Sequence[tuple[CsvRow, int]], path: Path
) -> dict[str, int]:
    """Class identifier of every name that the file may use; fills an empty schema from the file."""
    if not store.classes():
        names: dict[str, None] = {}  # in the order of the file
        for row, _ in found:
            try:
                names[checked_name(without_guard(row.label))] = None
            except UserError:
                continue
        if len(names) > MOST_NEW_CLASSES:
            raise UserError(
                f"{path.name} names {len(names):,} different labels. Expected at most "
                f"{MOST_NEW_CLASSES}: is the right column called label?"
            )
        for name in names:
            store.add_class(name)
    return {one.name: one.identifier for one in store.classes()}


def _agreed(
    found: Sequence[tuple[CsvRow, int]], class_of: dict[str, int], skipped: list[SkippedRow]
) -> dict[int, int]:
    """Item -> class identifier where the file has one opinion; the other rows go to `skipped`."""
    valid: list[tuple[CsvRow, int, int]] = []
    for row, item in found:
        value = _known_class(row.label, class_of)
        if value is None:
            skipped.append(_skip(row, f"There is no class {row.label[:60]!r}; add it first."))
        else:
            valid.append((row, item, value))
    opinions: dict[int, set[int]] = {}
    for _, item, value in valid:
        opinions.setdefault(item, set()).add(value)
    for row, item, _ in valid:
        if len(opinions[item]) > 1:
            skipped.append(_skip(row, "Rows of this file give the image different labels."))
    return {item: values.pop() for item, values in opinions.items() if len(values) == 1}


def _known_class(label: str, class_of: dict[str, int]) -> int | None:
    for name in (label, without_guard(label)):
        try:
            identifier = class_of.get(checked_name(name))
        except UserError:
            continue
        if identifier is not None:
            return identifier
    return None


def _events(chosen: dict[int, int]) -> list[LabelEvent]:
    return [
        LabelEvent(
            event=uuid.uuid4().hex,
            kind="label",
            person=PERSON,
            item=item,
            value=value,
            origin="csv",
        )
        for item, value in chosen.items()
    ]


def _skip(row: CsvRow, reason: str) -> SkippedRow:
    return SkippedRow(line=row.line, file=(row.file or row.item)[:200], reason=reason)
