"""Lending items to people, so that two do not label the same one at the same time."""

import sqlite3
import time
from collections.abc import Callable, Sequence

from ssl_core.errors import UserError
from ssl_core.labels.store import LabelStore

LOAN_SECONDS = 300.0
RENEW_BELOW = 150.0  # seconds left; above it a loan is good enough, and nothing is written
AT_ONCE = 40  # items lent to a person; a board asks again before it has come that far
ENOUGH = 20  # in front that are lent already: then nothing is written


def lent_to_others(store: LabelStore, person: str, now: float) -> set[int]:
    """The items that somebody else has. now: seconds since the epoch."""
    query = "SELECT item FROM lent WHERE person != ? AND until > ?"
    rows = store.read(lambda connection: connection.execute(query, (person, now)).fetchall())
    return {item for (item,) in rows}


def lend(store: LabelStore, items: Sequence[int], person: str) -> set[int]:
    """Lend `items` to `person` for five minutes; returns those of them that somebody else has.

    Where nothing can be written everybody may have everything: labelling goes on, and two answers
    to one item are both kept.
    """
    now = time.time()
    if not items or _good_for(store, person, now) >= set(items[:ENOUGH]):
        return set()
    try:
        return store.write(_lending(list(items), person, now))
    except UserError:
        return set()


def lend_only(store: LabelStore, items: Sequence[int], person: str) -> set[int]:
    """Lend `items` to `person` for five minutes in place of all that they had; returns as `lend`.

    One write, of hundreds of items too. Where nothing can be written everybody may have everything.
    """
    now = time.time()
    try:
        return store.write(_lending(list(items), person, now, only=True))
    except UserError:
        return set()


def _good_for(store: LabelStore, person: str, now: float) -> set[int]:
    query = "SELECT item FROM lent WHERE person = ? AND until > ?"
    values = (person, now + RENEW_BELOW)
    rows = store.read(lambda connection: connection.execute(query, values).fetchall())
    return {item for (item,) in rows}


def _lending(
    items: list[int], person: str, now: float, only: bool = False
) -> Callable[[sqlite3.Connection], set[int]]:
    """only: what else the person had is given back."""

    def work(connection: sqlite3.Connection) -> set[int]:
        connection.execute("DELETE FROM lent WHERE until <= ?", (now,))
        if only:
            connection.execute("DELETE FROM lent WHERE person = ?", (person,))
        connection.executemany(
            "INSERT INTO lent VALUES (?, ?, ?) ON CONFLICT (item) "
            "DO UPDATE SET until = excluded.until WHERE person = excluded.person",
            [(item, person, now + LOAN_SECONDS) for item in items],
        )
        others = connection.execute("SELECT item FROM lent WHERE person != ?", (person,))
        return {item for (item,) in others} & set(items)

    return work
