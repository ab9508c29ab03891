"""Packing and unpacking as processes of their own: `python -m ssl_core.packing.jobs JOB_FOLDER`.

A page starts one and reads its `progress.json`; its bytes never pass through the server's memory.
"""

import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ssl_core.datasets.decoder import CancelledError
from ssl_core.datasets.jobs import remove_upload
from ssl_core.datasets.progress import ImportProgress, Reporter
from ssl_core.errors import UserError
from ssl_core.jobs import (
    REQUEST,
    Cancelled,
    Tell,
    begin_job,
    cancel_job,
    delete_job,
    perform,
    progress_of,
    remove_old_jobs,
    request_of,
)
from ssl_core.packing.manifest import Manifest
from ssl_core.packing.pack import pack_workspace
from ssl_core.packing.progress import Progress
from ssl_core.packing.unpack import unpack_workspace
from ssl_core.workspace import Workspace, checked_identifier

Kind = Literal["pack", "unpack"]
WHAT: dict[Kind, str] = {"pack": "packing", "unpack": "unpacking"}
ARCHIVE = "workspace.zip"  # in the folder of a job, where it was packed to be downloaded
_COMMAND = "ssl_core.packing.jobs"


class ArchiveRequest(BaseModel):
    """`request.json` of a packing or unpacking."""

    model_config = ConfigDict(frozen=True)
    kind: Kind
    location: str  # the archive that is written or read
    name: str  # of the archive, for a person
    into: str  # the workspace that is unpacked into
    created: str  # ISO 8601, UTC


def start_packing(workspace: Workspace, target: Path | None = None) -> str:
    """Start packing the workspace; the identifier of the job. Raises UserError.

    target: a file that is not there yet; None keeps the archive for a day, to be downloaded.
    """
    location = "" if target is None else str(target)
    return _start(workspace, "pack", location, target.name if target else ARCHIVE, workspace)


def start_unpacking(workspace: Workspace, source: Path, into: Workspace) -> str:
    """Start unpacking `source`, the job in `workspace`; its identifier. Raises UserError."""
    return _start(workspace, "unpack", str(source), source.name, into)


def archive_progress(workspace: Workspace, job: str) -> ImportProgress:
    """What is true of the job now; `done` and `total` are bytes."""
    return progress_of(_folder(workspace, job), WHAT[archive_request(workspace, job).kind])


def archive_request(workspace: Workspace, job: str) -> ArchiveRequest:
    """What was asked for. Raises UserError where it cannot be read."""
    return request_of(_folder(workspace, job), ArchiveRequest, "archive")


def list_archives(workspace: Workspace) -> list[tuple[str, ArchiveRequest, ImportProgress]]:
    """All jobs that can be read, the newest first."""
    found = []
    for path in sorted(workspace.archives.glob(f"*/{REQUEST}"), reverse=True):
        with suppress(UserError):
            job = path.parent.name
            asked = archive_request(workspace, job)
            found.append((job, asked, archive_progress(workspace, job)))
    return found


def archive_to_download(workspace: Workspace, job: str) -> tuple[Path, str]:
    """The finished archive of a packing, and its name. Raises UserError where there is none."""
    path = _folder(workspace, job) / ARCHIVE
    if not path.is_file() or archive_progress(workspace, job).state != "finished":
        raise UserError("This archive is no longer kept, or not yet finished. Pack it again.")
    return path, f"handful-{job.rpartition('-')[0]}.zip"


def cancel_archive(workspace: Workspace, job: str) -> None:
    """Ask the job to stop; one that does not within 10 s is ended by force."""
    cancel_job(_folder(workspace, job))


def dismiss_archive(workspace: Workspace, job: str) -> None:
    """Forget a job that has ended, with the archive in its folder. Raises UserError."""
    delete_job(_folder(workspace, job), WHAT[archive_request(workspace, job).kind])


def main(folder: Path) -> None:
    """Do the work that `folder` describes and write how it ended."""
    workspace = Workspace(folder.parent.parent)
    request = request_of(folder, ArchiveRequest, "archive")

    def work(tell: Tell, cancelled: Cancelled) -> None:
        progress = _progress(request.kind, Reporter(tell), cancelled)
        try:
            manifest = _perform(workspace, request, folder, progress)
        finally:
            if request.kind == "unpack":
                remove_upload(workspace, request.location)
        size = sum(file.bytes for file in manifest.files)
        left_out = " ".join(f"Left out: {one}" for one in manifest.left_out)
        tell(ImportProgress(state="finished", done=size, total=size, message=left_out))

    perform(folder, WHAT[request.kind], work)


def _perform(
    workspace: Workspace, request: ArchiveRequest, folder: Path, progress: Progress
) -> Manifest:
    if request.kind == "unpack":
        return unpack_workspace(Path(request.location), Workspace.open(request.into), progress)
    target = Path(request.location) if request.location else folder / ARCHIVE
    return pack_workspace(workspace, target, progress)


def _progress(kind: Kind, report: Reporter, cancelled: Cancelled) -> Progress:
    """Tells the bytes, and ends the work where somebody cancelled it."""
    begun = False

    def progress(done: int, total: int) -> None:
        nonlocal begun
        if cancelled():
            raise CancelledError
        if not begun:
            begun = True
            report.phase(WHAT[kind], total)
        report.done(done)

    return progress


def _start(workspace: Workspace, kind: Kind, location: str, name: str, into: Workspace) -> str:
    remove_old_jobs(workspace.archives)
    request = ArchiveRequest(
        kind=kind,
        location=location,
        name=name,
        into=str(into.root),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return begin_job(workspace.archives, request, _COMMAND, WHAT[kind])


def _folder(workspace: Workspace, job: str) -> Path:
    folder = workspace.archives / checked_identifier(job)
    if not (folder / REQUEST).is_file():
        raise UserError(f"There is no archive {job!r}; it is kept for a day. Start again.")
    return folder


if __name__ == "__main__":
    main(Path(sys.argv[1]))
