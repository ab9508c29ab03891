"""Reading what a prediction answered: by item, in an order, as a table."""

import csv
import io
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from ssl_core.datasets.lines import read_lines, read_lines_at
from ssl_core.datasets.names import with_guard
from ssl_core.errors import UserError
from ssl_core.files import read_json
from ssl_core.predictions.request import (
    DESCRIPTION,
    ITEMS,
    NAME_PLACES,
    NAMES,
    RESULT,
    TEXT_PLACES,
    TEXTS,
    Description,
    PredictedHead,
)

Order = Literal["given", "unsure", "sure"]


class PredictionResult:
    """A finished prediction, opened for reading; large arrays are memory-mapped."""

    def __init__(self, folder: Path, description: Description) -> None:
        self.folder = folder
        self.description = description

    @property
    def count(self) -> int:
        return self.description.count

    @cached_property
    def images(self) -> NDArray[np.uint8]:
        """(count, height, width, channels), uint8, as the network was asked."""
        items: NDArray[np.uint8] = np.load(self.folder / ITEMS, mmap_mode="r", allow_pickle=False)
        return items[: self.count]

    def names_of(self, items: Sequence[int]) -> list[str]:
        """What the items are called in their source."""
        return read_lines_at(self.folder / NAMES, self._places(NAME_PLACES), items)

    def texts_of(self, items: Sequence[int]) -> list[str]:
        """The texts of `items`."""
        return read_lines_at(self.folder / TEXTS, self._places(TEXT_PLACES), items)

    def predicted(self, head: PredictedHead) -> NDArray[np.int32] | NDArray[np.float32]:
        """(count,): index into the classes, or a number in the unit of the head."""
        return self._arrays[f"{head.name}/predicted"]

    def confidence(self, head: PredictedHead) -> NDArray[np.float32] | None:
        """(count,), in [0, 1]: how probable the answer is to the model; None of a number."""
        return self._arrays.get(f"{head.name}/confidence")

    def counts(self, head: PredictedHead) -> list[int]:
        """How many items got each class, in the order of the classes."""
        found = np.bincount(self.predicted(head).astype(np.int64), minlength=len(head.classes))
        return [int(number) for number in found]

    def items(self, head: PredictedHead, chosen: int | None, order: Order) -> list[int]:
        """The items that got the class number `chosen`, None for all, in an order of confidence.

        A question that is answered with a number sorts from small ("unsure") to large ("sure").
        """
        known = self.predicted(head)
        found = np.arange(self.count) if chosen is None else np.flatnonzero(known == chosen)
        if order != "given":
            confidence = self.confidence(head)
            by = (known if confidence is None else confidence)[found]
            found = found[np.argsort(by if order == "unsure" else -by, kind="stable")]
        return [int(item) for item in found]

    def answer(self, head: PredictedHead, item: int) -> str:
        """The answer to one item in words, for example "seven" or "41.2 years"."""
        value = self.predicted(head)[item]
        if head.kind == "regression":
            return f"{float(value):.4g} {head.unit}".strip()
        return head.classes[int(value)]

    def csv(self) -> bytes:
        """A row an item: `file`, and each question with its `confidence`; UTF-8."""
        stream = io.StringIO()
        writer = csv.writer(stream)
        writer.writerow(["file", *(title for head in self._heads for title in _titles(head))])
        columns = [column for head in self._heads for column in self._columns(head)]
        for name, *cells in zip(read_lines(self.folder / NAMES), *columns, strict=True):
            writer.writerow([with_guard(name), *cells])
        return stream.getvalue().encode()

    @property
    def _heads(self) -> tuple[PredictedHead, ...]:
        return self.description.heads

    def _columns(self, head: PredictedHead) -> list[list[str]]:
        values, confidence = self.predicted(head), self.confidence(head)
        if confidence is None:
            return [[f"{value:.6g}" for value in values.tolist()]]
        names = [with_guard(name) for name in head.classes]
        return [
            [names[value] for value in values.tolist()],
            [f"{value:.4f}" for value in confidence.tolist()],
        ]

    @cached_property
    def _arrays(self) -> dict[str, NDArray[Any]]:
        with np.load(self.folder / RESULT, allow_pickle=False) as archive:
            return dict(archive)

    def _places(self, name: str) -> NDArray[np.int64]:
        places: NDArray[np.int64] = np.load(self.folder / name, mmap_mode="r", allow_pickle=False)
        return places


def open_result(folder: Path) -> PredictionResult:
    """What a finished prediction answered. Raises UserError where it cannot be read."""
    try:
        result = PredictionResult(
            folder, Description.model_validate(read_json(folder / DESCRIPTION))
        )
        lengths = {len(result.predicted(head)) for head in result.description.heads}
    except (OSError, ValueError, KeyError, ValidationError) as error:
        raise UserError(
            "The answers of this prediction are missing or damaged. Delete it and predict again."
        ) from error
    if lengths != {result.count}:
        raise UserError("The answers of this prediction are damaged. Delete it and predict again.")
    return result


def _titles(head: PredictedHead) -> list[str]:
    """Headings of a question in the table."""
    if head.kind == "regression":
        return [with_guard(f"{head.title} ({head.unit})" if head.unit else head.title)]
    return [with_guard(head.title), with_guard(f"{head.title}: confidence")]
