"""Imports as processes of their own: `python -m ssl_core.datasets.jobs JOB_FOLDER`.

A page starts one and reads its `progress.json`; closing the browser does not stop it.
"""

import shutil
import sys
from pathlib import Path

from ssl_core.datasets.importer import ImportProgress, ImportSource, run_import
from ssl_core.datasets.progress import FINAL_STATES
from ssl_core.datasets.writer import plain_disk_errors, remove_stale
from ssl_core.errors import UserError
from ssl_core.files import read_json, write_json
from ssl_core.jobs import (
    Cancelled,
    Tell,
    cancel_job,
    is_running,
    new_job_name,
    perform,
    progress_of,
    start_process,
)
from ssl_core.workspace import Workspace, checked_identifier

_JOB, _WHAT = "job.json", "import"


def start_import(workspace: Workspace, source: ImportSource) -> str:
    """Start importing in a process of its own; the job's identifier. Raises UserError."""
    job = new_job_name()
    folder = workspace.imports / job
    with plain_disk_errors(workspace):
        folder.mkdir()
        write_json(folder / _JOB, source.model_dump(mode="json"))
        start_process(folder, "ssl_core.datasets.jobs")
    return job


def import_progress(workspace: Workspace, job: str) -> ImportProgress:
    """What is true of the job now: a process that is gone without an end has failed."""
    folder = _folder(workspace, job)
    progress = progress_of(folder, _WHAT)
    if progress.state in ("failed", "cancelled") and not is_running(folder):
        remove_stale(workspace)
    return progress


def cancel_import(workspace: Workspace, job: str) -> None:
    """Ask the job to stop; one that does not within 10 s is ended by force."""
    cancel_job(_folder(workspace, job))


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

    def work(tell: Tell, cancelled: Cancelled) -> None:
        try:
            run_import(workspace, source, tell, cancelled)
        finally:
            remove_upload(workspace, source.location)

    perform(folder, _WHAT, work)


def remove_upload(workspace: Workspace, location: str) -> None:
    """Uploaded files lie below imports/ and are not needed once what they were for has ended."""
    path = Path(location)
    if not path.is_absolute():
        return
    path = path.resolve()  # `imports/../../mine.png` lies elsewhere
    if not path.is_relative_to(workspace.imports):
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


if __name__ == "__main__":
    main(Path(sys.argv[1]))
