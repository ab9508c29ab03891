"""Exports as processes of their own: converting a model takes the framework."""

import shutil
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ssl_core.datasets.progress import ImportProgress
from ssl_core.errors import UserError
from ssl_core.exports.contents import FORMATS, ModelFormat
from ssl_core.files import read_json, write_json
from ssl_core.jobs import cancel_job, is_running, new_job_name, progress_of, start_process
from ssl_core.runs.folder import open_run
from ssl_core.runs.saved_model import network_input
from ssl_core.workspace import Workspace, checked_identifier

WHAT, REQUEST = "export", "request.json"
COMMAND = "ssl_core.training.export"
_OLD = 24 * 3600.0  # seconds after which an archive is removed; it can be made again


class ExportRequest(BaseModel):
    """`request.json` of an export."""

    model_config = ConfigDict(frozen=True)
    run: str
    form: ModelFormat
    created: str  # ISO 8601, UTC


def start_export(workspace: Workspace, run: str, form: ModelFormat) -> str:
    """Start making the archive of a finished run; the identifier of the job. Raises UserError."""
    if form not in FORMATS:
        raise UserError(f"There is no format {form!r}. Expected one of: {', '.join(FORMATS)}.")
    network_input(open_run(workspace, run))
    _remove_old(workspace)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    job = new_job_name()
    folder = workspace.exports / job
    try:
        folder.mkdir()
        request = ExportRequest(run=run, form=form, created=created)
        write_json(folder / REQUEST, request.model_dump(mode="json"))
        start_process(folder, COMMAND)
    except OSError as error:
        raise UserError(
            f"The export could not be started: {error.strerror or error}. Make room on the disk, "
            "or make the workspace writable."
        ) from error
    return job


def export_folder(workspace: Workspace, job: str) -> Path:
    """The folder of an export. Raises UserError where there is none."""
    folder = workspace.exports / checked_identifier(job)
    if not (folder / REQUEST).is_file():
        raise UserError(f"There is no export {job!r}; it is removed after a day. Make it again.")
    return folder


def export_progress(workspace: Workspace, job: str) -> ImportProgress:
    """What is true of the job now."""
    return progress_of(export_folder(workspace, job), WHAT)


def latest_export(workspace: Workspace, run: str, form: ModelFormat) -> str | None:
    """The newest export of a run in a format; None where there is none."""
    for path in sorted(workspace.exports.glob(f"*/{REQUEST}"), reverse=True):
        with suppress(OSError, ValueError):
            request = ExportRequest.model_validate(read_json(path))
            if (request.run, request.form) == (run, form):
                return path.parent.name
    return None


def cancel_export(workspace: Workspace, job: str) -> None:
    """Ask the job to stop; one that does not within 10 s is ended by force."""
    cancel_job(export_folder(workspace, job))


def delete_export(workspace: Workspace, job: str) -> None:
    """Remove an export that has ended."""
    shutil.rmtree(export_folder(workspace, job), ignore_errors=True)


def _remove_old(workspace: Workspace) -> None:
    for path in workspace.exports.glob("*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _OLD and not is_running(path):
                shutil.rmtree(path, ignore_errors=True)
