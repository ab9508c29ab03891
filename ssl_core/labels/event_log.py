"""Writing label events and keeping the answers that count now, in one transaction."""

import sqlite3
import time
from collections.abc import Sequence

from ssl_core.labels.events import HEADS, LabelEvent, PastAction, Receipt, RefusedEvent

_INSERT = """
INSERT OR IGNORE INTO events
    (event, kind, person, item, head, value, origin, seconds, target, created)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_SET_CURRENT = """
INSERT INTO current (item, head, person, sequence, kind, value) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (item, head, person)
DO UPDATE SET sequence = excluded.sequence, kind = excluded.kind, value = excluded.value
"""
_LATEST_NOT_UNDONE = """
SELECT sequence, kind, value FROM events
WHERE item = ? AND head = ? AND person = ? AND kind != 'undo' AND sequence < ?
    AND sequence NOT IN (SELECT sequence FROM undone)
ORDER BY sequence DESC LIMIT 1
"""
_PAST_ACTIONS = """
SELECT sequence, event, item, head, kind, value FROM events
WHERE person = ? AND origin = 'hand' AND kind != 'undo'
    AND sequence NOT IN (SELECT sequence FROM undone)
ORDER BY sequence DESC LIMIT ?
"""
_LATEST_OF_OTHERS = """
SELECT sequence, kind, value FROM current
WHERE item = ? AND head = ? AND person != ? AND kind = 'label' ORDER BY sequence DESC LIMIT 1
"""
_END = 2**63 - 1


def write_events(
    connection: sqlite3.Connection, events: Sequence[LabelEvent], item_count: int
) -> Receipt:
    """Store `events` of a dataset with `item_count` items, inside the caller's transaction.

    An event that is there already is acknowledged again and not stored twice. One that makes no
    sense is refused by itself; the others are stored.
    """
    classes = {identifier for (identifier,) in connection.execute("SELECT identifier FROM classes")}
    receipt = Receipt([], [])
    created = time.time()
    for event in events:
        reason = _refusal(event, classes, item_count)
        if reason is None and event.kind == "undo":
            reason = _undo(connection, event, created)
        elif reason is None:
            _answer(connection, event, created)
        if reason is None:
            receipt.acknowledged.append(event.event)
        else:
            receipt.refused.append(RefusedEvent(event=event.event, reason=reason))
    return receipt


def last_sequence(connection: sqlite3.Connection) -> int:
    """Sequence number of the newest event; 0 where there is none."""
    (last,) = connection.execute("SELECT COALESCE(MAX(sequence), 0) FROM events").fetchone()
    return int(last)


def past_actions(connection: sqlite3.Connection, person: str, limit: int) -> list[PastAction]:
    """What `person` did by hand and may still undo, newest first. Merges are not resolved."""
    actions = []
    rows = connection.execute(_PAST_ACTIONS, (person, limit)).fetchall()
    for sequence, event, item, head, kind, value in rows:
        own = connection.execute(_LATEST_NOT_UNDONE, (item, head, person, sequence)).fetchone()
        others = connection.execute(_LATEST_OF_OTHERS, (item, head, person)).fetchone()
        labels = [row for row in (own, others) if row is not None and row[1] == "label"]
        before = max(labels)[2] if labels else None  # sequence first, and it is unique
        actions.append(PastAction(event=event, item=item, kind=kind, value=value, before=before))
    return actions


def _refusal(event: LabelEvent, classes: set[int], item_count: int) -> str | None:
    """Why `event` cannot be stored, or None."""
    if event.head not in HEADS:
        return f"There is no head {event.head[:40]!r}. Expected {' or '.join(HEADS)}."
    if event.kind == "undo":
        return None if event.target else "An undo must name the event that it undoes."
    if event.item >= item_count:
        return f"There is no item {event.item}. Expected 0 to {item_count - 1}."
    if event.kind == "label" and event.value is not None and event.value not in classes:
        return f"There is no class {event.value}. Load the classes again."
    return None


def _answer(connection: sqlite3.Connection, event: LabelEvent, created: float) -> None:
    value = event.value if event.kind == "label" else None
    cursor = connection.execute(
        _INSERT,
        (
            event.event,
            event.kind,
            event.person,
            event.item,
            event.head,
            value,
            event.origin,
            event.seconds,
            None,
            created,
        ),
    )
    if cursor.rowcount:
        row = (event.item, event.head, event.person, cursor.lastrowid, event.kind, value)
        connection.execute(_SET_CURRENT, row)


def _undo(connection: sqlite3.Connection, event: LabelEvent, created: float) -> str | None:
    """Take the target back and restore what its person had answered before it.

    Other people's answers stay as they are. Returns why it is impossible, or None.
    """
    found = connection.execute(
        "SELECT sequence, kind, person, item, head FROM events WHERE event = ?", (event.target,)
    ).fetchone()
    if found is None:
        return "The event to undo was never stored."
    sequence, kind, person, item, head = found
    if kind == "undo":
        return "An undo cannot be undone. Label the image again."
    if person != event.person:
        return f"That was done by {person!r}, and only they can undo it. Label the image instead."
    row = (event.event, "undo", person, item, head, None, event.origin, None, event.target, created)
    if connection.execute(_INSERT, row).rowcount:
        connection.execute("INSERT OR IGNORE INTO undone VALUES (?)", (sequence,))
        _restore(connection, item, head, person)
    return None


def _restore(connection: sqlite3.Connection, item: int, head: str, person: str) -> None:
    """Make the latest answer that was not undone the current one of this person."""
    latest = connection.execute(_LATEST_NOT_UNDONE, (item, head, person, _END)).fetchone()
    if latest is None:
        connection.execute(
            "DELETE FROM current WHERE item = ? AND head = ? AND person = ?", (item, head, person)
        )
    else:
        connection.execute(_SET_CURRENT, (item, head, person, *latest))
