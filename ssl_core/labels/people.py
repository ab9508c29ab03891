"""The names that people gave themselves; a browser is known by a random text otherwise."""

import sqlite3
import unicodedata
from collections.abc import Callable

NAME_LENGTH = 40  # characters
_LETTERS = 4  # of a random text, to tell apart those who gave no name


def plain_name(person: str) -> str:
    """What to call a person who gave no name; what is no browser ("csv") is called as it is."""
    letters = [letter for letter in person if letter.isalnum()]
    return f"somebody-{''.join(letters[-_LETTERS:])}" if len(person) >= 32 else person


def read_names(connection: sqlite3.Connection) -> dict[str, str]:
    """Person -> the name they gave."""
    return dict(connection.execute("SELECT person, name FROM people"))


def set_name(person: str, name: str) -> Callable[[sqlite3.Connection], None]:
    """A write that calls `person` by `name`, trimmed to 40 characters; "" takes the name away."""
    kept = "".join(one for one in name if not unicodedata.category(one).startswith("C"))
    plain = " ".join(kept.split())[:NAME_LENGTH].strip()

    def work(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM people WHERE person = ?", (person,))
        if plain:
            connection.execute("INSERT INTO people VALUES (?, ?)", (person, plain))

    return work
