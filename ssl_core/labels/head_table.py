"""Reading and adding the heads of one dataset: what is asked of every item."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence

from ssl_core.errors import UserError
from ssl_core.heads import Head
from ssl_core.labels.classes import MOST_CLASSES, checked_name, default_colour, usable_names

MOST_HEADS = 20
BINARY_CLASSES = ("no", "yes")  # where the data did not name them; the second one is positive


def read_heads(connection: sqlite3.Connection) -> list[Head]:
    """The heads, the main one first, each with the names of its live classes."""
    names: dict[str, list[str]] = {}
    for head, name in connection.execute(
        "SELECT head, name FROM classes WHERE merged_into IS NULL ORDER BY position, identifier"
    ):
        names.setdefault(head, []).append(name)
    rows = connection.execute("SELECT name, title, kind, unit FROM heads ORDER BY position")
    return [
        Head(name=name, title=title, kind=kind, unit=unit, classes=tuple(names.get(name, ())))
        for name, title, kind, unit in rows
    ]


def find_head(heads: Sequence[Head], name: str | None) -> Head:
    """The head called `name`, the main one for None. Raises UserError where there is none."""
    for head in heads:
        if name is None or head.name == name:
            return head
    raise UserError(no_head_sentence(name or "", [head.name for head in heads]))


def answerable(heads: Sequence[Head]) -> list[Head]:
    """Those that can be answered: all but those that nobody has named a class of yet.

    The main head alone where that leaves none.
    """
    return [head for head in heads if head.kind == "regression" or head.classes] or [heads[0]]


def no_head_sentence(name: str, known: Iterable[str]) -> str:
    """What to tell a person who asked for a head that is not one of `known`."""
    return f"There is no head {name[:40]!r}. Expected {' or '.join(known)}."


def insert_heads(connection: sqlite3.Connection, heads: Iterable[Head], keep_classes: bool) -> None:
    """Put in what a dataset came with and the file lacks, inside the caller's transaction.

    keep_classes: the first head is older than the table of heads, and has its classes already.
    """
    known = {head.name for head in read_heads(connection)}
    for place, head in enumerate(heads):
        if head.name not in known:
            came_with = head.classes or (BINARY_CLASSES if head.kind == "binary" else ())
            names = [] if keep_classes and place == 0 else usable_names(came_with)
            _insert(connection, head, names)


def add(head: Head) -> Callable[[sqlite3.Connection], None]:
    """A write that adds a head after the last one, with its classes."""

    def work(connection: sqlite3.Connection) -> None:
        known = read_heads(connection)
        if any(other.name == head.name for other in known):
            raise UserError(f"There is a head {head.name!r} already. Choose another name.")
        if len(known) >= MOST_HEADS:
            raise UserError(f"There are {len(known)} heads already, the most that is allowed.")
        title = checked_name(head.title, "title of the head")
        unit = checked_name(head.unit, "unit") if head.unit.strip() else ""
        names = _checked_classes(head)
        _insert(connection, head.model_copy(update={"title": title, "unit": unit}), names)

    return work


def _checked_classes(head: Head) -> list[str]:
    """The class names of a head that a person adds. Raises UserError."""
    names = [checked_name(name) for name in head.classes]
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise UserError(f"The class {twice[0][:40]!r} is named twice. Name each class once.")
    if len(names) > MOST_CLASSES:
        raise UserError(f"Received {len(names)} classes. Expected at most {MOST_CLASSES}.")
    if head.kind == "binary" and len(names) != 2:
        raise UserError(
            "A binary head has exactly two classes, the second one positive. Name both, for "
            "example no and yes."
        )
    return names


def _insert(connection: sqlite3.Connection, head: Head, names: Sequence[str]) -> None:
    connection.execute(
        "INSERT INTO heads (position, name, title, kind, unit) "
        "VALUES ((SELECT COALESCE(MAX(position), -1) + 1 FROM heads), ?, ?, ?, ?)",
        (head.name, head.title, head.kind, head.unit),
    )
    connection.executemany(
        "INSERT INTO classes (position, name, colour, head, reference) VALUES (?, ?, ?, ?, ?)",
        [
            (index, name, default_colour(index), head.name, index)
            for index, name in enumerate(names)
        ],
    )
