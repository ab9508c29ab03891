"""A CSV file of texts -> a dataset, row by row: memory holds the answers, never all texts."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import BinaryIO

import numpy as np

from ssl_core.datasets.dataset import UNLABELLED, Manifest
from ssl_core.datasets.decoder import CancelledError
from ssl_core.datasets.description import Beside, Description
from ssl_core.datasets.file_import import Target, split_indices
from ssl_core.datasets.names import plain_text
from ssl_core.datasets.progress import Reporter
from ssl_core.datasets.readers.cells import VALIDATION_WORDS, split_in
from ssl_core.datasets.readers.column_profile import likely_columns, profile_of
from ssl_core.datasets.readers.csv_rows import CsvRows, Row
from ssl_core.datasets.readers.source import TextSource
from ssl_core.datasets.text_answers import ClassAnswers, NumberAnswers, numeric_table
from ssl_core.datasets.text_columns import TextColumns, check_columns, heads_of, ordered_targets
from ssl_core.datasets.writer import DatasetWriter
from ssl_core.errors import UserError

_BATCH = 1000  # rows; a batch is what progress is counted in
_BYTES_A_LETTER = 2  # of texts and their names on disk, generously


def import_texts(
    source: TextSource,
    columns: TextColumns | None,
    target: Target,
    writer: DatasetWriter,
    report: Reporter,
    cancelled: Callable[[], bool],
) -> Manifest:
    """Import all rows of `source`. Raises UserError where none can be used."""
    if columns is None:
        report.phase("looking at the columns", None)
        with source.open() as stream:
            columns = likely_columns(profile_of(CsvRows(stream, source.name)), source.name)
    with source.open() as stream:
        rows = CsvRows(stream, source.name)
        check_columns(columns, rows.header, source.name)
        report.phase("reading the texts", None)
        writer.begin_texts(_size(stream) * _BYTES_A_LETTER)
        table = _Table(columns, rows)
        while batch := list(islice(rows, _BATCH)):
            if cancelled():
                raise CancelledError
            texts, names = table.take(batch)
            writer.append_texts(texts, names)
            report.skipped = rows.skipped_count
            report.done(writer.count)
    if not writer.count:
        raise UserError(_no_text(rows))
    return table.finish(source, target, writer)


class _Table:
    """Takes in rows and keeps all but their texts."""

    def __init__(self, columns: TextColumns, rows: CsvRows) -> None:
        self._columns, self._rows = columns, rows
        self._place = {name: number for number, name in enumerate(rows.header)}
        comma = rows.separator == ";"
        self._targets = [
            NumberAnswers(one.column, comma)
            if one.kind == "regression"
            else ClassAnswers(one.column, one.kind, rows.name)
            for one in ordered_targets(columns)
        ]
        self._numeric = [NumberAnswers(column, comma) for column in columns.numeric]
        self._splits: list[str] = []
        self._validation = 0

    def take(self, batch: Sequence[Row]) -> tuple[list[str], list[str]]:
        """The texts and names of a batch; rows without a text are skipped."""
        texts, names = [], []
        text_place = self._place[self._columns.text]
        for line, cells in batch:
            text = cells[text_place].strip()
            split = self._split(cells)
            if not text:
                self._rows.skip(line, "its text is empty")
            elif split is None:
                word = plain_text(cells[self._place[self._columns.split or ""]], 40)
                reason = f"its split is {word!r}; expected train, test or unlabelled"
                self._rows.skip(line, reason)
            else:
                for column in (*self._targets, *self._numeric):
                    column.add(cells[self._place[column.title]], line)
                self._splits.append(split)
                texts.append(text)
                names.append(self._name(line, cells))
        return texts, names

    def finish(self, source: TextSource, target: Target, writer: DatasetWriter) -> Manifest:
        """Write the dataset. Raises UserError where a target does not fit its kind."""
        splits, notes = split_indices(self._splits, "texts")
        known = splits != UNLABELLED  # an answer to an unlabelled text would be a contradiction
        answers = [target.answers(known) for target in self._targets]
        heads = heads_of(self._columns, [target.classes for target in self._targets])
        if len(heads) > len(answers):  # no target can be the main head
            answers.insert(0, np.full(len(splits), -1, dtype=np.int32))
        for column in (*self._targets, *self._numeric):
            notes += column.notes
        if self._validation:
            notes.append(
                f"{self._validation:,} validation texts were added to the training split: "
                "validation texts are drawn from your labels when a training starts."
            )
        beside = Beside(
            heads=heads,
            references={head.name: a for head, a in zip(heads[1:], answers[1:], strict=True)},
            columns=tuple(column.title for column in self._numeric),
            numeric=numeric_table(self._numeric),
        )
        description = Description(
            identifier=target.identifier,
            name=target.name,
            source=target.source,
            classes=heads[0].classes,
            skipped=[*source.skipped, *self._rows.skipped],
            skipped_count=len(source.skipped) + self._rows.skipped_count,
            notes=[*source.notes, *notes],
        )
        return writer.finish(splits, answers[0].astype(np.int32), description, beside)

    def _split(self, cells: Sequence[str]) -> str | None:
        if self._columns.split is None:
            return "train"
        cell = cells[self._place[self._columns.split]]
        self._validation += cell.strip().lower() in VALIDATION_WORDS
        return split_in(cell)

    def _name(self, line: int, cells: Sequence[str]) -> str:
        own = ""
        if self._columns.name is not None:
            own = plain_text(cells[self._place[self._columns.name]])
        return own or f"line {line}"


def _size(stream: BinaryIO) -> int:
    """Bytes of the file; the place in it stays as it was."""
    place = stream.tell()
    size = stream.seek(0, 2)
    stream.seek(place)
    return size


def _no_text(rows: CsvRows) -> str:
    reasons = "; ".join(f"{one.file}: {one.reason}" for one in rows.skipped[:3])
    more = f" (and {rows.skipped_count - 3:,} more)" if rows.skipped_count > 3 else ""
    what = f"{reasons}{more}" if reasons else "it has no rows below its first line"
    return f"None of the rows of {rows.name} can be used, so nothing was imported. {what}."
