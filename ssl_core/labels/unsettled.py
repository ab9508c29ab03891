"""The items on which people differ and that wait to be settled."""

import sqlite3
from dataclasses import dataclass

import numpy as np

from ssl_core.heads import Head
from ssl_core.labels.class_table import ClassTable
from ssl_core.labels.draw import PERSON as REFERENCE
from ssl_core.labels.events import Answer
from ssl_core.labels.in_force import InForce, as_classes
from ssl_core.labels.store import LabelStore

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

    asked = store.head(head)
    several = _opinions(store.in_force(asked.name), store.class_table(asked.name), asked)
    differing = {item: given for item, given in several.items() if _differ(given)}

    def work(connection: sqlite3.Connection) -> list[int]:
        open_items = [
            (given[-1].sequence, item)
            for item, given in differing.items()
            if not _answered_again(connection, asked.name, item, given)
        ]
        return [item for _, item in sorted(open_items)]

    return store.read(work)


def _opinions(found: InForce, table: ClassTable, asked: Head) -> dict[int, list[_Opinion]]:
    """Item -> the answers of people, the longest ago first, where there are two or more."""
    by_people = np.array([person != REFERENCE for person in found.people], np.bool_)
    rows = found.rows[found.given]
    rows = rows[by_people[rows["person"]]]
    same = rows["item"][1:] == rows["item"][:-1]
    rows = rows[np.append(False, same) | np.append(same, False)] if len(rows) else rows
    values = rows["value"] if asked.kind == "regression" else as_classes(rows["value"], table)
    opinions: dict[int, list[_Opinion]] = {}
    for row, value in zip(rows, values.tolist(), strict=True):
        opinion = _Opinion(found.people[row["person"]], value, int(row["sequence"]))
        opinions.setdefault(int(row["item"]), []).append(opinion)
    return opinions


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
