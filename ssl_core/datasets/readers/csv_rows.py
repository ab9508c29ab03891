"""The rows of a CSV file of any size, one after the other, with the lines they begin in."""

import codecs
import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from ssl_core.datasets.dataset import SkippedFile
from ssl_core.datasets.limits import (
    CSV_COLUMNS,
    CSV_ROWS,
    FIELD_LETTERS,
    LINE_LETTERS,
    TEXT_LETTERS,
)
from ssl_core.datasets.names import plain_text
from ssl_core.errors import UserError

SEPARATORS = (",", ";", "\t", "|")
_SKIPPED_KEPT = 1000
_LONGEST_HEADING = 100  # letters

Row = tuple[int, list[str]]  # line of the file in which it begins, from 1; cells


class CsvRows:
    """Iterates over the rows below the header; rows that cannot be used are counted as skipped.

    Separators , ; tab and |, a byte-order mark, UTF-8 and UTF-16 are understood, and line breaks
    in quotation marks. Raises UserError, with the line, where the file as a whole cannot be read.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name = name
        self.skipped: list[SkippedFile] = []  # the first of them
        self.skipped_count = 0
        text = _decoded(stream)
        first = text.readline(LINE_LETTERS)
        while first and not first.strip():
            first = text.readline(LINE_LETTERS)
        self.separator = max(SEPARATORS, key=first.count)
        csv.field_size_limit(FIELD_LETTERS)
        self._lines = _lines(first, text, name)
        self._reader = csv.reader(self._lines, delimiter=self.separator, strict=True)
        self.header = self._header()

    def __iter__(self) -> Iterator[Row]:
        number = 0
        while (row := self._next()) is not None:
            line, cells = row
            if not any(cell.strip() for cell in cells):
                continue
            number += 1
            if number > CSV_ROWS:
                raise UserError(
                    f"{self.name} has more than {CSV_ROWS:,} rows, which is the most that is "
                    "read. Import a part of them."
                )
            problem = self._problem(cells)
            if problem is None:
                yield line, cells
            else:
                self.skip(line, problem)

    def skip(self, line: int, reason: str) -> None:
        """Leave out the row that begins in this line."""
        self.skipped_count += 1
        if len(self.skipped) < _SKIPPED_KEPT:
            self.skipped.append(SkippedFile(file=f"{self.name}, line {line:,}", reason=reason))

    def _next(self) -> Row | None:
        """The next row as it is; None at the end. A row with a broken quotation is skipped."""
        while True:
            line = self._reader.line_num + 1
            try:
                return line, next(self._reader)
            except StopIteration:
                return None
            except csv.Error as error:
                if "field limit" in str(error) or "unexpected end" in str(error):
                    raise UserError(
                        f"{self.name}, line {line:,}: a quotation mark is opened there and not "
                        "closed again. Close it, or write it twice where it belongs to the text."
                    ) from error
                self.skip(line, "its quotation marks do not fit; expected one pair around a cell")

    def _problem(self, cells: list[str]) -> str | None:
        if len(cells) != len(self.header):
            return f"its number of cells is {len(cells)}, and the first line has {len(self.header)}"
        joined = "".join(cells)
        if "\0" in joined:
            return "it holds NUL bytes, which are no text"
        if not _is_unicode(joined):
            return "it holds bytes that are not UTF-8; save the file as CSV in UTF-8"
        if len(joined) > TEXT_LETTERS and max(map(len, cells)) > TEXT_LETTERS:
            return f"a cell has more than {TEXT_LETTERS:,} letters, which is the most that is read"
        return None

    def _header(self) -> list[str]:
        """The names of the columns, each once, none empty. Raises UserError."""
        row = self._next()
        if row is None:
            raise UserError(f"{self.name} is empty. Expected a first line with names of columns.")
        cells = row[1]
        if len(cells) > CSV_COLUMNS:
            raise UserError(
                f"{self.name} has {len(cells):,} columns; at most {CSV_COLUMNS} are read. Keep "
                "the columns that you need."
            )
        if "\0" in "".join(cells):
            raise UserError(
                f"{self.name} is not a text file: there are NUL bytes in line 1. Save it as CSV "
                "in UTF-8."
            )
        names: list[str] = []
        for number, cell in enumerate(cells, start=1):
            name = base = plain_text(cell, _LONGEST_HEADING) or f"column {number}"
            while name in names:
                name = f"{base[: _LONGEST_HEADING - 6]} ({number})"
                number += 1
            names.append(name)
        return names


def _decoded(stream: BinaryIO) -> io.TextIOWrapper:
    """Bytes that are no UTF-8 become lone surrogates, so that their rows can be told."""
    start = stream.read(3)
    stream.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return io.TextIOWrapper(stream, "utf-16", "replace", newline="")
    return io.TextIOWrapper(stream, "utf-8-sig", "surrogateescape", newline="")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _lines(first: str, text: io.TextIOWrapper, name: str) -> Iterator[str]:
    line, number = first, 1
    while line:
        if len(line) >= LINE_LETTERS:
            raise UserError(
                f"{name}, line {number:,} has more than {LINE_LETTERS:,} letters. Expected a CSV "
                "file with one row a line."
            )
        yield line
        line, number = text.readline(LINE_LETTERS), number + 1
