"""Finding labels again: by class, person, way of labelling and time; the history of an item."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssl_core.labels.answers import Resolver
from ssl_core.labels.events import Answer
from ssl_core.labels.head_table import read_heads
from ssl_core.labels.in_force import InForce, as_classes
from ssl_core.labels.store import LabelStore

_SHOWN = """
SELECT events.sequence, event, events.item, events.head, events.value, events.person, origin,
    seconds, created, batch, NOT EXISTS (
        SELECT 1 FROM current AS other WHERE other.item = events.item
            AND other.head = events.head AND other.kind = 'label'
            AND other.sequence > events.sequence)
FROM events WHERE events.sequence IN ({})
"""
_IN_FORCE = "SELECT sequence FROM current WHERE kind = 'label' AND value IS NOT NULL"
_HISTORY = """
SELECT kind, head, value, person, origin, seconds, created, batch, undone.sequence IS NOT NULL
FROM events LEFT JOIN undone USING (sequence) WHERE item = ? ORDER BY events.sequence DESC LIMIT ?
"""


@dataclass(frozen=True)
class LabelFilter:
    """Which labels of a head to look at; None stands for all.

    Without a person only the answers that count are found; with one all answers of that person
    in force, also where another person's counts in their place.
    """

    value: int | None = None  # identifier of a live class
    person: str | None = None
    origin: str | None = None
    since: float | None = None  # seconds since 1970, the moment included
    until: float | None = None  # seconds since 1970, the moment left out


@dataclass(frozen=True)
class FoundLabels:
    """Answers that passed a filter, newest first where nothing else is said, merges resolved.

    sequences, items: (n,), int64. values: (n,), int32 identifier of a class; of a regression head
    float64 in its unit.
    """

    sequences: NDArray[np.int64]
    items: NDArray[np.int64]
    values: NDArray[np.int32] | NDArray[np.float64]

    def chosen(self, places: NDArray[np.int64]) -> "FoundLabels":
        """Those at `places`, in that order."""
        return FoundLabels(self.sequences[places], self.items[places], self.values[places])

    def led_by(self, first: "FoundLabels") -> "FoundLabels":
        """`first`, some of these, and behind them the others in the order they have here."""
        others = self.chosen(np.flatnonzero(~np.isin(self.sequences, first.sequences)))
        return FoundLabels(
            np.concatenate([first.sequences, others.sequences]),
            np.concatenate([first.items, others.items]),
            np.concatenate([first.values, others.values]),
        )


@dataclass(frozen=True)
class ReviewedLabel:
    """One answer with all that is known of how it came about."""

    sequence: int
    event: str
    item: int
    head: str
    value: Answer  # merges resolved
    person: str
    origin: str
    seconds: float | None
    created: float  # seconds since 1970; when the store wrote it
    batch: str | None
    counts: bool  # whether nobody answered later


@dataclass(frozen=True)
class PastEvent:
    """One thing that was done to an item."""

    kind: str
    head: str
    value: Answer | None  # merges resolved; None for a skip, an undo, and an answer taken away
    person: str
    origin: str
    seconds: float | None
    created: float  # seconds since 1970
    batch: str | None
    undone: bool


@dataclass(frozen=True)
class Facets:
    """Who answered a head, and in which ways: what a filter can be set to."""

    people: tuple[str, ...]
    origins: tuple[str, ...]


def find_labels(
    store: LabelStore, chosen: LabelFilter | None = None, head: str | None = None
) -> FoundLabels:
    """The labels of `head` (None: the main one) that pass the filter, newest first."""
    asked, found = store.head(head), store.in_force(head)
    places = np.flatnonzero(_passes(found, chosen or LabelFilter()))
    places = places[np.argsort(-found.rows["sequence"][places])]
    sequences, items, values = (found.rows[name][places] for name in ("sequence", "item", "value"))
    labels = FoundLabels(sequences, items, values)
    if asked.kind == "regression":
        return labels
    # Read after the answers: no class is ever taken away, so that each of them is known.
    labels = replace(labels, values=as_classes(values, store.class_table(head)))
    wanted = chosen.value if chosen else None
    return labels if wanted is None else labels.chosen(np.flatnonzero(labels.values == wanted))


def _passes(found: InForce, wanted: LabelFilter) -> NDArray[np.bool_]:
    """(n,): which answers pass all of the filter but its class."""
    rows, passed = found.rows, found.given
    if wanted.person is None:
        passed = passed & found.latest
    else:
        passed = passed & (rows["person"] == _place(found.people, wanted.person))
    if wanted.origin is not None:
        passed = passed & (rows["origin"] == _place(found.origins, wanted.origin))
    if wanted.since is not None:
        passed = passed & (rows["created"] >= wanted.since)
    if wanted.until is not None:
        passed = passed & (rows["created"] < wanted.until)
    return passed


def _place(names: tuple[str, ...], name: str) -> int:
    return names.index(name) if name in names else -1


def labels_of(store: LabelStore, sequences: Sequence[int]) -> list[ReviewedLabel]:
    """The answers with these sequence numbers, in their order: a page of what was found."""

    def work(connection: sqlite3.Connection) -> dict[int, ReviewedLabel]:
        marks = ",".join("?" * len(sequences))
        rows = connection.execute(_SHOWN.format(marks), tuple(sequences))
        return {label.sequence: label for label in _reviewed(connection, rows)}

    known = store.read(work)
    return [known[sequence] for sequence in sequences if sequence in known]


def every_answer(store: LabelStore) -> list[ReviewedLabel]:
    """The answers of all people to all heads that are in force, by item, then by head."""

    def work(connection: sqlite3.Connection) -> list[ReviewedLabel]:
        place = {head.name: place for place, head in enumerate(read_heads(connection))}
        rows = connection.execute(_SHOWN.format(_IN_FORCE))
        found = _reviewed(connection, rows)
        return sorted(found, key=lambda label: (label.item, place[label.head], label.sequence))

    return store.read(work)


def item_history(store: LabelStore, item: int, limit: int = 100) -> list[PastEvent]:
    """What was done to `item`, all heads, newest first, at most `limit` events."""

    def work(connection: sqlite3.Connection) -> list[PastEvent]:
        resolve = Resolver(connection)
        found = (PastEvent(*row) for row in connection.execute(_HISTORY, (item, limit)))
        return [
            replace(
                one,
                value=None if one.value is None else resolve(one.head, one.value),
                undone=bool(one.undone),
            )
            for one in found
        ]

    return store.read(work)


def facets(store: LabelStore, head: str | None = None) -> Facets:
    """Who gave the answers to `head` that are in force, and in which ways; both in order."""

    found = store.in_force(head)
    people, origins = (
        sorted(names[place] for place in np.unique(found.rows[column][found.given]).tolist())
        for names, column in ((found.people, "person"), (found.origins, "origin"))
    )
    return Facets(tuple(people), tuple(origins))


def _reviewed(
    connection: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]
) -> Iterator[ReviewedLabel]:
    """The rows of `_SHOWN`, merges resolved."""
    resolve = Resolver(connection)
    for label in (ReviewedLabel(*row) for row in rows):
        value = resolve(label.head, label.value)
        yield replace(label, value=value, counts=bool(label.counts))
