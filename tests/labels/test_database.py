"""The label file: its versions, its indexes, and what happens when it or the disk is damaged."""

import os
import sqlite3

import pytest
from label_events import answers, as_version_3, label, skip

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.labels import answers as label_answers
from ssl_core.labels import event_log
from ssl_core.labels.database import DATABASE, SCHEMA_VERSION, version_of
from ssl_core.labels.store import LabelStore


def test_a_damaged_file_is_told_and_left_alone(dataset: Dataset) -> None:
    content = os.urandom(8192)
    (dataset.folder / DATABASE).write_bytes(content)
    with pytest.raises(UserError, match=r"labels\.sqlite is damaged"):
        LabelStore(dataset)
    assert (dataset.folder / DATABASE).read_bytes() == content


def test_a_file_damaged_inside_is_told(dataset: Dataset) -> None:
    store = LabelStore(dataset)
    store.append([label(item, 1) for item in range(48)])
    store.close()
    path = dataset.folder / DATABASE
    content = bytearray(path.read_bytes())
    content[4096 * 2 : 4096 * 6] = os.urandom(4096 * 4)
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"labels\.sqlite is damaged"):
        LabelStore(dataset)


def test_a_file_of_a_newer_version_is_refused(dataset: Dataset) -> None:
    LabelStore(dataset).close()
    with sqlite3.connect(dataset.folder / DATABASE) as connection:
        connection.execute("PRAGMA user_version = 7")
    connection.close()
    with pytest.raises(UserError, match="newer version"):
        LabelStore(dataset)


def as_version_1(dataset: Dataset) -> None:
    """Take away what later versions added."""
    with sqlite3.connect(dataset.folder / DATABASE) as connection:
        as_version_3(connection)
        connection.execute("DROP TABLE heads")
        connection.execute("ALTER TABLE classes DROP COLUMN head")
        for name in ("events_by_hand", "events_timed"):
            connection.execute(f"DROP INDEX {name}")
        connection.execute("PRAGMA user_version = 1")
    connection.close()


def test_a_file_of_an_older_version_is_brought_up_to_date(dataset: Dataset) -> None:
    old = LabelStore(dataset)
    old.append([label(5, 2, seconds=1.0), skip(6)])
    old.close()
    as_version_1(dataset)
    store = LabelStore(dataset)
    assert store.read(version_of) == SCHEMA_VERSION
    assert store.identity == old.identity
    assert answers(store) == {5: 2}
    assert [action.item for action in store.history("me")] == [6, 5]
    assert store.append([label(7, 1)])
    store.close()


def test_what_was_done_by_hand_is_found_without_reading_adopted_labels(
    dataset: Dataset,
) -> None:
    def plan(store: LabelStore, query: str, *values: object) -> str:
        explain = f"EXPLAIN QUERY PLAN {query}"
        rows = store.read(lambda read: read.execute(explain, values).fetchall())
        return " ".join(str(row[3]) for row in rows)

    LabelStore(dataset).close()
    as_version_1(dataset)
    store = LabelStore(dataset)
    assert "INDEX events_by_person (person=?)" in plan(store, event_log._PAST_ACTIONS, "me", 30)
    assert "INDEX events_timed" in plan(store, label_answers._SECONDS, 500)
    assert "INDEX current_by_age" in plan(store, label_answers._LAST_LABEL, "class")
    store.close()


def test_an_empty_file_is_a_new_store(dataset: Dataset) -> None:
    (dataset.folder / DATABASE).touch()
    store = LabelStore(dataset)
    assert store.append([label(1, 1)])
    store.close()


def test_the_journal_is_flushed_and_not_write_ahead(store: LabelStore, dataset: Dataset) -> None:
    store.append([label(1, 1)])
    with sqlite3.connect(dataset.folder / DATABASE) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)  # not persistent
    connection.close()
    assert not list(dataset.folder.glob("*-wal"))
    assert (dataset.folder / f"{DATABASE}-journal").stat().st_size == 0


def test_a_locked_file_is_told_and_writing_goes_on_afterwards(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ssl_core.labels.database.BUSY_SECONDS", 0.1)
    store = LabelStore(dataset)
    other = sqlite3.connect(dataset.folder / DATABASE, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    event = label(1, 1)
    with pytest.raises(UserError, match="locked by another program"):
        store.append([event])
    with pytest.raises(UserError, match="locked by another program"):
        store.current()
    other.execute("COMMIT")
    other.close()
    assert store.stopped is None
    assert store.append([event]) == [event.event]
    store.close()


def test_a_full_disk_ends_writing_and_acknowledges_nothing(dataset: Dataset) -> None:
    store = LabelStore(dataset)
    kept = label(1, 1)
    store.append([kept])

    def limit(connection: sqlite3.Connection) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    store._writer.run(limit)

    def fill() -> None:
        for item in range(2, 60):
            store.append([label(item, 1, person=str(item) * 40)])

    with pytest.raises(UserError, match="disk is full"):
        fill()
    on_disk = answers(store)
    assert 1 in on_disk
    assert len(on_disk) < 58
    with pytest.raises(UserError, match="start Handful again"):
        store.append([label(59, 1)])
    assert answers(store) == on_disk
    assert store.stopped is not None
    store.close()
    again = LabelStore(dataset)
    assert answers(again) == on_disk
    assert again.append([label(59, 1)])
    again.close()
