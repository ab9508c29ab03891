"""Reading and changing the classes of one dataset. Labels keep class identifiers, so no change
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


@dataclass(frozen=True)
class ClassTable:
    """All classes that ever were."""

    live: list[LabelClass]  # in the order shown
    merged: dict[int, int]  # identifier -> the class it was merged into, which may be merged too
    references: dict[int, int]  # index in the manifest's classes -> identifier, perhaps merged

    def resolve(self, identifier: int) -> int:
        """The live class that an answer with `identifier` counts for."""
        while identifier in self.merged:
            identifier = self.merged[identifier]
        return identifier


def read_classes(connection: sqlite3.Connection) -> ClassTable:
    """The classes as they are now."""
    rows = connection.execute(
        "SELECT identifier, name, colour, merged_into, reference FROM classes "
        "ORDER BY position, identifier"
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


def add(name: str, colour: str | None) -> Callable[[sqlite3.Connection], LabelClass]:
    """A write that adds a class after the last one and returns it."""

    def work(connection: sqlite3.Connection) -> LabelClass:
        trimmed = _free_name(connection, name, None)
        (total, live) = connection.execute(
            "SELECT COUNT(*), COUNT(*) FILTER (WHERE merged_into IS NULL) FROM classes"
        ).fetchone()
        if live >= MOST_CLASSES:
            raise UserError(f"There are {live} classes already, which is the most that is allowed.")
        chosen = default_colour(total) if colour is None else checked_colour(colour)
        cursor = connection.execute(
            "INSERT INTO classes (position, name, colour) "
            "VALUES ((SELECT COALESCE(MAX(position), -1) + 1 FROM classes), ?, ?)",
            (trimmed, chosen),
        )
        added = cursor.lastrowid
        return next(one for one in read_classes(connection).live if one.identifier == added)

    return work


def rename(identifier: int, name: str) -> Callable[[sqlite3.Connection], None]:
    """A write that gives a class another name."""

    def work(connection: sqlite3.Connection) -> None:
        _check_live(connection, identifier)
        trimmed = _free_name(connection, name, identifier)
        connection.execute(
            "UPDATE classes SET name = ? WHERE identifier = ?", (trimmed, identifier)
        )

    return work


def recolour(identifier: int, colour: str) -> Callable[[sqlite3.Connection], None]:
    """A write that gives a class another colour."""

    def work(connection: sqlite3.Connection) -> None:
        _check_live(connection, identifier)
        connection.execute(
            "UPDATE classes SET colour = ? WHERE identifier = ?",
            (checked_colour(colour), identifier),
        )

    return work


def merge(source: int, target: int) -> Callable[[sqlite3.Connection], None]:
    """A write after which every answer `source`, past or still on its way, counts as `target`."""

    def work(connection: sqlite3.Connection) -> None:
        _check_live(connection, source)
        _check_live(connection, target)
        if source == target:
            raise UserError("A class cannot be merged into itself. Choose another one.")
        connection.execute(
            "UPDATE classes SET merged_into = ? WHERE identifier = ?", (target, source)
        )

    return work


def _free_name(connection: sqlite3.Connection, name: str, owner: int | None) -> str:
    """`name`, checked, if no live class other than `owner` has it."""
    trimmed = checked_name(name)
    taken = connection.execute(
        "SELECT 1 FROM classes WHERE name = ? AND merged_into IS NULL AND identifier IS NOT ?",
        (trimmed, owner),
    ).fetchone()
    if taken:
        raise UserError(f"There is a class {trimmed[:40]!r} already. Choose another name.")
    return trimmed


def _check_live(connection: sqlite3.Connection, identifier: int) -> None:
    row = connection.execute(
        "SELECT merged_into, name FROM classes WHERE identifier = ?", (identifier,)
    ).fetchone()
    if row is None:
        raise UserError(f"There is no class {identifier}. Load the classes again.")
    if row[0] is not None:
        raise UserError(f"The class {row[1][:40]!r} was merged into another one meanwhile.")
