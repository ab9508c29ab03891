"""Labels that were submitted together, and taking them back together."""

import sqlite3
import uuid
from dataclasses import dataclass
from typing import Final

from ssl_core.errors import UserError
from ssl_core.labels.draw import append_in_batches
from ssl_core.labels.events import LabelEvent
from ssl_core.labels.store import LabelStore

IMPORTED: Final = "imported"
OF_FILE = f"{IMPORTED}-"  # how the identifiers of batches from a file begin
# From one name to the next in the index, so that only the labels of the latest batches are read.
_BATCHES = """
WITH RECURSIVE named (batch) AS (
    SELECT MIN(batch) FROM events WHERE batch IS NOT NULL
    UNION ALL
    SELECT (SELECT MIN(batch) FROM events WHERE batch > named.batch) FROM named
        WHERE named.batch IS NOT NULL),
latest (batch, newest) AS (
    SELECT batch, (SELECT MAX(sequence) FROM events
        WHERE events.batch = named.batch AND kind = 'label') AS newest
    FROM named WHERE batch IS NOT NULL ORDER BY newest DESC LIMIT ?)
SELECT latest.batch, GROUP_CONCAT(DISTINCT events.person), MIN(events.origin), MIN(created),
    COUNT(*), COUNT(current.sequence)
FROM latest CROSS JOIN events ON events.batch = latest.batch AND events.kind = 'label'
LEFT JOIN current ON current.item = events.item AND current.head = events.head
    AND current.person = events.person AND current.sequence = events.sequence
GROUP BY latest.batch ORDER BY newest DESC
"""
_OF_BATCH = """
SELECT event, person, item, head, origin FROM events
WHERE batch = ? AND kind != 'undo' AND sequence NOT IN (SELECT sequence FROM undone)
ORDER BY sequence DESC
"""


@dataclass(frozen=True)
class Batch:
    """Labels of one submit."""

    identifier: str
    people: tuple[str, ...]
    origin: str
    created: float  # seconds since 1970
    labels: int  # how many were submitted
    in_force: int  # of these neither taken back nor answered anew by the same person

    def undoable_by(self, person: str) -> bool:
        """Whether `person` may take it back: their own, and what came from a file."""
        return self.in_force > 0 and (self.origin == IMPORTED or self.people == (person,))


def new_file_batch() -> str:
    """The identifier of a new batch of labels from a file, whatever their origins are."""
    return f"{OF_FILE}{uuid.uuid4().hex}"


def latest_batches(store: LabelStore, limit: int = 50) -> list[Batch]:
    """The batches that were submitted last, newest first."""

    def work(connection: sqlite3.Connection) -> list[Batch]:
        rows = connection.execute(_BATCHES, (limit,)).fetchall()
        return [
            Batch(
                batch,
                tuple(sorted(people.split(","))),
                IMPORTED if batch.startswith(OF_FILE) else origin,
                *numbers,
            )
            for batch, people, origin, *numbers in rows
        ]

    return store.read(work)


def undo_batch(store: LabelStore, batch: str, person: str) -> int:
    """Take back all of a batch that is not taken back yet; returns how many events that were.

    Each comes back to what its person had answered before the batch; what was answered anew since
    stays. Raises UserError where there is nothing left, or it is another person's.
    """

    def work(connection: sqlite3.Connection) -> list[tuple[str, str, int, str, str]]:
        return connection.execute(_OF_BATCH, (batch,)).fetchall()

    rows = store.read(work)
    if not rows:
        raise UserError("Nothing of this batch is left to take back. Load the list again.")
    others = sorted({row[1] for row in rows if row[1] != person and row[4] != IMPORTED})
    if others and not batch.startswith(OF_FILE):
        raise UserError(
            f"This batch was submitted by {', '.join(store.name_of(one) for one in others)}, and "
            "only they can take it back. Label the items again instead."
        )
    events = [
        LabelEvent(
            event=uuid.uuid4().hex, kind="undo", person=owner, item=item, head=head, target=target
        )
        for target, owner, item, head, _ in rows
    ]
    return append_in_batches(store, events)
