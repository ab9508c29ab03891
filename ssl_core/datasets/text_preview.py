"""What an import of texts would give, before it is started."""

from collections.abc import Sequence
from dataclasses import dataclass

from ssl_core.datasets.readers.column_profile import Column, likely_columns, profile_of
from ssl_core.datasets.readers.csv_rows import CsvRows
from ssl_core.datasets.readers.source import TextSource
from ssl_core.datasets.text_columns import TextColumns

_SHOWN = 5  # rows


@dataclass(frozen=True)
class TextPreview:
    """count: usable rows; at_least: whether there may be more. rows: the first, cells as written.

    reasons: why rows are skipped, the first of them.
    """

    kind: str
    count: int
    at_least: bool
    columns: tuple[Column, ...]
    likely: TextColumns
    rows: list[list[str]]
    skipped: int
    reasons: tuple[str, ...]

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        return [column.title for column in self.columns]

    def column(self, title: str) -> Column:
        """What the column of this name holds."""
        return next(column for column in self.columns if column.title == title)


def preview_texts(source: TextSource) -> TextPreview:
    """Look at the first rows of a CSV file of texts. Raises UserError."""
    with source.open() as stream:
        rows = CsvRows(stream, source.name)
        profile = profile_of(rows, _SHOWN)
    return TextPreview(
        kind=source.kind,
        count=profile.rows,
        at_least=not profile.whole,
        columns=tuple(profile.columns),
        likely=likely_columns(profile, source.name),
        rows=profile.first_rows,
        skipped=rows.skipped_count + len(source.skipped),
        reasons=tuple(_reasons(rows, source)),
    )


def _reasons(rows: CsvRows, source: TextSource) -> Sequence[str]:
    return [f"{one.file}: {one.reason}" for one in [*source.skipped, *rows.skipped][:3]]
