"""What verbs share that start a job, wait for it, and write a file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ssl_core.commands.command import tell
from ssl_core.errors import UserError
from ssl_core.files import is_special, typed_path

if TYPE_CHECKING:
    from ssl_core.datasets.progress import ImportProgress

_POLL_SECONDS = 0.2
_TELL_SECONDS = 1.0


def file_to_write(typed: str) -> Path:
    """The file that a person wants written. Raises UserError where none can be."""
    path = typed_path(typed)
    if is_special(path) or not path.parent.is_dir():
        raise UserError(f"{path} cannot be written. Expected a file in a folder that is there.")
    return path


@contextmanager
def finished(folder: Path, what: str) -> Iterator[None]:
    """Wait for the job in `folder`; in the block it has finished, behind it the job is removed.

    what: the work as a word in a sentence. Where the wait is cut short, the job is cancelled.
    Raises UserError where it failed.
    """
    from ssl_core.jobs import cancel_job, delete_job

    ended = False
    try:
        progress = _follow(folder, what)
        ended = True
        if progress.state != "finished":
            raise UserError(progress.message or f"The {what} was cancelled.")
        yield
    finally:
        if not ended:
            cancel_job(folder)
            _follow(folder, what)
        delete_job(folder, what)


def _follow(folder: Path, what: str) -> ImportProgress:
    """Wait for the end of a job and tell its progress once a second."""
    from ssl_core.datasets.progress import FINAL_STATES
    from ssl_core.jobs import progress_of

    told, before = time.monotonic(), ""
    while (progress := progress_of(folder, what)).state not in FINAL_STATES:
        total = f": {progress.done:,} of {progress.total:,}" if progress.total else ""
        line = f"{progress.phase}{total}"
        if time.monotonic() - told >= _TELL_SECONDS and line != before:
            told, before = time.monotonic(), line
            tell(line)
        time.sleep(_POLL_SECONDS)
    return progress
