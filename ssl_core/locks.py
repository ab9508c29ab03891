"""One at a time, over all processes of a workspace."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ssl_core.errors import UserError


@contextmanager
def only_one(path: Path, what: str, patience: float) -> Iterator[None]:
    """Hold the lock file at `path` for the block.

    what: what it stands for, as the beginning of a sentence. patience: seconds to wait for it.
    Raises UserError where another process keeps it for longer.
    """
    lock = FileLock(path)
    try:
        lock.acquire(timeout=patience)
    except Timeout as error:
        raise UserError(
            f"{what} has been in use by another process for {patience:g} s. Try again in a moment."
        ) from error
    try:
        yield
    finally:
        lock.release()
