"""The cells of one column, gathered while rows go by: classes or numbers."""

import math
from array import array
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.names import CLASS_LIMIT, class_names, natural_key, plain_text
from ssl_core.datasets.readers.cells import means_nothing, number_in
from ssl_core.errors import UserError
from ssl_core.heads import HeadKind

Answers = NDArray[np.int32] | NDArray[np.float64]


class ClassAnswers:
    """A categorical or binary target. An empty cell is no answer."""

    def __init__(self, title: str, kind: HeadKind, file: str) -> None:
        self.title, self._kind, self._file = title, kind, file
        self._limit = 2 if kind == "binary" else CLASS_LIMIT
        self._codes: dict[str, int] = {}
        self._answers = array("i")

    def add(self, cell: str, line: int) -> None:
        """Take in one cell. Raises UserError, with the line, for one class too many."""
        value = cell.strip()
        if not value:
            self._answers.append(-1)
            return
        code = self._codes.setdefault(value, len(self._codes))
        if code >= self._limit:
            raise UserError(self._too_many(value, line))
        self._answers.append(code)

    @property
    def classes(self) -> tuple[str, ...]:
        """In natural order; of a binary target the second is the positive one."""
        return tuple(self._stored()[0].values())

    @property
    def notes(self) -> list[str]:
        """What the person should know."""
        return self._stored()[1]

    def answers(self, known: NDArray[np.bool_]) -> Answers:
        """(count,), int32: index into `classes`, -1 = none. known: (count,), whose answer counts.

        Raises UserError for a binary target without two classes.
        """
        if self._kind == "binary" and len(self._codes) != 2:
            found = ", ".join(repr(plain_text(value, 40)) for value in self._codes) or "no value"
            raise UserError(
                f"The binary target {self.title!r} of {self._file} has only {found}. Expected two "
                "values: choose categorical, or leave the column out."
            )
        order = {value: number for number, value in enumerate(self._stored()[0])}
        lookup = np.array([*(order[value] for value in self._codes), -1], dtype=np.int32)
        codes = lookup[np.frombuffer(self._answers, dtype=np.int32)]
        return np.where(known, codes, -1).astype(np.int32)

    def _stored(self) -> tuple[dict[str, str], list[str]]:
        names, notes = class_names(self._codes)
        if self._kind == "binary":
            return {value: names[value] for value in binary_order(names)}, notes
        return names, notes

    def _too_many(self, value: str, line: int) -> str:
        found = f"{self._file}, line {line:,}: {plain_text(value, 40)!r} is value number"
        if self._kind == "binary":
            others = ", ".join(repr(plain_text(known, 40)) for known in list(self._codes)[:2])
            return (
                f"{found} 3 of the binary target {self.title!r}, after {others}. Expected two: "
                "choose categorical."
            )
        return (
            f"{found} {CLASS_LIMIT + 1:,} of the target {self.title!r}; at most {CLASS_LIMIT:,} "
            "classes are possible. Choose another use for the column."
        )


class NumberAnswers:
    """A regression target or a numeric column. A cell without a number is missing."""

    classes: tuple[str, ...] = ()

    def __init__(self, title: str, decimal_comma: bool) -> None:
        self.title, self._comma = title, decimal_comma
        self._answers = array("d")
        self._strange = 0
        self._example = ""

    def add(self, cell: str, line: int) -> None:
        """Take in one cell."""
        number = number_in(cell, self._comma)
        if number is None and cell.strip() and not means_nothing(cell):
            self._strange += 1
            self._example = self._example or f"{plain_text(cell, 40)!r} in line {line:,}"
        self._answers.append(math.nan if number is None else number)

    @property
    def notes(self) -> list[str]:
        """What the person should know."""
        if not self._strange:
            return []
        return [
            f"{self._strange:,} cells of {self.title!r} are no numbers, for example "
            f"{self._example}: they count as missing."
        ]

    def answers(self, known: NDArray[np.bool_]) -> Answers:
        """(count,), float64, NaN = none. known: (count,), whose answer counts."""
        return np.where(known, self.values, np.nan)

    @property
    def values(self) -> NDArray[np.float64]:
        """(count,), float64, NaN = missing."""
        return np.frombuffer(self._answers, dtype=np.float64)


def binary_order(values: Sequence[str] | dict[str, str]) -> list[str]:
    """Two values, the positive one second: alphabetical without regard to case.

    So no, false, 0 and negative come before yes, true, 1 and positive.
    """
    return sorted(values, key=lambda value: (natural_key(value.casefold()), value))


def numeric_table(columns: Sequence[NumberAnswers]) -> NDArray[np.float32] | None:
    """(count, columns), float32, NaN = missing; None without columns."""
    if not columns:
        return None
    return np.stack([column.values for column in columns], axis=1).astype(np.float32)
