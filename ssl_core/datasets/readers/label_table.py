"""A CSV table of labels that came with the images: which file has which class and numbers."""

import codecs
import csv
import io
import math
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice

from ssl_core.datasets.dataset import SkippedFile
from ssl_core.datasets.limits import CSV_COLUMNS
from ssl_core.datasets.names import plain_text, without_guard
from ssl_core.datasets.readers.cells import means_nothing, number_in
from ssl_core.datasets.readers.csv_rows import SEPARATORS
from ssl_core.datasets.readers.layout import is_image_name
from ssl_core.errors import UserError

TABLE_BYTES = 64 << 20
TABLE_START = 1 << 16  # bytes that show whether a file is a table of labels
TOO_LARGE = f"a table has at most {TABLE_BYTES >> 20} MB"
_FILE_WORDS = ("file", "filename", "file_name", "image", "image_name", "img", "path", "name", "id")
_LABEL_WORDS = ("label", "class", "class_name", "category", "target", "labels", "species", "y")
_INDEX_WORDS = ("index", "key", "row", "no", "nr", "number", "unnamed: 0")
_LONGEST_HEADING = 100  # letters
_ROWS_LOOKED_AT = 200
_CELL_LIMIT = 1 << 20


@dataclass
class LabelTable:
    """File as written (forward slashes) -> class, and the rows that were left out."""

    classes: dict[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()  # the further columns that hold numbers only
    numbers: dict[str, tuple[float, ...]] = field(default_factory=dict)  # NaN = missing
    skipped: list[SkippedFile] = field(default_factory=list)

    def file_of(self, path: str, common_names: dict[str, int]) -> str | None:
        """How the table names a file: by its whole path, else by its name where that is unique."""
        if path in self.classes:
            return path
        parts = path.split("/")
        for start in range(1, len(parts) - 1):
            tail = "/".join(parts[start:])
            if tail in self.classes:
                return tail
        known = parts[-1] in self.classes and common_names.get(parts[-1], 0) == 1
        return parts[-1] if known else None


def is_label_table(content: bytes) -> bool:
    """Whether the header has a column of files and one of labels."""
    try:
        rows = _rows(content[:TABLE_START], "table")
        _columns(next(rows, []), "table")
    except (UserError, csv.Error):
        return False
    return True


def names_images(content: bytes) -> bool:
    """Whether half of the cells of a column name image files, as in a table of labels.

    Addresses on the web are no files that could lie beside the table.
    """
    cells: dict[int, list[bool]] = {}
    with suppress(UserError, csv.Error):
        for row in islice(_rows(content[:TABLE_START], "table"), 1, _ROWS_LOOKED_AT):
            for number, cell in enumerate(row):
                if cell.strip():
                    is_file = is_image_name(cell.strip()) and "://" not in cell
                    cells.setdefault(number, []).append(is_file)
    return any(2 * sum(found) >= len(found) for found in cells.values())


def read_label_table(content: bytes, name: str) -> LabelTable:
    """Read the table called `name`. Files with two different classes are left out and reported.

    Separators , ; tab and |, a byte-order mark, UTF-8, UTF-16 and Western European are
    understood. Raises UserError.
    """
    if len(content) > TABLE_BYTES:
        raise UserError(
            f"{name} has more than {TABLE_BYTES >> 20} MB, which is the most that is read. Keep "
            "the columns of the file and the label only."
        )
    table = LabelTable()
    conflicting: set[str] = set()
    cells: dict[str, list[str]] = {}
    try:
        rows = _rows(content, name)
        header: list[str] = next(rows, [])
        file_column, label_column = _columns(header, name)
        for number, row in enumerate(rows, start=2):
            if not any(cell.strip() for cell in row):
                continue
            if len(row) <= max(file_column, label_column):
                table.skipped.append(_left_out(name, number, "it has too few columns"))
                continue
            file = without_guard(row[file_column].strip()).replace("\\", "/").removeprefix("./")
            label = without_guard(row[label_column].strip())
            if not file or not label:
                table.skipped.append(_left_out(name, number, "the file or the label is empty"))
            elif table.classes.setdefault(file, label) != label:
                conflicting.add(file)
            else:
                cells.setdefault(file, row)
    except csv.Error as error:
        raise UserError(
            f"{name} is not a table that can be read ({error}). Save it as CSV in UTF-8."
        ) from error
    for file in sorted(conflicting):
        reason = f"{name} gives it two different classes; its label was left out"
        table.skipped.append(SkippedFile(file=plain_text(file), reason=reason))
        del table.classes[file]
        del cells[file]
    _take_numbers(table, header, cells, {file_column, label_column})
    return table


def _take_numbers(
    table: LabelTable, header: list[str], rows: dict[str, list[str]], taken: set[int]
) -> None:
    """Keep the columns that hold different numbers. A label_id would give the answer away."""
    columns: dict[str, list[float]] = {}
    for place, cell in enumerate(header[:CSV_COLUMNS]):
        title = plain_text(cell, _LONGEST_HEADING)
        words = set(title.lower().replace(" ", "_").split("_"))
        if place in taken or not title or words & {*_FILE_WORDS, *_LABEL_WORDS, *_INDEX_WORDS}:
            continue
        values = [row[place].strip() if place < len(row) else "" for row in rows.values()]
        numbers = [number_in(value, decimal_comma=False) for value in values]
        pairs = zip(values, numbers, strict=True)
        if all(number is not None or not v or means_nothing(v) for v, number in pairs):
            known = {number for number in numbers if number is not None}
            if len(known) > 1:
                columns[title] = [math.nan if number is None else number for number in numbers]
    table.columns = tuple(columns)
    table.numbers = dict(zip(rows, zip(*columns.values(), strict=True), strict=False))


def _rows(content: bytes, name: str) -> "csv.Reader":  # type: ignore[name-defined]
    text = _text(content, name)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    csv.field_size_limit(_CELL_LIMIT)
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator)


def _text(content: bytes, name: str) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if "\0" in text:
        raise UserError(f"{name} is not a text file. Expected a table of files and labels as CSV.")
    return text


def _columns(header: list[str], name: str) -> tuple[int, int]:
    words = [cell.strip().lower().replace(" ", "_") for cell in header]
    file = next((words.index(word) for word in _FILE_WORDS if word in words), None)
    label = next((words.index(word) for word in _LABEL_WORDS if word in words), None)
    if file is None or label is None:
        found = ", ".join(plain_text(cell, 40) for cell in header[:10]) or "nothing"
        raise UserError(
            f"{name} has no column for {'the file' if file is None else 'the label'}. Expected a "
            f"first line such as file,label; received: {found}."
        )
    return file, label


def _left_out(name: str, row: int, problem: str) -> SkippedFile:
    return SkippedFile(file=f"{name}, row {row}", reason=problem)
