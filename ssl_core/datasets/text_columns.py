"""What each column of a CSV file of texts is used for."""

import re
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from ssl_core.datasets.names import plain_text
from ssl_core.errors import UserError
from ssl_core.heads import CLASS_HEAD, RESERVED_NAMES, Head, HeadKind, class_head

KINDS: tuple[HeadKind, ...] = ("categorical", "binary", "regression")
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_LONGEST_HEAD = 40  # letters, as in heads.HEAD_NAME


class TargetColumn(BaseModel):
    """A column with answers to one question. unit: of a regression target."""

    model_config = ConfigDict(frozen=True)
    column: str
    kind: HeadKind
    unit: str = ""


class TextColumns(BaseModel):
    """Names of columns by their use; the columns that are not named are ignored."""

    model_config = ConfigDict(frozen=True)
    text: str
    name: str | None = None  # what each text is called; without it, its line in the file
    numeric: tuple[str, ...] = ()
    targets: tuple[TargetColumn, ...] = ()
    split: str | None = None

    @property
    def used(self) -> list[str]:
        """All columns that are read, in the order of their uses."""
        single = [column for column in (self.text, self.name, self.split) if column is not None]
        return [*single, *self.numeric, *(target.column for target in self.targets)]

    def without(self, columns: Sequence[str]) -> "TextColumns":
        """The same with `columns` ignored. The text column stays."""
        return TextColumns(
            text=self.text,
            name=None if self.name in columns else self.name,
            numeric=tuple(column for column in self.numeric if column not in columns),
            targets=tuple(target for target in self.targets if target.column not in columns),
            split=None if self.split in columns else self.split,
        )


def check_known(columns: Sequence[str], header: Sequence[str], file: str) -> None:
    """Raise UserError where a column is missing in the file."""
    for column in columns:
        if column not in header:
            known = ", ".join(header[:20])
            raise UserError(
                f"{file} has no column {plain_text(column, 60)!r}. Its columns are: {known}."
            )


def check_columns(columns: TextColumns, header: Sequence[str], file: str) -> None:
    """Raise UserError where a column is missing in the file or is given two uses."""
    check_known(columns.used, header, file)
    for column in columns.used:
        if columns.used.count(column) > 1:
            raise UserError(
                f"The column {plain_text(column, 60)!r} is given two uses. Choose one of them."
            )
    for target in columns.targets:
        if target.unit and target.kind != "regression":
            raise UserError(
                f"The target {plain_text(target.column, 60)!r} is {target.kind} and has the unit "
                f"{target.unit[:40]!r}. Only a regression target has a unit: leave it out."
            )


def parsed_target(text: str) -> TargetColumn:
    """The target that `COLUMN:KIND` or `COLUMN:regression:UNIT` describes. Raises UserError."""
    for kind in KINDS:
        column, found, unit = text.rpartition(f":{kind}")
        if found and column and (not unit or unit.startswith(":")):
            return TargetColumn(column=column, kind=kind, unit=unit[1:].strip())
    raise UserError(
        f"The target {text[:80]!r} cannot be read. Expected COLUMN:KIND with the kind "
        f"{', '.join(KINDS)}, and for regression a unit after it, such as age:regression:years."
    )


def ordered_targets(columns: TextColumns) -> list[TargetColumn]:
    """The targets as heads are ordered: the first categorical or binary one is the main head."""
    main = next((target for target in columns.targets if target.kind != "regression"), None)
    rest = [target for target in columns.targets if target is not main]
    return rest if main is None else [main, *rest]


def heads_of(columns: TextColumns, classes: Sequence[tuple[str, ...]]) -> tuple[Head, ...]:
    """The heads of `ordered_targets`, with their classes. The main head always is there.

    Where no target is categorical or binary it is `class`, without classes: a person adds them.
    """
    targets = ordered_targets(columns)
    heads: list[Head] = []
    if not targets or targets[0].kind == "regression":
        heads.append(class_head(()))
    for target, names in zip(targets, classes, strict=True):
        heads.append(
            Head(
                name=_head_name(target.column, [head.name for head in heads]),
                title=_title(target.column),
                kind=target.kind,
                unit=plain_text(target.unit, 40),
                classes=names,
            )
        )
    return tuple(heads)


def _title(column: str) -> str:
    """The column as a heading, for example "income_group" -> "Income group"."""
    words = plain_text(column, 60).replace("_", " ").strip() or CLASS_HEAD
    return words[0].upper() + words[1:]


def _head_name(column: str, taken: Sequence[str]) -> str:
    """A name that fits into file names, for example "Age (years)" -> "age_years"."""
    plain = _NO_LETTER.sub("_", column.casefold()).strip("_").lstrip("0123456789_")
    name = base = plain[:_LONGEST_HEAD].rstrip("_") or CLASS_HEAD
    number = 2
    while name in taken or name in RESERVED_NAMES:
        name, number = f"{base[: _LONGEST_HEAD - 5]}_{number}", number + 1
    return name
