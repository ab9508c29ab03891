"""Exports as processes of their own: converting a model takes the framework."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ssl_core.datasets.progress import ImportProgress
from ssl_core.errors import UserError
from ssl_core.exports.contents import FORMATS, ModelFormat, archive_name, archive_path
from ssl_core.jobs import (
    REQUEST,
    begin_job,
    cancel_job,
    delete_job,
    progress_of,
    remove_old_jobs,
    request_of,
)
from ssl_core.runs.folder import open_run
from ssl_core.runs.saved_model import network_input
from ssl_core.workspace import Workspace, checked_identifier

WHAT = "export"
COMMAND = "ssl_core.training.export"


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
    remove_old_jobs(workspace.exports)  # an archive can be made again
    created = datetime.now(UTC).isoformat(timespec="seconds")
    request = ExportRequest(run=run, form=form, created=created)
    return begin_job(workspace.exports, request, COMMAND, WHAT)


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
        with suppress(UserError):
            request = request_of(path.parent, ExportRequest, WHAT)
            if (request.run, request.form) == (run, form):
                return path.parent.name
    return None


def model_to_download(workspace: Workspace, job: str) -> tuple[Path, str]:
    """The archive of a finished export, and its name. Raises UserError where there is none."""
    folder = export_folder(workspace, job)
    path = archive_path(folder)
    if not path.is_file() or export_progress(workspace, job).state != "finished":
        raise UserError("This file is no longer kept, or not yet finished. Make it again.")
    request = request_of(folder, ExportRequest, WHAT)
    return path, archive_name(request.run, request.form)


def cancel_export(workspace: Workspace, job: str) -> None:
    """Ask the job to stop; one that does not within 10 s is ended by force."""
    cancel_job(export_folder(workspace, job))


def delete_export(workspace: Workspace, job: str) -> None:
    """Remove an export that has ended. Raises UserError while it runs."""
    delete_job(export_folder(workspace, job), WHAT)
