"""One thread that writes, many that wait for it: a group commit.

Requests that arrive while a commit is being made durable are written together by the next one,
so fifty people cost about as many fsyncs as one. Between processes a lock file is held for each
batch, because the command line may write while the dashboard serves.
"""

import contextlib
import os
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout

from ssl_core.errors import UserError
from ssl_core.labels.database import (
    BUSY_SECONDS,
    DATABASE,
    LOCK,
    connect,
    fatal_reason,
    is_request_fault,
    locked_sentence,
)

Answer = TypeVar("Answer")
Work = Callable[[sqlite3.Connection], Answer]
_LARGEST_BATCH = 500  # requests in one commit
_LOOK_AFTER = 1.0  # seconds between looks whether the writing thread is still there


class BatchWriter:
    """The only connection of this process that writes to the labels in `folder`."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / DATABASE
        self._lock = FileLock(
            folder / LOCK,
            timeout=3 * BUSY_SECONDS,
            poll_interval=0.002,
            preserve_lock_file=True,
        )
        self._name = name
        self._requests: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None]
        self._requests = queue.SimpleQueue()
        self._connection: sqlite3.Connection | None = None
        self._inode = -1
        self._stopped: str | None = None
        self._thread = threading.Thread(target=self._serve, name=f"labels of {name}", daemon=True)
        self._thread.start()

    @property
    def stopped(self) -> str | None:
        """Why nothing is written any more, one sentence; None while all is well."""
        return self._stopped

    def run(self, work: Work[Answer]) -> Answer:
        """What `work` returns, once what it wrote is on disk.

        `work` gets a connection inside a transaction, in the writing thread. What it raises is
        raised here, and then nothing of it is kept. Raises UserError where the write is impossible.
        """
        future: Future[Answer] = Future()
        self._requests.put((work, future))
        while True:
            try:
                return future.result(_LOOK_AFTER)
            except TimeoutError:
                if future.done():
                    raise
                if not self._thread.is_alive():
                    raise UserError(
                        self._stopped or f"The labels of {self._name!r} were closed."
                    ) from None

    def close(self) -> None:
        """Write what is waiting, then end the thread."""
        self._stopped = self._stopped or f"The labels of {self._name!r} were closed."
        self._requests.put(None)
        self._thread.join()

    def _serve(self) -> None:
        while True:
            batch = self._next_batch()
            if batch:
                self._write(batch)
            else:
                break
        if self._connection is not None:
            self._connection.close()

    def _next_batch(self) -> list[tuple[Work[Any], Future[Any]]]:
        """Wait for a request, take what else has arrived. Empty when told to end."""
        batch = []
        request = self._requests.get()
        with contextlib.suppress(queue.Empty):
            while request is not None:
                batch.append(request)
                if len(batch) == _LARGEST_BATCH:
                    break
                request = self._requests.get_nowait()
        if request is None and batch:
            self._requests.put(None)
        return batch

    def _write(self, batch: list[tuple[Work[Any], Future[Any]]]) -> None:
        """Carry out `batch` in one durable transaction, then answer each request."""
        try:
            if self._stopped is not None:
                raise UserError(self._stopped)
            with self._lock:
                answers = self._commit([work for work, _ in batch])
        except Exception as error:
            failure = self._failure(error)
            for _, future in batch:
                future.set_exception(failure)
            return
        for (_, future), (answer, fault) in zip(batch, answers, strict=True):
            if fault is None:
                future.set_result(answer)
            else:
                future.set_exception(fault)

    def _commit(self, works: list[Work[Any]]) -> list[tuple[Any, Exception | None]]:
        """(answer, fault) of each work. Raises where none of them is on disk for certain."""
        connection = self._opened()
        self._check_same_file()
        connection.execute("BEGIN IMMEDIATE")
        answers: list[tuple[Any, Exception | None]] = []
        for work in works:
            connection.execute("SAVEPOINT request")
            try:
                answers.append((work(connection), None))
            except Exception as error:
                if not is_request_fault(error):
                    raise
                connection.execute("ROLLBACK TO request")
                answers.append((None, error))
            connection.execute("RELEASE request")
        connection.execute("COMMIT")
        self._check_same_file()
        return answers

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._path, create=True)
            self._inode = os.stat(self._path).st_ino
        return self._connection

    def _check_same_file(self) -> None:
        """Raise UserError where the dataset was deleted: an open file outlives its name."""
        with contextlib.suppress(FileNotFoundError):
            if os.stat(self._path).st_ino == self._inode:
                return
        self._stopped = f"The dataset {self._name!r} was deleted or replaced. Open it again."
        raise UserError(self._stopped)

    def _failure(self, error: Exception) -> UserError:
        """Leave the transaction, decide whether writing may go on, and say what happened."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.rollback()
        if isinstance(error, UserError):
            return error
        if isinstance(error, Timeout):
            return UserError(locked_sentence(self._name))
        if isinstance(error, FileNotFoundError) and not self._path.parent.is_dir():
            self._stopped = f"The dataset {self._name!r} was deleted. Choose another one."
            return UserError(self._stopped)
        reason = fatal_reason(error)
        if reason is None and isinstance(error, sqlite3.OperationalError):
            return UserError(locked_sentence(self._name))
        reason = reason or f"an error in the program ({type(error).__name__}: {error})"
        self._stopped = (
            f"Labels of {self._name!r} can no longer be saved: {reason}. All that was shown as "
            "saved is safe. Put this right, then start Handful again."
        )
        return UserError(self._stopped)
