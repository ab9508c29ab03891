"""The answers in force to one head, kept in memory: of a log that grew only the new end is read."""

import sqlite3
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ssl_core.labels.class_table import ClassTable

MOST_CHANGED = 2000  # items read one by one; with more of them all are read at once
ROW = np.dtype(
    [
        ("item", np.int64),
        ("sequence", np.int64),
        ("value", np.float64),
        ("person", np.int32),
        ("origin", np.int32),
        ("created", np.float64),
    ]
)
_NOTHING = (0, "")

_NEWEST = "SELECT sequence, event FROM events ORDER BY sequence DESC LIMIT 1"
_STILL_THERE = "SELECT 1 FROM events WHERE sequence = ? AND event = ?"
# By the number of the event alone: an index on items would be read from end to end.
_CHANGED = """
SELECT DISTINCT item FROM events NOT INDEXED WHERE sequence > ? AND head = ? LIMIT ?
"""
_ROWS = """
SELECT current.item, current.sequence, current.value, current.person, origin, created
FROM current CROSS JOIN events ON events.sequence = current.sequence
WHERE current.head = ? AND current.kind = 'label' {} ORDER BY current.item, current.sequence
"""


@dataclass(frozen=True)
class InForce:
    """The last answer of each person to one head, by item, then the oldest first.

    rows: (n,), of dtype ROW; value is a class identifier with merges not resolved, or a number in
    the unit of the head, NaN where the person took their answer away; person and origin are places
    in `people` and `origins`; created in seconds since 1970. Do not write to the arrays.
    """

    rows: NDArray[np.void]
    people: tuple[str, ...]
    origins: tuple[str, ...]

    @cached_property
    def given(self) -> NDArray[np.bool_]:
        """(n,): false where an answer was taken away."""
        return ~np.isnan(np.asarray(self.rows["value"], np.float64))

    @cached_property
    def latest(self) -> NDArray[np.bool_]:
        """(n,): nobody answered the item later, so this is what counts."""
        items = np.asarray(self.rows["item"], np.int64)
        last = np.ones(len(items), np.bool_)
        last[:-1] = items[1:] != items[:-1]
        return last


def as_classes(values: NDArray[np.float64], table: ClassTable) -> NDArray[np.int32]:
    """(n,), int32: the live classes that answers `values` (n,) count for."""
    classes = values.astype(np.int32)
    for source in table.merged:
        classes[values == source] = table.resolve(source)
    return classes


class KeptAnswers:
    """The answers in force to one head as they were read last. One thread at a time may use it."""

    def __init__(self, head: str) -> None:
        self._head = head
        self._seen: tuple[int, str] = _NOTHING  # number and name of the newest event
        self._people: dict[str, int] = {}
        self._origins: dict[str, int] = {}
        self._found = InForce(np.empty(0, ROW), (), ())

    def up_to_date(self, connection: sqlite3.Connection) -> InForce:
        """What is in force now: the same object as before where nothing changed."""
        newest = connection.execute(_NEWEST).fetchone() or _NOTHING
        if newest != self._seen:
            changed = self._changed(connection)
            if changed is None:
                self._keep(self._read(connection, "", ()))
            elif changed:
                marks = ",".join("?" * len(changed))
                fresh = self._read(connection, f"AND current.item IN ({marks})", tuple(changed))
                self._keep(_replaced(self._found.rows, np.array(changed, np.int64), fresh))
            self._seen = newest
        return self._found

    def _changed(self, connection: sqlite3.Connection) -> list[int] | None:
        """Items with events since the last look; None where too many, or where the log is no
        longer the one that was read: then a copy was put in its place."""
        if self._seen == _NOTHING or not connection.execute(_STILL_THERE, self._seen).fetchone():
            return None
        values = (self._seen[0], self._head, MOST_CHANGED + 1)
        changed = sorted(item for (item,) in connection.execute(_CHANGED, values))
        return changed if len(changed) <= MOST_CHANGED else None

    def _read(
        self, connection: sqlite3.Connection, condition: str, items: tuple[int, ...]
    ) -> NDArray[np.void]:
        """(n,) of dtype ROW: all rows of the head, or those of `items`."""
        rows = [
            (
                item,
                sequence,
                np.nan if value is None else value,
                self._people.setdefault(person, len(self._people)),
                self._origins.setdefault(origin, len(self._origins)),
                created,
            )
            for item, sequence, value, person, origin, created in connection.execute(
                _ROWS.format(condition), (self._head, *items)
            )
        ]
        return np.array(rows, ROW)

    def _keep(self, rows: NDArray[np.void]) -> None:
        self._found = InForce(rows, tuple(self._people), tuple(self._origins))


def _replaced(
    rows: NDArray[np.void], changed: NDArray[np.int64], fresh: NDArray[np.void]
) -> NDArray[np.void]:
    """`rows` with `fresh` in place of all that they have of the items `changed` (k,), ascending."""
    items, new = rows["item"], fresh["item"]
    first, behind = (np.searchsorted(items, changed, side).tolist() for side in ("left", "right"))
    begin, end = (np.searchsorted(new, changed, side).tolist() for side in ("left", "right"))
    parts, done = [], 0
    for place in range(len(changed)):
        parts += [rows[done : first[place]], fresh[begin[place] : end[place]]]
        done = behind[place]
    return np.concatenate([*parts, rows[done:]])
