"""Labels from a CSV file, and into one."""

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ssl_core.datasets.dataset import Dataset
from ssl_core.datasets.names import with_guard, without_guard
from ssl_core.errors import UserError
from ssl_core.heads import Head
from ssl_core.labels.classes import checked_name
from ssl_core.labels.csv_items import ItemFinder
from ssl_core.labels.csv_reading import CsvRow, read_rows
from ssl_core.labels.draw import append_in_batches
from ssl_core.labels.events import Answer, LabelEvent, RecentLabel, new_label
from ssl_core.labels.store import LabelStore
from ssl_core.labels.written_file import written_file

PERSON = "csv"
MOST_REPORTED = 1000  # rows with a reason of their own
MOST_NEW_CLASSES = 200
COLUMNS = ("item", "file", "label", "person", "origin", "seconds", "created")
HEAD_COLUMN = "head"  # comes first, and only where there are several heads
_LONGEST_TIME = 86_400  # seconds that an event may hold
_LONGEST_WHOLE = 1e15  # a float below has no digit after the point that would be lost


class SkippedRow(BaseModel):
    """A row that was left out, and why, in words for a person."""

    model_config = ConfigDict(frozen=True)
    line: int  # 1 is the first line of the file
    file: str
    reason: str


class CsvReport(BaseModel):
    """What became of a CSV file."""

    model_config = ConfigDict(frozen=True)
    labelled: int  # answers of the file that count now; with one head as many items
    per_class: dict[str, int]  # class name -> of those; "head: class" after the main head
    skipped: tuple[SkippedRow, ...]  # the first 1000, in the order of the file
    skipped_count: int


def import_csv(
    dataset: Dataset, store: LabelStore, path: Path | str, head: str | None = None
) -> CsvReport:
    """Label the items that the CSV at `path` names; later hand labels may change them again.

    Columns `file` (or `item`, the index), `label`, and `head` where several are answered; a row
    that names none answers `head`; `seconds` where the labels have a time, and what is no time
    there is passed over. A file is named as in the source, or by its last part where that is
    unique. Where a head has no classes at all they are taken from the file; otherwise a row with an
    unknown class is left out. Rows that contradict each other are all left out.
    Raises UserError where the file is not a table of labels.
    """
    path = Path(path)
    default = store.head(head)
    by_name = {known.name: known for known in store.heads()}
    finder = ItemFinder(dataset)
    skipped: list[SkippedRow] = []
    found: dict[str, list[tuple[CsvRow, int]]] = {}
    for row in read_rows(path):
        asked = by_name.get(row.head) if row.head else default
        item, reason = finder.find(row)
        if item is not None and not row.label:
            item, reason = None, "It has no label."
        if asked is None:
            item, reason = None, f"There is no head {row.head[:40]!r}."
        if item is None or asked is None:
            skipped.append(left_out(row, reason))
        else:
            found.setdefault(asked.name, []).append((row, item))
    labelled, per_class = 0, Counter[str]()
    for name, rows in found.items():
        chosen = chosen_answers(store, by_name[name], rows, path, skipped)
        labelled += append_in_batches(store, _events(name, chosen, _times(rows)))
        per_class.update(named_classes(store, by_name[name], chosen))
    skipped.sort(key=lambda row: row.line)
    return CsvReport(
        labelled=labelled,
        per_class=dict(per_class),
        skipped=tuple(skipped[:MOST_REPORTED]),
        skipped_count=len(skipped),
    )


def export_csv(dataset: Dataset, store: LabelStore, path: Path | str) -> int:
    """Write the labels that count now to `path` (UTF-8), one row an answer; returns how many.

    Text that a spreadsheet would run as a formula gets an apostrophe in front; `import_csv` takes
    it away again. Raises UserError where the file cannot be written.
    """
    heads = store.heads()
    rows = []
    for place, head in enumerate(heads):
        name_of = {one.identifier: one.name for one in store.classes(head.name)}
        for label in store.recent(dataset.manifest.count, head.name):
            rows.append((label.item, place, head, label, _written(head, label, name_of)))
    rows.sort(key=lambda row: row[:2])
    names = dataset.item_names
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    several = len(heads) > 1
    writer.writerow((HEAD_COLUMN, *COLUMNS) if several else COLUMNS)
    for item, _, head, label, answer in rows:
        cells = (item, with_guard(names[item]), answer, *_about(label))
        writer.writerow((head.name, *cells) if several else cells)
    with written_file(path) as stream:
        stream.write(text.getvalue().encode("utf-8", "replace"))
    return len(rows)


def _written(head: Head, label: RecentLabel, name_of: dict[int, str]) -> str:
    """The answer as the text of a cell: a number is no formula, also where it is negative."""
    if head.kind != "regression":
        return with_guard(name_of.get(int(label.value), ""))
    value = float(label.value)
    whole = value.is_integer() and abs(value) < _LONGEST_WHOLE
    return str(int(value)) if whole else repr(value)


def _about(label: RecentLabel) -> tuple[str, str, str, str]:
    seconds = "" if label.seconds is None else f"{label.seconds:.3f}"
    return with_guard(label.person), label.origin, seconds, label.created


def chosen_answers(
    store: LabelStore,
    head: Head,
    found: Sequence[tuple[CsvRow, int]],
    path: Path,
    skipped: list[SkippedRow],
) -> dict[int, Answer]:
    """Item -> answer to `head` where the file has one opinion; the other rows go to `skipped`."""
    numbers = head.kind == "regression"
    class_of = {} if numbers else _classes_for(store, head, found, path)
    valid: list[tuple[CsvRow, int, Answer]] = []
    for row, item in found:
        value = _number(row.label) if numbers else _known_class(row.label, class_of)
        if value is not None:
            valid.append((row, item, value))
        elif numbers:
            skipped.append(left_out(row, f"{row.label[:60]!r} is no number; write it as 12.5."))
        else:
            skipped.append(left_out(row, f"There is no class {row.label[:60]!r}; add it first."))
    opinions: dict[int, set[Answer]] = {}
    for _, item, value in valid:
        opinions.setdefault(item, set()).add(value)
    for row, item, _ in valid:
        if len(opinions[item]) > 1:
            skipped.append(left_out(row, "Rows of this file give the item different labels."))
    return {item: values.pop() for item, values in opinions.items() if len(values) == 1}


def _classes_for(
    store: LabelStore, head: Head, found: Sequence[tuple[CsvRow, int]], path: Path
) -> dict[str, int]:
    """Class identifier of every name that the file may use; fills an empty schema from the file."""
    if not head.classes:
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
            store.add_class(name, head=head.name)
    return {one.name: one.identifier for one in store.classes(head.name)}


def _known_class(label: str, class_of: dict[str, int]) -> int | None:
    for name in (label, without_guard(label)):
        try:
            identifier = class_of.get(checked_name(name))
        except UserError:
            continue
        if identifier is not None:
            return identifier
    return None


def _number(text: str) -> float | None:
    try:
        value = float(without_guard(text))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def named_classes(store: LabelStore, head: Head, chosen: dict[int, Answer]) -> Iterator[str]:
    """The class of each answer; with its head in front where that is not the main one."""
    front = "" if head.name == store.head().name else f"{head.name}: "
    name_of = {one.identifier: one.name for one in store.classes(head.name)}
    if head.kind != "regression":
        yield from (f"{front}{name_of[int(value)]}" for value in chosen.values())


def _times(found: Sequence[tuple[CsvRow, int]]) -> dict[int, float]:
    """Item -> seconds that its label took; left out where a row says none that can be stored."""
    told = {item: _number(row.seconds) for row, item in found}
    return {
        item: seconds
        for item, seconds in told.items()
        if seconds is not None and 0 <= seconds <= _LONGEST_TIME
    }


def _events(head: str, chosen: dict[int, Answer], times: dict[int, float]) -> list[LabelEvent]:
    """times: item -> seconds, of those that have one."""
    return [
        new_label(item, value, head=head, person=PERSON, origin="csv", seconds=times.get(item))
        for item, value in chosen.items()
    ]


def left_out(row: CsvRow, reason: str) -> SkippedRow:
    """`row` as one of those that were skipped."""
    return SkippedRow(line=row.line, file=(row.file or row.item)[:200], reason=reason)
