"""What a person did while labelling, and what the store says back."""

import uuid
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["label", "skip", "undo"]
# Given by a person, one by one or many at once: these can be undone.
PersonGiven = Literal["hand", "grid", "cluster", "accepted", "imported"]
Origin = Literal[PersonGiven, "csv", "drawn", "adopted"]
PERSON_GIVEN: tuple[str, ...] = get_args(PersonGiven)
# SQLite keeps integers of 64 bits; anything larger must be refused before it gets there.
_LARGEST = 2**62
Answer = int | float  # identifier of a class, or a finite number in the unit of a regression head


class LabelEvent(BaseModel):
    """One thing a person did. Made by the client, never changed, never deleted."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    event: Annotated[str, Field(min_length=1, max_length=64)]  # made by the client, unique
    kind: Kind
    person: Annotated[str, Field(min_length=1, max_length=100)]
    item: Annotated[int, Field(ge=0, le=_LARGEST)]
    head: Annotated[str, Field(min_length=1, max_length=100)] | None = None  # None = the main one
    value: (
        Annotated[int, Field(ge=0, le=_LARGEST)]
        | Annotated[float, Field(allow_inf_nan=False)]
        | None
    ) = None  # an `Answer`; None = unset
    origin: Origin = "hand"
    seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] | None = None
    target: Annotated[str, Field(min_length=1, max_length=64)] | None = None  # event undone
    # Made by the client, the same for all answers given with one act; None for a single answer.
    batch: Annotated[str, Field(min_length=1, max_length=64)] | None = None


def new_label(
    item: int,
    value: Answer,
    *,
    head: str | None,
    person: str,
    origin: Origin,
    seconds: float | None = None,
    batch: str | None = None,
) -> LabelEvent:
    """An answer that no browser sent, with an identifier of its own. Fields as of `LabelEvent`."""
    return LabelEvent(
        event=uuid.uuid4().hex,
        kind="label",
        person=person,
        item=item,
        head=head,
        value=value,
        origin=origin,
        seconds=seconds,
        batch=batch,
    )


class RefusedEvent(BaseModel):
    """An event that was not stored, and why, in words for a person."""

    model_config = ConfigDict(frozen=True)
    event: str
    reason: str


@dataclass(frozen=True)
class Receipt:
    """The answer to a batch: every event is in exactly one of the two lists, in their order."""

    acknowledged: list[str]  # on disk, now or already before
    refused: list[RefusedEvent]


class RecentLabel(BaseModel):
    """An answer that counts now, merges resolved."""

    model_config = ConfigDict(frozen=True)
    event: str
    item: int
    value: Answer
    person: str
    origin: str
    seconds: float | None
    created: str  # ISO 8601, UTC; when the store wrote it


class PastAction(BaseModel):
    """A label or skip of one person that an undo may name, with what the undo would restore."""

    model_config = ConfigDict(frozen=True)
    event: str
    item: int
    head: str
    kind: Kind
    value: Answer | None  # merges resolved
    before: Answer | None  # the answer that counts once this is undone; None = no label
    batch: str | None  # as in `LabelEvent`


@dataclass(frozen=True)
class CurrentLabels:
    """The answers to one head that count now: the latest of any person, sorted by item.

    items: (n,), int64, index into the dataset. values: (n,), int32, class identifier; of a
    regression head float64, in its unit.
    """

    items: NDArray[np.int64]
    values: NDArray[np.int32] | NDArray[np.float64]
