"""What the columns of a CSV file hold, and what each is probably for."""

from dataclasses import dataclass, field

from ssl_core.datasets.names import natural_key, plain_text
from ssl_core.datasets.readers.cells import means_nothing, number_in, split_in
from ssl_core.datasets.readers.csv_rows import CsvRows
from ssl_core.datasets.text_columns import TargetColumn, TextColumns
from ssl_core.errors import UserError

_MOST_ROWS = 200_000  # looked at; what comes later does not change what a column is for
_MOST_LETTERS = 200_000_000  # looked at: a page waits for it
_MOST_VALUES = 1000  # distinct values of a column that are told apart
_LONGEST_VALUE = 100  # letters; a longer cell is a text
_FEW_NUMBERS = 12  # distinct numbers that are rather categories, such as 1 to 5 stars
_FEW_WORDS = 100
_ROWS_A_VALUE = 3  # fewer on average: the values are rather names or texts
_SPLIT_WORDS = ("split", "subset", "partition", "fold")
_NAME_WORDS = ("id", "name", "key", "identifier", "index", "uuid")
_TEXT_WORDS = ("text", "texts")
_ANSWER_WORDS = ("label", "target", "y")


@dataclass
class Column:
    """One column, as far as it was looked at."""

    title: str
    filled: int = 0  # cells that are not empty
    letters: int = 0  # in all of them
    numbers: int = 0  # cells that are numbers
    nothings: int = 0  # cells with a word such as NA
    lowest: float = 0.0
    highest: float = 0.0
    values: dict[str, int] = field(default_factory=dict)  # value -> cells, while they are few
    many: bool = False  # more values, or longer ones, than are told apart
    example: str = ""

    def add(self, cell: str, decimal_comma: bool) -> None:
        """Take in one cell."""
        value = cell.strip()
        if not value:
            return
        self.filled += 1
        self.nothings += means_nothing(value)
        self.letters += len(value)
        self.example = self.example or value[:400]
        number = number_in(value, decimal_comma)
        if number is not None:
            self.lowest = number if not self.numbers else min(self.lowest, number)
            self.highest = number if not self.numbers else max(self.highest, number)
            self.numbers += 1
        if self.many:
            return
        if len(value) > _LONGEST_VALUE or len(self.values) > _MOST_VALUES:
            self.many = True
            self.values.clear()
        else:
            self.values[value] = self.values.get(value, 0) + 1

    @property
    def is_number(self) -> bool:
        return self.numbers > 0 and self.numbers + self.nothings == self.filled

    @property
    def average_letters(self) -> float:
        return self.letters / self.filled if self.filled else 0.0

    @property
    def classes(self) -> list[str]:
        """The distinct values in natural order; empty where they are many."""
        return sorted(self.values, key=natural_key)


@dataclass(frozen=True)
class Profile:
    """rows: usable rows that were looked at. whole: whether these are all.

    first_rows: the first of them, for a person.
    """

    columns: list[Column]
    rows: int
    whole: bool
    first_rows: list[list[str]]


def profile_of(rows: CsvRows, shown: int = 0) -> Profile:
    """Look at the first rows, at most 200,000; `shown` of them are kept. Raises UserError."""
    columns = [Column(title) for title in rows.header]
    comma = rows.separator == ";"
    first: list[list[str]] = []
    count = letters = 0
    whole = True
    for _, cells in rows:
        for column, cell in zip(columns, cells, strict=True):
            column.add(cell, comma)
        if len(first) < shown:
            first.append(cells)
        count += 1
        letters += sum(map(len, cells))
        if count >= _MOST_ROWS or letters >= _MOST_LETTERS:
            whole = False
            break
    if not count:
        reasons = "; ".join(f"{one.file}: {one.reason}" for one in rows.skipped[:3])
        raise UserError(
            f"{rows.name} has no row that can be used below its first line. "
            + (f"{reasons}." if reasons else "Expected one row a text.")
        )
    return Profile(columns, count, whole, first)


def likely_columns(profile: Profile, file: str) -> TextColumns:
    """What each column is probably for. Raises UserError where none holds texts.

    The text is the column with the longest texts. Of the others: a column called `split` with
    names of splits; `id` or `name` with distinct values; two values are a binary target, few a
    categorical one; other numbers are numeric columns; the rest is ignored.
    """
    text = _text_column(profile, file)
    name = split = None
    numeric: list[str] = []
    targets: list[TargetColumn] = []
    for column in profile.columns:
        word = column.title.lower()
        if column is text or not column.filled:
            continue
        if word in _SPLIT_WORDS and not column.many and all(map(split_in, column.values)):
            split = column.title
        elif word in _NAME_WORDS or word.endswith(("_id", " id")):
            if name is None and _is_distinct(column, profile.rows):
                name = column.title
        elif len(column.values) == 2:
            targets.append(TargetColumn(column=column.title, kind="binary"))
        elif _is_categorical(column):
            targets.append(TargetColumn(column=column.title, kind="categorical"))
        elif column.is_number and word in _ANSWER_WORDS:
            targets.append(TargetColumn(column=column.title, kind="regression"))
        elif column.is_number and len(column.values) != 1:
            numeric.append(column.title)
    return TextColumns(
        text=text.title,
        name=name,
        numeric=tuple(numeric),
        targets=tuple(targets),
        split=split,
    )


def _text_column(profile: Profile, file: str) -> Column:
    candidates = [column for column in profile.columns if column.filled and not column.is_number]
    if not candidates:
        found = ", ".join(column.title for column in profile.columns[:10])
        raise UserError(
            f"{file} has no column of texts, only numbers or nothing: {plain_text(found)}. "
            "Expected a CSV file with a text in every row."
        )
    called_text = [column for column in candidates if column.title.lower() in _TEXT_WORDS]
    return max(called_text or candidates, key=lambda column: column.average_letters)


def _is_distinct(column: Column, rows: int) -> bool:
    """Whether no value comes twice, as far as values are told apart."""
    if column.many:
        return column.average_letters <= _LONGEST_VALUE
    return len(column.values) == rows


def _is_categorical(column: Column) -> bool:
    most = _FEW_NUMBERS if column.is_number else _FEW_WORDS
    return 2 < len(column.values) <= most and column.filled >= _ROWS_A_VALUE * len(column.values)
