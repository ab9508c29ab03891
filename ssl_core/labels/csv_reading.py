"""Reading a CSV of labels as programs and people write them: encodings, separators, headings."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ssl_core.errors import UserError
from ssl_core.files import is_special

LARGEST_FILE = 200_000_000  # bytes
LARGEST_CELL = 131_072  # characters
_FILE_HEADINGS = ("file", "filename", "file_name", "image", "path", "name")
_ITEM_HEADINGS = ("item", "index")
_LABEL_HEADINGS = ("label", "class", "category", "class_name")
_HEAD_HEADINGS = ("head", "question")
_SECONDS_HEADINGS = ("seconds",)
_SEPARATORS = ",;\t|"


@dataclass(frozen=True)
class CsvRow:
    """One row: its line in the file (1 is the first), and what it says. Empty where not given."""

    line: int
    file: str
    item: str
    label: str
    head: str  # its name, in lower case
    seconds: str = ""  # that the label took


def read_rows(path: Path) -> list[CsvRow]:
    """The rows of the label file at `path`. Raises UserError where it is not a table of labels."""
    text = _decoded(path)
    separator = _separator(text)
    try:
        cells = list(_numbered(text, separator))
    except csv.Error as error:
        raise UserError(f"{path.name} is not a CSV file: {error}.") from error
    if not cells:
        raise UserError(f"{path.name} is empty. Expected a heading file,label and a row a label.")
    heading = [cell.strip().lower() for cell in cells[0][1]]
    file = _column(heading, _FILE_HEADINGS)
    item = _column(heading, _ITEM_HEADINGS)
    label = _column(heading, _LABEL_HEADINGS)
    head = _column(heading, _HEAD_HEADINGS)
    seconds = _column(heading, _SECONDS_HEADINGS)
    rows = cells[1:]
    if label is None or (file is None and item is None):
        if len(heading) != 2 or label is not None:
            raise UserError(
                f"{path.name} has the columns {', '.join(heading)[:100]!r}. Expected a heading "
                "with file (or item) and label."
            )
        file, item, label, rows = 0, None, 1, cells  # two columns and no heading
    return [
        CsvRow(
            line,
            _cell(row, file),
            _cell(row, item),
            _cell(row, label),
            _cell(row, head).lower(),
            _cell(row, seconds),
        )
        for line, row in rows
    ]


def _decoded(path: Path) -> str:
    """The text of the file: by its byte-order mark, else UTF-8, else Windows Latin."""
    try:
        if is_special(path):
            raise UserError(f"{path} is a folder or a device. Expected a CSV file of labels.")
        if path.stat().st_size > LARGEST_FILE:
            raise UserError(f"{path.name} is larger than {LARGEST_FILE // 1_000_000} MB. Split it.")
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path.name} cannot be read: {error.strerror}. Check the path.") from error
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
        break
    raise UserError(f"{path.name} is not a text file. Expected a CSV in UTF-8.")


def _separator(text: str) -> str:
    """The separator that the first line uses most, a comma where it uses none."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_SEPARATORS, key=first.count)


def _numbered(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every row that is not blank."""
    csv.field_size_limit(LARGEST_CELL)  # of the whole process, and other readers set their own
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _column(heading: list[str], names: tuple[str, ...]) -> int | None:
    return next((heading.index(name) for name in names if name in heading), None)


def _cell(row: list[str], column: int | None) -> str:
    inside = column is not None and column < len(row)
    return row[column].strip() if inside and column is not None else ""
