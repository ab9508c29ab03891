"""What a person did while labelling, and what the store says back."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

CLASS_HEAD = "class"
HEADS = (CLASS_HEAD,)
Kind = Literal["label", "skip", "undo"]
Origin = Literal["hand", "csv", "drawn", "adopted"]
# SQLite keeps integers of 64 bits; anything larger must be refused before it gets there.
_LARGEST = 2**62


class LabelEvent(BaseModel):
    """One thing a person did. Made by the client, never changed, never deleted."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    event: Annotated[str, Field(min_length=1, max_length=64)]  # made by the client, unique
    kind: Kind
    person: Annotated[str, Field(min_length=1, max_length=100)]
    item: Annotated[int, Field(ge=0, le=_LARGEST)]
    head: Annotated[str, Field(min_length=1, max_length=100)] = CLASS_HEAD
    value: Annotated[int, Field(ge=0, le=_LARGEST)] | None = None  # class identifier; None = unset
    origin: Origin = "hand"
    seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] | None = None
    target: Annotated[str, Field(min_length=1, max_length=64)] | None = None  # event undone


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
    value: int  # class identifier
    person: str
    origin: str
    seconds: float | None
    created: str  # ISO 8601, UTC; when the store wrote it


class PastAction(BaseModel):
    """A label or skip of one person that an undo may name, with what the undo would restore."""

    model_config = ConfigDict(frozen=True)
    event: str
    item: int
    kind: Kind
    value: int | None  # class identifier, merges resolved
    before: int | None  # class identifier that counts once this is undone; None = no label


@dataclass(frozen=True)
class CurrentLabels:
    """The answers that count now: the latest of any person, one an item, sorted by item.

    items: (n,), int64, index into the dataset. values: (n,), int32, class identifier.
    """

    items: NDArray[np.int64]
    values: NDArray[np.int32]
