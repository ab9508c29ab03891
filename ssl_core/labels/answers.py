"""Reading the answers that count now out of the label file."""

import sqlite3
from datetime import UTC, datetime

import numpy as np

from ssl_core.labels.class_table import ClassTable, read_classes
from ssl_core.labels.event_log import past_actions
from ssl_core.labels.events import CLASS_HEAD, CurrentLabels, PastAction, RecentLabel

MEDIAN_OVER = 500  # latest hand labels

# SQLite takes the bare columns beside MAX() from the row that has the maximum.
_CURRENT = """
SELECT item, value, MAX(sequence) FROM current
WHERE head = ? AND kind = 'label' GROUP BY item ORDER BY item
"""
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
_ORIGINS = """
SELECT events.origin, COUNT(*)
FROM (SELECT value, MAX(sequence) AS sequence FROM current
    WHERE head = ? AND kind = 'label' GROUP BY item) AS latest JOIN events USING (sequence)
WHERE latest.value IS NOT NULL GROUP BY events.origin ORDER BY COUNT(*) DESC, events.origin
"""
_LAST_LABEL = """
SELECT sequence FROM current WHERE head = ? AND kind = 'label' AND value IS NOT NULL
ORDER BY sequence DESC LIMIT 1
"""
_SECONDS = """
SELECT seconds FROM events
WHERE kind = 'label' AND origin = 'hand' AND seconds IS NOT NULL
    AND sequence NOT IN (SELECT sequence FROM undone)
ORDER BY sequence DESC LIMIT ?
"""
_SKIPS = """
SELECT item FROM current AS skipped
WHERE kind = 'skip' AND head = ? AND NOT EXISTS (
    SELECT 1 FROM current AS other WHERE other.item = skipped.item AND other.head = skipped.head
        AND other.kind = 'label' AND other.value IS NOT NULL)
GROUP BY item ORDER BY MAX(sequence)
"""


def data_version(connection: sqlite3.Connection) -> int:
    """A number that changes whenever another connection, of this process or not, has committed."""
    (version,) = connection.execute("PRAGMA data_version").fetchone()
    return int(version)


def read_current(connection: sqlite3.Connection, head: str) -> CurrentLabels:
    """The latest answer of any person for each item, merges resolved, sorted by item."""
    table = read_classes(connection)
    rows = [(item, value) for item, value, _ in connection.execute(_CURRENT, (head,))]
    given = [(item, value) for item, value in rows if value is not None]
    array = np.array(given, dtype=np.int64).reshape(-1, 2)
    values = array[:, 1].astype(np.int32)
    for source in table.merged:
        values[array[:, 1] == source] = table.resolve(source)
    return CurrentLabels(items=np.ascontiguousarray(array[:, 0]), values=values)


def read_recent(connection: sqlite3.Connection, limit: int) -> list[RecentLabel]:
    """The answers that count now and were given last, newest first."""
    table = read_classes(connection)
    return [
        RecentLabel(
            event=event,
            item=item,
            value=table.resolve(value),
            person=person,
            origin=origin,
            seconds=seconds,
            created=datetime.fromtimestamp(created, UTC).isoformat(timespec="seconds"),
        )
        for event, item, value, person, origin, seconds, created in connection.execute(
            _LATEST, (CLASS_HEAD, limit)
        )
    ]


def read_origin_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Origin -> how many of the answers that count now, the most frequent first."""
    return dict(connection.execute(_ORIGINS, (CLASS_HEAD,)).fetchall())


def read_last_label(connection: sqlite3.Connection) -> int:
    """Sequence number of the newest label that nobody took back; 0 where there is none."""
    row = connection.execute(_LAST_LABEL, (CLASS_HEAD,)).fetchone()
    return 0 if row is None else int(row[0])


def read_history(connection: sqlite3.Connection, person: str, limit: int) -> list[PastAction]:
    """What `person` did by hand and may still undo, newest first, merges resolved."""
    table = read_classes(connection)
    return [
        action.model_copy(
            update={
                "value": _resolved(table, action.value),
                "before": _resolved(table, action.before),
            }
        )
        for action in past_actions(connection, person, limit)
    ]


def read_median_seconds(connection: sqlite3.Connection) -> float | None:
    """Median time of the latest hand labels, seconds; None where none was timed."""
    rows = connection.execute(_SECONDS, (MEDIAN_OVER,)).fetchall()
    return float(np.median([seconds for (seconds,) in rows])) if rows else None


def read_skips(connection: sqlite3.Connection) -> list[int]:
    """Items that were skipped and have no label, the longest ago first."""
    return [item for (item,) in connection.execute(_SKIPS, (CLASS_HEAD,))]


def _resolved(table: ClassTable, value: int | None) -> int | None:
    return None if value is None else table.resolve(value)
