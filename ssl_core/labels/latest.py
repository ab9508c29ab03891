"""The answers that were given last, with their place in the log."""

import sqlite3
from dataclasses import dataclass

from ssl_core.labels.store import LabelStore

# From the newest on: an item that several people answered comes first as it counts now.
_NEWEST = """
SELECT item, value, sequence FROM current
WHERE sequence > ? AND head = ? AND kind = 'label' ORDER BY sequence DESC
"""


@dataclass(frozen=True)
class LatestAnswer:
    """An answer that counts now. sequence: its number in the log of events."""

    item: int
    value: int  # identifier of a class, merges resolved
    sequence: int


def latest_answers(
    store: LabelStore, after: int = 0, limit: int | None = None
) -> list[LatestAnswer]:
    """The answers to the main head that count now, newest first, at most `limit`.

    after: only those given later than this number of the log.
    """
    head = store.head()

    def work(connection: sqlite3.Connection) -> list[tuple[int, int, int]]:
        seen: set[int] = set()
        found: list[tuple[int, int, int]] = []
        for item, value, sequence in connection.execute(_NEWEST, (after, head.name)):
            if item not in seen and value is not None:
                found.append((item, value, sequence))
            seen.add(item)
            if limit is not None and len(found) == limit:
                break
        return found

    table = store.class_table()
    return [
        LatestAnswer(item, table.resolve(value), sequence)
        for item, value, sequence in store.read(work)
    ]
