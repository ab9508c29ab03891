"""Work in a process of its own, described by a folder that pages and the command line read.

The folder holds what was asked for, `progress.json`, `process.json` (who works on it), `cancel`
(the wish to end) and `log.txt`. Closing the browser does not stop the work.
"""

import secrets
import shutil
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import psutil
from pydantic import BaseModel

from ssl_core.datasets.decoder import CancelledError
from ssl_core.datasets.progress import FINAL_STATES, ImportProgress
from ssl_core.errors import UserError
from ssl_core.files import read_json, write_json
from ssl_core.runs.status import ProcessIdentity
from ssl_core.runs.supervision import identity_of, is_alive
from ssl_core.workspace import PROJECT_ROOT

Tell = Callable[[ImportProgress], None]
Cancelled = Callable[[], bool]
Request = TypeVar("Request", bound=BaseModel)

REQUEST = "request.json"  # what most jobs keep what was asked for in
_PROGRESS, _PROCESS, _CANCEL = "progress.json", "process.json", "cancel"
_START_SECONDS = 10.0  # between the folder and the record of its process
_PATIENCE_SECONDS = 10.0  # between the wish to cancel and the end by force
_POLL_SECONDS = 0.2
_OLD_SECONDS = 24 * 3600.0


def new_job_name() -> str:
    """A folder name that sorts by time."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def begin_job(room: Path, request: BaseModel, module: str, what: str) -> str:
    """Write what is asked for to a new folder in `room` and start its process; the identifier.

    what: the work as a word in a sentence. Raises UserError.
    """
    job = new_job_name()
    folder = room / job
    try:
        folder.mkdir()
        write_json(folder / REQUEST, request.model_dump(mode="json"))
        start_process(folder, module)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise UserError(
            f"The {what} could not be started: {error.strerror or error}. Make room on the disk, "
            "or make the workspace writable."
        ) from error
    return job


def request_of(folder: Path, form: type[Request], what: str) -> Request:
    """What a job was asked for, as `begin_job` wrote it. Raises UserError where it is damaged."""
    try:
        return form.model_validate(read_json(folder / REQUEST))
    except (OSError, ValueError) as error:
        raise UserError(
            f"The record of the {what} {folder.name} is damaged. Delete it, and start it again."
        ) from error


def start_process(folder: Path, module: str) -> None:
    """Start `python -m MODULE FOLDER` in a session of its own. Raises OSError."""
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, str(folder)],
            cwd=PROJECT_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _record_process(folder, process.pid)
    # Collects the process when it ends; without it, it would stay listed as a zombie.
    threading.Thread(target=process.wait, daemon=True).start()


def progress_of(folder: Path, what: str) -> ImportProgress:
    """What is true of the job now: a process that is gone without an end has failed.

    what: the work as a word in a sentence, for example "import".
    """
    progress = _written(folder)
    if progress.state in FINAL_STATES or is_running(folder):
        return progress
    progress = _written(folder)  # it may have ended between the two looks
    if progress.state in FINAL_STATES:
        return progress
    if (folder / _CANCEL).exists():
        return progress.model_copy(update={"state": "cancelled"})
    message = (
        f"The {what} stopped unexpectedly; nothing of it was kept. Start it again. The job's "
        "log.txt says more."
    )
    return progress.model_copy(update={"state": "failed", "message": message})


def cancel_job(folder: Path) -> None:
    """Ask the job to stop; one that does not within 10 s is ended by force."""
    wish = folder / _CANCEL
    if not wish.exists():
        wish.touch()
        threading.Thread(target=_end_after_patience, args=(folder,), daemon=True).start()


def delete_job(folder: Path, what: str) -> None:
    """Remove a job that has ended. Raises UserError while it runs."""
    if progress_of(folder, what).state not in FINAL_STATES:
        raise UserError(f"This {what} still runs. Cancel it first.")
    shutil.rmtree(folder, ignore_errors=True)


def remove_old_jobs(room: Path) -> None:
    """Remove the jobs in `room` whose folder has not changed for a day and that do not run."""
    for folder in room.glob("*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > _OLD_SECONDS and not is_running(folder):
                shutil.rmtree(folder, ignore_errors=True)


def perform(folder: Path, what: str, work: Callable[[Tell, Cancelled], None]) -> None:
    """Do the work of a job, in its process, and write how it ended.

    what: the work as a word in a sentence. `work` tells its progress up to and with "finished".
    """
    latest = ImportProgress(state="running", phase="starting")

    def tell(progress: ImportProgress) -> None:
        nonlocal latest
        latest = progress
        write_json(folder / _PROGRESS, progress.model_dump(mode="json"))

    try:
        tell(latest)
        work(tell, _wish_to_cancel(folder))
    except CancelledError:
        tell(latest.model_copy(update={"state": "cancelled"}))
    except UserError as error:
        tell(latest.model_copy(update={"state": "failed", "message": str(error)}))
    except Exception as error:
        traceback.print_exc()
        message = (
            f"The {what} ended with an error that was not foreseen ({type(error).__name__}); "
            "nothing of it was kept. The job's log.txt has the details."
        )
        tell(latest.model_copy(update={"state": "failed", "message": message}))


def is_running(folder: Path) -> bool:
    """Whether the process of a job is there, or may not have been recorded yet."""
    identity = _process(folder)
    if identity is not None:
        return is_alive(identity)
    try:
        return time.time() - folder.stat().st_mtime < _START_SECONDS
    except OSError:
        return False


def _wish_to_cancel(folder: Path) -> Cancelled:
    """Whether somebody cancelled; looks at the disk a few times a second."""
    looked, wish = 0.0, False

    def cancelled() -> bool:
        nonlocal looked, wish
        if time.monotonic() - looked > _POLL_SECONDS:
            looked, wish = time.monotonic(), (folder / _CANCEL).exists()
        return wish

    return cancelled


def _written(folder: Path) -> ImportProgress:
    try:
        return ImportProgress.model_validate(read_json(folder / _PROGRESS))
    except (OSError, ValueError):
        return ImportProgress(state="waiting", phase="starting")


def _record_process(folder: Path, pid: int) -> None:
    try:
        identity = identity_of(pid, "")
    except psutil.Error:
        return  # it has already ended, and its progress says how
    write_json(folder / _PROCESS, identity.model_dump(mode="json"))


def _process(folder: Path) -> ProcessIdentity | None:
    try:
        return ProcessIdentity.model_validate(read_json(folder / _PROCESS))
    except (OSError, ValueError):
        return None


def _end_after_patience(folder: Path) -> None:
    """Kill the job's process where it does not end by itself. Its children die with it."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        if not is_running(folder):
            return
        time.sleep(_POLL_SECONDS)
    identity = _process(folder)
    if identity is not None and is_alive(identity):
        psutil.Process(identity.pid).kill()
