"""Imports as processes of their own: `python -m ssl_core.datasets.jobs JOB_FOLDER`.

A page starts one and reads its `progress.json`; closing the browser does not stop it.
"""

import secrets
import shutil
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psutil
from pydantic import ValidationError

from ssl_core.datasets.importer import CancelledError, ImportProgress, ImportSource, run_import
from ssl_core.datasets.progress import FINAL_STATES
from ssl_core.datasets.writer import plain_disk_errors, remove_stale
from ssl_core.errors import UserError
from ssl_core.files import read_json, write_json
from ssl_core.runs.status import ProcessIdentity
from ssl_core.runs.supervision import identity_of, is_alive
from ssl_core.workspace import PROJECT_ROOT, Workspace, checked_identifier

_JOB, _PROGRESS, _PROCESS, _CANCEL = "job.json", "progress.json", "process.json", "cancel"
_START_SECONDS = 10.0  # between the folder and the record of its process
_PATIENCE_SECONDS = 10.0  # between the wish to cancel and the end by force
_POLL_SECONDS = 0.2


def start_import(workspace: Workspace, source: ImportSource) -> str:
    """Start importing in a process of its own; the job's identifier. Raises UserError."""
    job = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    folder = workspace.imports / job
    with plain_disk_errors(workspace):
        folder.mkdir()
        write_json(folder / _JOB, source.model_dump(mode="json"))
        with (folder / "log.txt").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "ssl_core.datasets.jobs", str(folder)],
                cwd=PROJECT_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _record_process(folder, process.pid)
    # Collects the process when it ends; without it, it would stay listed as a zombie.
    threading.Thread(target=process.wait, daemon=True).start()
    return job


def import_progress(workspace: Workspace, job: str) -> ImportProgress:
    """What is true of the job now: a process that is gone without an end has failed."""
    folder = _folder(workspace, job)
    progress = _written(folder)
    if progress.state in FINAL_STATES or _is_running(folder):
        return progress
    progress = _written(folder)  # it may have ended between the two looks
    if progress.state in FINAL_STATES:
        return progress
    remove_stale(workspace)
    if (folder / _CANCEL).exists():
        return progress.model_copy(update={"state": "cancelled"})
    message = (
        "The import stopped unexpectedly; nothing of it was kept. Start it again. The job's "
        "log.txt says more."
    )
    return progress.model_copy(update={"state": "failed", "message": message})


def cancel_import(workspace: Workspace, job: str) -> None:
    """Ask the job to stop; one that does not within 10 s is ended by force."""
    folder = _folder(workspace, job)
    wish = folder / _CANCEL
    if not wish.exists():
        wish.touch()
        threading.Thread(target=_end_after_patience, args=(folder,), daemon=True).start()


def list_imports(workspace: Workspace) -> list[tuple[str, ImportProgress]]:
    """All jobs that were not dismissed, the newest first."""
    jobs = sorted((path.parent.name for path in workspace.imports.glob(f"*/{_JOB}")), reverse=True)
    return [(job, import_progress(workspace, job)) for job in jobs]


def dismiss_import(workspace: Workspace, job: str) -> None:
    """Forget a job that has ended. Raises UserError while it runs."""
    if import_progress(workspace, job).state not in FINAL_STATES:
        raise UserError("This import still runs. Cancel it first.")
    shutil.rmtree(_folder(workspace, job), ignore_errors=True)


def job_source(workspace: Workspace, job: str) -> ImportSource:
    """What a job imports. Raises UserError."""
    try:
        return ImportSource.model_validate(read_json(_folder(workspace, job) / _JOB))
    except ValueError as error:
        raise UserError(f"The record of import {job!r} is damaged. Dismiss it.") from error


def main(folder: Path) -> None:
    """Do the import that `folder` describes and write how it ended."""
    workspace = Workspace(folder.parent.parent)
    source = ImportSource.model_validate(read_json(folder / _JOB))
    latest = ImportProgress(state="running", phase="starting")

    def tell(progress: ImportProgress) -> None:
        nonlocal latest
        latest = progress
        write_json(folder / _PROGRESS, progress.model_dump(mode="json"))

    try:
        tell(latest)
        run_import(workspace, source, tell, _wish_to_cancel(folder))
    except CancelledError:
        tell(latest.model_copy(update={"state": "cancelled"}))
    except UserError as error:
        tell(latest.model_copy(update={"state": "failed", "message": str(error)}))
    except Exception as error:
        traceback.print_exc()
        message = (
            f"The import ended with an error that was not foreseen ({type(error).__name__}); "
            "nothing of it was kept. The job's log.txt has the details."
        )
        tell(latest.model_copy(update={"state": "failed", "message": message}))
    finally:
        _remove_upload(workspace, source)


def _wish_to_cancel(folder: Path) -> Callable[[], bool]:
    """Whether somebody cancelled; looks at the disk a few times a second."""
    looked, wish = 0.0, False

    def cancelled() -> bool:
        nonlocal looked, wish
        if time.monotonic() - looked > _POLL_SECONDS:
            looked, wish = time.monotonic(), (folder / _CANCEL).exists()
        return wish

    return cancelled


def _remove_upload(workspace: Workspace, source: ImportSource) -> None:
    """Uploaded files lie below imports/ and are not needed once the import has ended."""
    path = Path(source.location)
    if not path.is_absolute() or not path.is_relative_to(workspace.imports):
        return
    parts = path.relative_to(workspace.imports).parts
    if parts and not (workspace.imports / parts[0] / _JOB).exists():
        shutil.rmtree(workspace.imports / parts[0], ignore_errors=True)
    elif len(parts) > 1:
        path.unlink(missing_ok=True)


def _folder(workspace: Workspace, job: str) -> Path:
    folder = workspace.imports / checked_identifier(job)
    if not (folder / _JOB).exists():
        raise UserError(f"There is no import {job!r}. It may have been dismissed.")
    return folder


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
    except (OSError, ValueError, ValidationError):
        return None


def _is_running(folder: Path) -> bool:
    identity = _process(folder)
    if identity is not None:
        return is_alive(identity)
    try:
        return time.time() - folder.stat().st_mtime < _START_SECONDS
    except OSError:
        return False


def _end_after_patience(folder: Path) -> None:
    """Kill the job's process where it does not end by itself. Its children die with it."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        if not _is_running(folder):
            return
        time.sleep(_POLL_SECONDS)
    identity = _process(folder)
    if identity is not None and is_alive(identity):
        psutil.Process(identity.pid).kill()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
