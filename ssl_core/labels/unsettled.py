"""The items on which people differ and that wait to be settled."""

import sqlite3
from dataclasses import dataclass

from ssl_core.labels.answers import Resolver
from ssl_core.labels.draw import PERSON as REFERENCE
from ssl_core.labels.events import Answer
from ssl_core.labels.head_table import find_head, read_heads
from ssl_core.labels.store import LabelStore

_SEVERAL = """
SELECT item, person, value, sequence FROM current
WHERE head = ? AND kind = 'label' AND value IS NOT NULL AND person != ? AND item IN (
    SELECT item FROM current WHERE head = ? AND kind = 'label' AND value IS NOT NULL
        AND person != ? GROUP BY item HAVING COUNT(*) > 1)
ORDER BY item, sequence
"""
_ANSWERED_BEFORE = """
SELECT 1 FROM events WHERE item = ? AND head = ? AND person = ? AND kind = 'label'
    AND sequence < ? AND sequence NOT IN (SELECT sequence FROM undone) LIMIT 1
"""


@dataclass(frozen=True)
class _Opinion:
    person: str
    value: Answer
    sequence: int


def unsettled(store: LabelStore, head: str | None = None) -> list[int]:
    """The items on which people differ and that nobody has settled, the longest ago first.

    Settled: most people gave the answer that counts, which is the latest, or one answered again
    after another one had.
    """

    def work(connection: sqlite3.Connection) -> list[int]:
        name = find_head(read_heads(connection), head).name
        open_items = [
            (given[-1].sequence, item)
            for item, given in _opinions(connection, head).items()
            if _differ(given) and not _answered_again(connection, name, item, given)
        ]
        return [item for _, item in sorted(open_items)]

    return store.read(work)


def _opinions(connection: sqlite3.Connection, head: str | None) -> dict[int, list[_Opinion]]:
    """Item -> the answers of people, the longest ago first, where there are two or more."""
    asked = find_head(read_heads(connection), head)
    resolve = Resolver(connection)
    found: dict[int, list[_Opinion]] = {}
    values = (asked.name, REFERENCE, asked.name, REFERENCE)
    for item, person, value, sequence in connection.execute(_SEVERAL, values):
        opinion = _Opinion(person, resolve(asked.name, value), sequence)
        found.setdefault(item, []).append(opinion)
    return found


def _differ(given: list[_Opinion]) -> bool:
    """Whether the latest answer, which counts, has no more than half of the people behind it."""
    behind = sum(one.value == given[-1].value for one in given)
    return 2 * behind <= len(given)


def _answered_again(
    connection: sqlite3.Connection, head: str, item: int, given: list[_Opinion]
) -> bool:
    """Whether the last answer came from somebody who had answered before the one before it."""
    *_, before, last = given
    values = (item, head, last.person, before.sequence)
    return connection.execute(_ANSWERED_BEFORE, values).fetchone() is not None
