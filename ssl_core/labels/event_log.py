"""Writing label events and keeping the answers that count now, in one transaction."""

import sqlite3
import time
from collections.abc import Sequence

from ssl_core.labels.events import PERSON_GIVEN, LabelEvent, PastAction, Receipt, RefusedEvent
from ssl_core.labels.head_table import answerable, no_head_sentence, read_heads

_INSERT = """
INSERT OR IGNORE INTO events
    (event, kind, person, item, head, value, origin, seconds, target, created, batch)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
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
_PAST_ACTIONS = f"""
SELECT sequence, event, item, head, kind, value, batch FROM events
WHERE person = ? AND origin IN {PERSON_GIVEN} AND kind != 'undo'
    AND sequence NOT IN (SELECT sequence FROM undone)
ORDER BY sequence DESC LIMIT ?
"""
_LATEST_OF_OTHERS = """
SELECT sequence, kind, value FROM current
WHERE item = ? AND head = ? AND person != ? AND kind = 'label' ORDER BY sequence DESC LIMIT 1
"""
# Who has answered one of several heads has the others still before them.
_GIVE_BACK = """
DELETE FROM lent WHERE item = ? AND ? <= (
    SELECT COUNT(DISTINCT head) FROM current
    WHERE current.item = lent.item AND (kind = 'skip' OR value IS NOT NULL))
"""
_END = 2**63 - 1


def write_events(
    connection: sqlite3.Connection, events: Sequence[LabelEvent], item_count: int
) -> Receipt:
    """Store `events` of a dataset with `item_count` items, inside the caller's transaction.

    An event that is there already is acknowledged again and not stored twice. One that makes no
    sense is refused by itself; the others are stored.
    """
    check = _Check(connection, item_count)
    receipt = Receipt([], [])
    created = time.time()
    for event in events:
        reason = check.refusal(event)
        if reason is None and event.kind == "undo":
            reason = _undo(connection, event, created)
        elif reason is None:
            _answer(connection, event, event.head or check.main, created, check.wanted)
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
    """What `person` did and may still undo, newest first. Merges are not resolved."""
    actions = []
    rows = connection.execute(_PAST_ACTIONS, (person, limit)).fetchall()
    for sequence, event, item, head, kind, value, batch in rows:
        own = connection.execute(_LATEST_NOT_UNDONE, (item, head, person, sequence)).fetchone()
        others = connection.execute(_LATEST_OF_OTHERS, (item, head, person)).fetchone()
        labels = [row for row in (own, others) if row is not None and row[1] == "label"]
        before = max(labels)[2] if labels else None  # sequence first, and it is unique
        actions.append(
            PastAction(
                event=event,
                item=item,
                head=head,
                kind=kind,
                value=value,
                before=before,
                batch=batch,
            )
        )
    return actions


class _Check:
    """What may be answered: the heads of a dataset, their classes, and how many items it has."""

    def __init__(self, connection: sqlite3.Connection, item_count: int) -> None:
        heads = read_heads(connection)
        self.main = heads[0].name
        self.wanted = len(answerable(heads))  # answers or skips that an item waits for
        self._kinds = {head.name: head.kind for head in heads}
        self._classes: dict[str, set[int]] = {name: set() for name in self._kinds}
        for head, identifier in connection.execute("SELECT head, identifier FROM classes"):
            self._classes[head].add(identifier)
        self._item_count = item_count

    def refusal(self, event: LabelEvent) -> str | None:
        """Why `event` cannot be stored, or None."""
        head = event.head or self.main
        if head not in self._kinds:
            return no_head_sentence(head, self._kinds)
        if event.kind == "undo":
            return None if event.target else "An undo must name the event that it undoes."
        if event.item >= self._item_count:
            return f"There is no item {event.item}. Expected 0 to {self._item_count - 1}."
        if event.kind == "skip" or event.value is None or self._kinds[head] == "regression":
            return None
        if event.value not in self._classes[head]:
            return f"There is no class {event.value} of {head}. Load the classes again."
        return None


def _answer(
    connection: sqlite3.Connection, event: LabelEvent, head: str, created: float, wanted: int
) -> None:
    value = event.value if event.kind == "label" else None
    cursor = connection.execute(
        _INSERT,
        (
            event.event,
            event.kind,
            event.person,
            event.item,
            head,
            value,
            event.origin,
            event.seconds,
            None,
            created,
            event.batch,
        ),
    )
    if cursor.rowcount:
        row = (event.item, head, event.person, cursor.lastrowid, event.kind, value)
        connection.execute(_SET_CURRENT, row)
        connection.execute("DELETE FROM sent WHERE item = ?", (event.item,))
        connection.execute(_GIVE_BACK, (event.item, wanted))


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
        return "An undo cannot be undone. Label the item again."
    if person != event.person:
        return f"That was done by {person!r}, and only they can undo it. Label the item instead."
    row = (event.event, "undo", person, item, head, None, event.origin, None, event.target, created)
    if connection.execute(_INSERT, (*row, event.batch)).rowcount:
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
