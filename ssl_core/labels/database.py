"""The SQLite file of one dataset's labels: its tables, opening it, and what its errors mean.

Rollback journal (TRUNCATE) with synchronous=FULL: docs/decisions/0002-label-store.md says why.
"""

import sqlite3
import uuid
from collections.abc import Sequence
from pathlib import Path

from ssl_core.errors import UserError
from ssl_core.heads import CLASS_HEAD, Head
from ssl_core.labels.events import PERSON_GIVEN
from ssl_core.labels.head_table import insert_heads

DATABASE = "labels.sqlite"
LOCK = "labels.lock"
SCHEMA_VERSION = 4
BUSY_SECONDS = 10.0
STORE_SETTING = "store"

_TABLES = """
CREATE TABLE events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    person TEXT NOT NULL,
    item INTEGER NOT NULL,
    head TEXT NOT NULL,
    value INTEGER,
    origin TEXT NOT NULL,
    seconds REAL,
    target TEXT,
    created REAL NOT NULL
);
CREATE INDEX events_of_item ON events (item, head, person, sequence);
CREATE TABLE undone (sequence INTEGER PRIMARY KEY);
CREATE TABLE current (
    item INTEGER NOT NULL,
    head TEXT NOT NULL,
    person TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    kind TEXT NOT NULL,
    value INTEGER,
    PRIMARY KEY (item, head, person)
) WITHOUT ROWID;
CREATE INDEX current_by_age ON current (sequence);
CREATE INDEX current_skips ON current (item) WHERE kind = 'skip';
CREATE TABLE classes (
    identifier INTEGER PRIMARY KEY AUTOINCREMENT,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    colour TEXT NOT NULL,
    merged_into INTEGER,
    reference INTEGER
);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
# Step n takes a file of version n to version n + 1. Step 1: most events may be drawn or adopted,
# tens of thousands at once; what a person did by hand is found without reading those. Step 2: the
# classes that were there belong to the one head that there was. The columns `value` keep an answer
# that is no whole number as it is, for their INTEGER is an affinity and no type. Step 3: people
# give many answers with one act, and are sent and lent items; what they may undo is all of that,
# and what is timed are still the answers given one by one.
_STEPS = {
    1: """
CREATE INDEX events_by_hand ON events (person, sequence)
    WHERE origin = 'hand' AND kind != 'undo';
CREATE INDEX events_timed ON events (sequence)
    WHERE origin = 'hand' AND kind = 'label' AND seconds IS NOT NULL
""",
    2: f"""
CREATE TABLE heads (
    position INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    unit TEXT NOT NULL
);
ALTER TABLE classes ADD COLUMN head TEXT NOT NULL DEFAULT '{CLASS_HEAD}'
""",
    3: f"""
ALTER TABLE events ADD COLUMN batch TEXT;
CREATE INDEX events_of_batch ON events (batch, sequence) WHERE batch IS NOT NULL;
DROP INDEX events_by_hand;
CREATE INDEX events_by_person ON events (person, sequence)
    WHERE origin IN {PERSON_GIVEN} AND kind != 'undo';
CREATE TABLE sent (item INTEGER PRIMARY KEY, created REAL NOT NULL, reason TEXT NOT NULL);
CREATE TABLE lent (item INTEGER PRIMARY KEY, person TEXT NOT NULL, until REAL NOT NULL);
CREATE INDEX lent_to_person ON lent (person, until);
CREATE TABLE people (person TEXT PRIMARY KEY, name TEXT NOT NULL)
""",
}
# After one of these the state of the file on disk is not known for certain: no second try.
_FATAL = {
    sqlite3.SQLITE_IOERR: "the disk reported an error",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "the file or its folder may not be written to",
    sqlite3.SQLITE_CANTOPEN: "the file or its folder cannot be opened",
    sqlite3.SQLITE_PERM: "the file or its folder may not be written to",
    sqlite3.SQLITE_CORRUPT: "the file is damaged",
    sqlite3.SQLITE_NOTADB: "the file is damaged",
}
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def connect(path: Path, create: bool = False) -> sqlite3.Connection:
    """A connection to the file at `path` that only begins transactions when told to.

    May be handed from thread to thread; the caller makes sure that one uses it at a time.
    Raises sqlite3.Error.
    """
    mode = "rwc" if create else "rw"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute("PRAGMA journal_mode = TRUNCATE")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def version_of(connection: sqlite3.Connection) -> int:
    """The version of the tables; 0 in a new file."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def check_file(connection: sqlite3.Connection, name: str) -> None:
    """Raise UserError where the file of dataset `name` is newer than this program or damaged."""
    version = version_of(connection)
    if version > SCHEMA_VERSION:
        raise UserError(
            f"The labels of {name!r} were written by a newer version of Handful (format {version}, "
            f"this one knows up to {SCHEMA_VERSION}). Update Handful to open them."
        )
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise UserError(damage_sentence(name))


def bring_up_to_date(connection: sqlite3.Connection, heads: Sequence[Head]) -> None:
    """Make what the file lacks, inside the caller's transaction; all there is stays.

    heads: those that the dataset came with, the main one first.
    """
    found = version_of(connection)
    if found == 0:
        _create_tables(connection)
    for version in range(max(1, found), SCHEMA_VERSION):
        for statement in _STEPS[version].split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {version + 1}")
    insert_heads(connection, heads, keep_classes=found in (1, 2))


def _create_tables(connection: sqlite3.Connection) -> None:
    """The tables of version 1."""
    for statement in _TABLES.split(";"):
        connection.execute(statement)
    write_setting(connection, STORE_SETTING, uuid.uuid4().hex)
    connection.execute("PRAGMA user_version = 1")


def read_setting(connection: sqlite3.Connection, name: str) -> str | None:
    """The value kept under `name`, or None."""
    row = connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def write_setting(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Keep `value` under `name`, inside the caller's transaction."""
    connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))


def primary_code(error: sqlite3.Error) -> int:
    """The primary result code (the low byte of the extended one); 0 where SQLite gave none."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return (code or 0) & 0xFF


def is_request_fault(error: Exception) -> bool:
    """True where the fault lies in what was asked, and others in the same batch may go on."""
    faults = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError)
    return not isinstance(error, (sqlite3.Error, OSError)) or isinstance(error, faults)


def fatal_reason(error: Exception) -> str | None:
    """Why nothing may be written any more, in words for a person; None where a retry is safe."""
    if isinstance(error, sqlite3.Error):
        return _FATAL.get(primary_code(error))
    if isinstance(error, OSError):
        return error.strerror or "the disk reported an error"
    return None


def damage_sentence(name: str) -> str:
    """What to tell the person when the file of dataset `name` cannot be read."""
    return (
        f"The labels of {name!r} cannot be read: the file {DATABASE} is damaged. Put a copy from a "
        "backup in its place, or move it away to start again with no labels."
    )


def reading_error(error: sqlite3.Error, name: str) -> UserError:
    """The error to raise for a failed read of the labels of dataset `name`."""
    code = primary_code(error)
    if code in _DAMAGED:
        return UserError(damage_sentence(name))
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return UserError(locked_sentence(name))
    reason = _FATAL.get(code, str(error))
    return UserError(f"The labels of {name!r} cannot be read: {reason}.")


def locked_sentence(name: str) -> str:
    """What to tell the person when another program holds the file."""
    return (
        f"The labels of {name!r} are locked by another program. Close that program and try again; "
        "nothing that was saved is lost."
    )
