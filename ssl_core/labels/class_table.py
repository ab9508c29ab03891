"""Reading and changing the classes of one head. Labels keep class identifiers, so no change
here can lose one."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from ssl_core.errors import UserError
from ssl_core.labels.classes import (
    MOST_CLASSES,
    LabelClass,
    checked_colour,
    checked_name,
    default_colour,
    keys_for,
)
from ssl_core.labels.head_table import find_head, read_heads


@dataclass(frozen=True)
class ClassTable:
    """All classes of one head that ever were."""

    live: list[LabelClass]  # in the order shown
    merged: dict[int, int]  # identifier -> the class it was merged into, which may be merged too
    references: dict[int, int]  # index in the classes it came with -> identifier, perhaps merged

    def resolve(self, identifier: int) -> int:
        """The live class that an answer with `identifier` counts for."""
        while identifier in self.merged:
            identifier = self.merged[identifier]
        return identifier


def read_classes(connection: sqlite3.Connection, head: str) -> ClassTable:
    """The classes of `head` as they are now; none of a regression head."""
    rows = connection.execute(
        "SELECT identifier, name, colour, merged_into, reference FROM classes WHERE head = ? "
        "ORDER BY position, identifier",
        (head,),
    ).fetchall()
    shown = [row for row in rows if row[3] is None]
    keys = keys_for([row[1] for row in shown])
    live = [
        LabelClass(identifier=identifier, name=name, colour=colour, key=key, reference=reference)
        for (identifier, name, colour, _, reference), key in zip(shown, keys, strict=True)
    ]
    merged = {row[0]: row[3] for row in rows if row[3] is not None}
    references = {row[4]: row[0] for row in rows if row[4] is not None}
    return ClassTable(live, merged, references)


def add(
    name: str, colour: str | None, head: str | None
) -> Callable[[sqlite3.Connection], LabelClass]:
    """A write that adds a class to a head, the main one for None, and returns it."""

    def work(connection: sqlite3.Connection) -> LabelClass:
        asked = find_head(read_heads(connection), head)
        if asked.kind == "regression":
            raise UserError(f"The answers to {asked.title!r} are numbers, so it has no classes.")
        if asked.kind == "binary":
            raise UserError(f"{asked.title!r} is a binary head and keeps its two classes.")
        trimmed = _free_name(connection, name, asked.name, None)
        (total, live) = connection.execute(
            "SELECT COUNT(*), COUNT(*) FILTER (WHERE merged_into IS NULL) FROM classes "
            "WHERE head = ?",
            (asked.name,),
        ).fetchone()
        if live >= MOST_CLASSES:
            raise UserError(f"There are {live} classes already, which is the most that is allowed.")
        chosen = default_colour(total) if colour is None else checked_colour(colour)
        cursor = connection.execute(
            "INSERT INTO classes (position, name, colour, head) "
            "VALUES ((SELECT COALESCE(MAX(position), -1) + 1 FROM classes), ?, ?, ?)",
            (trimmed, chosen, asked.name),
        )
        live_now = read_classes(connection, asked.name).live
        return next(one for one in live_now if one.identifier == cursor.lastrowid)

    return work


def rename(identifier: int, name: str) -> Callable[[sqlite3.Connection], None]:
    """A write that gives a class another name."""

    def work(connection: sqlite3.Connection) -> None:
        head = _head_of_live(connection, identifier)
        trimmed = _free_name(connection, name, head, identifier)
        connection.execute(
            "UPDATE classes SET name = ? WHERE identifier = ?", (trimmed, identifier)
        )

    return work


def recolour(identifier: int, colour: str) -> Callable[[sqlite3.Connection], None]:
    """A write that gives a class another colour."""

    def work(connection: sqlite3.Connection) -> None:
        _head_of_live(connection, identifier)
        connection.execute(
            "UPDATE classes SET colour = ? WHERE identifier = ?",
            (checked_colour(colour), identifier),
        )

    return work


def merge(source: int, target: int) -> Callable[[sqlite3.Connection], None]:
    """A write after which every answer `source`, past or still on its way, counts as `target`."""

    def work(connection: sqlite3.Connection) -> None:
        heads = {_head_of_live(connection, one) for one in (source, target)}
        if source == target:
            raise UserError("A class cannot be merged into itself. Choose another one.")
        if len(heads) > 1:
            raise UserError("Classes of two heads cannot be merged. Choose one of the same head.")
        if find_head(read_heads(connection), heads.pop()).kind == "binary":
            raise UserError("A binary head keeps its two classes: they cannot be merged.")
        connection.execute(
            "UPDATE classes SET merged_into = ? WHERE identifier = ?", (target, source)
        )

    return work


def _free_name(connection: sqlite3.Connection, name: str, head: str, owner: int | None) -> str:
    """`name`, checked, if no live class of `head` other than `owner` has it."""
    trimmed = checked_name(name)
    taken = connection.execute(
        "SELECT 1 FROM classes WHERE name = ? AND head = ? AND merged_into IS NULL "
        "AND identifier IS NOT ?",
        (trimmed, head, owner),
    ).fetchone()
    if taken:
        raise UserError(f"There is a class {trimmed[:40]!r} already. Choose another name.")
    return trimmed


def _head_of_live(connection: sqlite3.Connection, identifier: int) -> str:
    """The head of a class. Raises UserError where there is none, or it was merged."""
    row = connection.execute(
        "SELECT merged_into, name, head FROM classes WHERE identifier = ?", (identifier,)
    ).fetchone()
    if row is None:
        raise UserError(f"There is no class {identifier}. Load the classes again.")
    if row[0] is not None:
        raise UserError(f"The class {row[1][:40]!r} was merged into another one meanwhile.")
    return str(row[2])
