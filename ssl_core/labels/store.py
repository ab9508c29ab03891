"""The labels of one dataset: everything that people answered, and the heads."""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.errors import UserError
from ssl_core.heads import Head
from ssl_core.labels import answers, class_table, head_table
from ssl_core.labels.class_table import ClassTable, read_classes
from ssl_core.labels.classes import LabelClass
from ssl_core.labels.database import (
    DATABASE,
    SCHEMA_VERSION,
    STORE_SETTING,
    bring_up_to_date,
    check_file,
    connect,
    read_setting,
    reading_error,
    version_of,
    write_setting,
)
from ssl_core.labels.event_log import last_sequence, write_events
from ssl_core.labels.events import (
    Answer,
    CurrentLabels,
    LabelEvent,
    PastAction,
    Receipt,
    RecentLabel,
)
from ssl_core.labels.head_table import find_head, read_heads
from ssl_core.labels.writer import BatchWriter

Found = TypeVar("Found")
DEFAULT_GOAL = 100
_GOAL_SETTING = "goal"


class LabelStore:
    """Labels, heads, classes and goal of one dataset. Safe to use from many threads and processes.

    Where a method takes a head, that is its name, and None stands for the main one. Every method
    may raise UserError (damaged file, disk full, locked by another program).
    """

    def __init__(self, dataset: Dataset) -> None:
        self._path = dataset.folder / DATABASE
        self._name = dataset.manifest.name
        self._fingerprint = dataset.manifest.fingerprint
        self._count = dataset.manifest.count
        self._noun = dataset.manifest.noun_plural
        self._pool = int(np.count_nonzero(dataset.splits != TEST))
        self._reading = threading.Lock()
        self._closed = False
        self._cached: dict[str | None, tuple[int, CurrentLabels]] = {}
        self._writer = BatchWriter(dataset.folder, self._name)
        try:
            self._connection = self._open(dataset.manifest.all_heads)
            self.identity = self._read(lambda read: read_setting(read, STORE_SETTING)) or ""
            self._inode = self._path.stat().st_ino
        except BaseException:
            self._writer.close()
            raise

    def _open(self, heads: Sequence[Head]) -> sqlite3.Connection:
        """The connection that reads. Makes the file where there is none, or what it lacks."""

        def prepare(connection: sqlite3.Connection) -> None:
            bring_up_to_date(connection, heads)

        try:
            if not self._path.exists():
                self._writer.run(prepare)
            connection = connect(self._path)
            check_file(connection, self._name)
            if version_of(connection) < SCHEMA_VERSION:
                self._writer.run(prepare)
        except sqlite3.Error as error:
            raise reading_error(error, self._name) from error
        return connection

    def close(self) -> None:
        """End the writing thread and close the file: for tests, and before a deletion."""
        self._closed = True
        self._writer.close()
        with self._reading:
            self._connection.close()

    def is_for(self, dataset: Dataset) -> bool:
        """False once closed, or the file was replaced, or the dataset imported again."""
        if self._closed:
            return False
        with contextlib.suppress(OSError):
            same_file = self._path.stat().st_ino == self._inode
            return same_file and self._fingerprint == dataset.manifest.fingerprint
        return False

    @property
    def stopped(self) -> str | None:
        """Why nothing can be saved any more, one sentence; None while all is well."""
        return self._writer.stopped

    # Answers

    def submit(self, events: Sequence[LabelEvent]) -> Receipt:
        """Store `events`; on disk when this returns. Says of each whether it was taken."""
        taken = list(events)
        return self._writer.run(lambda connection: write_events(connection, taken, self._count))

    def append(self, events: Sequence[LabelEvent]) -> list[str]:
        """Store `events`; returns the ids that are on disk. Known ids are not stored twice."""
        return self.submit(events).acknowledged

    def current(self, head: str | None = None) -> CurrentLabels:
        """The answers that count now. Do not write to the arrays: they are shared."""

        def work(connection: sqlite3.Connection) -> CurrentLabels:
            version = answers.data_version(connection)
            known = self._cached.get(head)
            if known is None or known[0] != version:
                asked = find_head(read_heads(connection), head)
                known = (version, answers.read_current(connection, asked))
                self._cached[head] = known
            return known[1]

        return self._read(work)

    def answers_of(self, items: Sequence[int]) -> dict[int, dict[str, Answer]]:
        """Item -> head -> the answer that counts now, for those of `items` that have any."""
        return self._read(lambda connection: answers.read_answers(connection, items))

    def counts(self, head: str | None = None) -> dict[int, int]:
        """Labelled items of every live class, by class identifier; 0 where there are none."""
        values, totals = np.unique(self.current(head).values, return_counts=True)
        found = dict(zip(values.tolist(), totals.tolist(), strict=True))
        return {one.identifier: found.get(one.identifier, 0) for one in self.classes(head)}

    def total(self, head: str | None = None) -> int:
        """How many items are labelled."""
        return len(self.current(head).items)

    def recent(self, limit: int = 20, head: str | None = None) -> list[RecentLabel]:
        """The answers that count now and were given last, newest first."""
        return self._of_head(head, lambda read, asked: answers.read_recent(read, asked, limit))

    def recent_items(self, limit: int = 20) -> list[int]:
        """The items that were answered last, whichever head, newest first."""
        return self._read(lambda connection: answers.read_recent_items(connection, limit))

    def origin_counts(self, head: str | None = None) -> dict[str, int]:
        """How many of the answers that count now came each way, the most frequent first."""
        return self._of_head(head, lambda read, asked: answers.read_origin_counts(read, asked.name))

    def history(self, person: str, limit: int = 30) -> list[PastAction]:
        """What `person` did by hand and may still undo, newest first."""
        return self._read(lambda connection: answers.read_history(connection, person, limit))

    def median_seconds(self) -> float | None:
        """Median time of the latest hand labels, seconds; None where none was timed."""
        return self._read(answers.read_median_seconds)

    def last_event(self) -> int:
        """Sequence number of the newest event; 0 where there is none."""
        return self._read(last_sequence)

    def last_label(self) -> int:
        """Sequence number of the newest label that counts now; 0 where there is none."""
        return self._of_head(None, lambda read, asked: answers.read_last_label(read, asked.name))

    def skips(self) -> list[int]:
        """Items that were skipped and have no label, the longest ago first."""

        def work(connection: sqlite3.Connection) -> list[int]:
            main = read_heads(connection)[0].name
            return [item for item, head in answers.read_skips(connection) if head == main]

        return self._read(work)

    def skips_of_heads(self) -> list[tuple[int, str]]:
        """(item, head) that were skipped and have no label, the longest ago first."""
        return self._read(answers.read_skips)

    def skipped_items(self) -> set[int]:
        """Items that were skipped and have no label."""
        return set(self.skips())

    # Heads, classes and goal

    def heads(self) -> list[Head]:
        """What is asked of every item, the main head first, with the names of the live classes."""
        return self._read(read_heads)

    def head(self, name: str | None = None) -> Head:
        """One head. Raises UserError where there is none of this name."""
        return self._of_head(name, lambda read, asked: asked)

    def add_head(self, head: Head) -> None:
        """Ask one more question of every item, after the others."""
        self._writer.run(head_table.add(head))

    def classes(self, head: str | None = None) -> list[LabelClass]:
        """The classes to answer with, in the order shown."""
        return self.class_table(head).live

    def class_table(self, head: str | None = None) -> ClassTable:
        """All classes of a head, merged ones too."""
        return self._of_head(head, lambda read, asked: read_classes(read, asked.name))

    def add_class(
        self, name: str, colour: str | None = None, head: str | None = None
    ) -> LabelClass:
        """A new class after the last one. `colour`: "#rrggbb", else the next of the palette."""
        return self._writer.run(class_table.add(name, colour, head))

    def rename_class(self, identifier: int, name: str) -> None:
        """Give a class another name. Its labels stay."""
        self._writer.run(class_table.rename(identifier, name))

    def recolour_class(self, identifier: int, colour: str) -> None:
        """Give a class another colour, "#rrggbb"."""
        self._writer.run(class_table.recolour(identifier, colour))

    def merge_classes(self, source: int, target: int) -> None:
        """Count every answer `source` as `target` from now on; `source` is no longer offered."""
        self._writer.run(class_table.merge(source, target))

    def goal(self) -> int:
        """How many items the person wants to label."""
        known = self._read(lambda connection: read_setting(connection, _GOAL_SETTING))
        return int(known) if known else max(1, min(DEFAULT_GOAL, self._pool))

    def set_goal(self, goal: int) -> None:
        """Set how many items to label. Raises UserError below 1 or above their number."""
        if not 1 <= goal <= self._count:
            raise UserError(
                f"The goal {goal} cannot be reached. Expected 1 to {self._count:,}, "
                f"the number of {self._noun}."
            )
        self._writer.run(lambda connection: write_setting(connection, _GOAL_SETTING, str(goal)))

    def _of_head(
        self, head: str | None, work: Callable[[sqlite3.Connection, Head], Found]
    ) -> Found:
        """What `work` returns for the head of this name. Raises UserError where there is none."""
        return self._read(lambda read: work(read, find_head(read_heads(read), head)))

    def _read(self, work: Callable[[sqlite3.Connection], Found]) -> Found:
        """What `work` returns; all its queries see one state of the file."""
        try:
            with self._reading:
                self._connection.execute("BEGIN")
                try:
                    return work(self._connection)
                finally:
                    self._connection.rollback()
        except sqlite3.Error as error:
            raise reading_error(error, self._name) from error


_stores: dict[Path, LabelStore] = {}
_opening = threading.Lock()


def open_labels(dataset: Dataset) -> LabelStore:
    """The labels of `dataset`, one object a process. Raises UserError where they are damaged."""
    folder = dataset.folder.resolve()
    with _opening:
        known = _stores.get(folder)
        if known is not None and not known.is_for(dataset):
            _stores.pop(folder).close()
            known = None
        if known is None:
            known = _stores[folder] = LabelStore(dataset)
        return known


def forget_labels(folder: Path) -> None:
    """Close the labels of the dataset in `folder` where this process has them open."""
    with _opening:
        known = _stores.pop(folder.resolve(), None)
        if known is not None:
            known.close()
