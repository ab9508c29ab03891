"""The label file of one dataset, open: one connection that reads, one thread that writes."""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from ssl_core.datasets.dataset import Dataset
from ssl_core.heads import Head
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
)
from ssl_core.labels.writer import BatchWriter

Found = TypeVar("Found")


class LabelFile:
    """Reading and writing the labels of one dataset, from many threads and processes."""

    def __init__(self, dataset: Dataset) -> None:
        self._path = dataset.folder / DATABASE
        self._name = dataset.manifest.name
        self._fingerprint = dataset.manifest.fingerprint
        self._reading = threading.Lock()
        self._closed = False
        self._writer = BatchWriter(dataset.folder, self._name)
        try:
            self._connection = self._open(dataset.manifest.all_heads)
            self.identity = self.read(lambda read: read_setting(read, STORE_SETTING)) or ""
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

    def read(self, work: Callable[[sqlite3.Connection], Found]) -> Found:
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

    def write(self, work: Callable[[sqlite3.Connection], Found]) -> Found:
        """What `work` returns, once what it wrote is on disk; all of it or nothing."""
        return self._writer.run(work)
