"""Reading the answers that count now out of the label file."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from ssl_core.heads import Head
from ssl_core.labels.class_table import ClassTable, read_classes
from ssl_core.labels.event_log import past_actions
from ssl_core.labels.events import Answer, CurrentLabels, PastAction, RecentLabel
from ssl_core.labels.head_table import read_heads
from ssl_core.labels.in_force import InForce, as_classes

MEDIAN_OVER = 500  # latest timed labels
_ROWS_OF_AN_ITEM = 20  # looked through, a head and a person each

_LATEST = """
SELECT events.event, current.item, current.value, current.person, events.origin, events.seconds,
    events.created
FROM current JOIN events USING (sequence)
WHERE current.head = ? AND current.kind = 'label' AND current.sequence = (
    SELECT MAX(other.sequence) FROM current AS other
    WHERE other.item = current.item AND other.head = current.head AND other.kind = 'label')
    AND current.value IS NOT NULL
ORDER BY current.sequence DESC LIMIT ?
"""
_LATEST_ITEMS = """
SELECT item FROM current WHERE kind = 'label' AND value IS NOT NULL ORDER BY sequence DESC LIMIT ?
"""
_LAST_LABEL = """
SELECT sequence FROM current WHERE head = ? AND kind = 'label' AND value IS NOT NULL
ORDER BY sequence DESC LIMIT 1
"""
_SECONDS = """
SELECT seconds FROM events
WHERE kind = 'label' AND origin = 'hand' AND seconds IS NOT NULL
    AND COALESCE(batch, '') NOT LIKE 'imported-%'
    AND sequence NOT IN (SELECT sequence FROM undone)
ORDER BY sequence DESC LIMIT ?
"""
_SKIPS = """
SELECT item, head FROM current AS skipped
WHERE kind = 'skip' AND NOT EXISTS (
    SELECT 1 FROM current AS other WHERE other.item = skipped.item AND other.head = skipped.head
        AND other.kind = 'label' AND other.value IS NOT NULL)
GROUP BY item, head ORDER BY MAX(sequence)
"""
_ANSWERS = """
SELECT item, head, value, MAX(sequence) FROM current
WHERE kind = 'label' AND item IN ({}) GROUP BY item, head
"""


def current_of(found: InForce, head: Head, table: ClassTable) -> CurrentLabels:
    """The latest answer of any person for each item, merges resolved, sorted by item."""
    chosen = found.latest & found.given
    items, values = (found.rows[name][chosen] for name in ("item", "value"))
    return CurrentLabels(items, values if head.kind == "regression" else as_classes(values, table))


def read_recent(connection: sqlite3.Connection, head: Head, limit: int) -> list[RecentLabel]:
    """The answers to `head` that count now and were given last, newest first."""
    resolve = Resolver(connection)
    return [
        RecentLabel(
            event=event,
            item=item,
            value=resolve(head.name, value),
            person=person,
            origin=origin,
            seconds=seconds,
            created=datetime.fromtimestamp(created, UTC).isoformat(timespec="seconds"),
        )
        for event, item, value, person, origin, seconds, created in connection.execute(
            _LATEST, (head.name, limit)
        )
    ]


def read_recent_items(connection: sqlite3.Connection, limit: int) -> list[int]:
    """The items with an answer to any head that were answered last, newest first."""
    rows = connection.execute(_LATEST_ITEMS, (limit * _ROWS_OF_AN_ITEM,)).fetchall()
    items = list(dict.fromkeys(item for (item,) in rows))
    known = read_answers(connection, items)  # another person may have taken an answer away
    return [item for item in items if item in known][:limit]


def read_answers(
    connection: sqlite3.Connection, items: Sequence[int]
) -> dict[int, dict[str, Answer]]:
    """Item -> head -> the answer that counts now, merges resolved; items without one left out."""
    resolve = Resolver(connection)
    query = _ANSWERS.format(",".join("?" * len(items)))
    found: dict[int, dict[str, Answer]] = {}
    for item, head, value, _ in connection.execute(query, tuple(items)):
        if value is not None:
            found.setdefault(item, {})[head] = resolve(head, value)
    return found


def origins_of(found: InForce) -> dict[str, int]:
    """Origin -> how many of the answers that count now, the most frequent first."""
    places = found.rows["origin"][found.latest & found.given]
    counts = zip(
        found.origins, np.bincount(places, minlength=len(found.origins)).tolist(), strict=True
    )
    return dict(sorted((pair for pair in counts if pair[1]), key=lambda pair: (-pair[1], pair[0])))


def read_last_label(connection: sqlite3.Connection, head: str) -> int:
    """Sequence number of the newest label that nobody took back; 0 where there is none."""
    row = connection.execute(_LAST_LABEL, (head,)).fetchone()
    return 0 if row is None else int(row[0])


def read_history(connection: sqlite3.Connection, person: str, limit: int) -> list[PastAction]:
    """What `person` did by hand and may still undo, newest first, merges resolved."""
    resolve = Resolver(connection)
    return [
        action.model_copy(
            update={
                name: resolve(action.head, value)
                for name, value in (("value", action.value), ("before", action.before))
                if value is not None
            }
        )
        for action in past_actions(connection, person, limit)
    ]


def read_median_seconds(connection: sqlite3.Connection) -> float | None:
    """Median time of the latest hand labels, seconds; None where none was timed."""
    rows = connection.execute(_SECONDS, (MEDIAN_OVER,)).fetchall()
    return float(np.median([seconds for (seconds,) in rows])) if rows else None


def read_skips(connection: sqlite3.Connection) -> list[tuple[int, str]]:
    """(item, head) that were skipped and have no label, the longest ago first."""
    return connection.execute(_SKIPS).fetchall()


class Resolver:
    """An answer as it counts: a merged class as the one it was merged into, a number as float."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._tables = {
            head.name: None if head.kind == "regression" else read_classes(connection, head.name)
            for head in read_heads(connection)
        }

    def __call__(self, head: str, value: Answer) -> Answer:
        table = self._tables[head]
        return float(value) if table is None else table.resolve(int(value))
