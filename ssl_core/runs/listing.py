"""All runs of a workspace, quickly."""

import threading
from dataclasses import dataclass, field
from pathlib import Path

from ssl_core.errors import UserError
from ssl_core.runs.folder import REQUEST, STATUS, TITLE, RunFolder
from ssl_core.runs.notes import NOTES, Notes, read_notes
from ssl_core.runs.request import RunRequest
from ssl_core.runs.status import FINAL_STATES, RunStatus
from ssl_core.runs.supervision import LAUNCH, STOP, process_alive, true_status
from ssl_core.workspace import Workspace

_Stamp = tuple[int, int]  # modification time in ns, size in bytes


@dataclass(frozen=True)
class RunSummary:
    """One run as a list shows it."""

    run: str
    title: str
    request: RunRequest
    status: RunStatus  # what is true, not only what was written
    notes: Notes = field(default_factory=Notes)


@dataclass(frozen=True)
class _Remembered:
    """An ended run, good while none of the files that it was judged by is written again."""

    stamps: tuple[_Stamp, ...]  # of _JUDGED_BY
    summary: RunSummary


_JUDGED_BY = (STATUS, TITLE, LAUNCH, STOP, NOTES)
_guard = threading.Lock()
_ended: dict[Path, _Remembered] = {}
_requests: dict[Path, tuple[_Stamp, RunRequest]] = {}


def list_runs(workspace: Workspace) -> list[RunSummary]:
    """Every readable run, newest first. Ended runs are remembered, so a second look is quick."""
    try:
        paths = [path for path in workspace.runs.iterdir() if not path.name.startswith(".")]
    except FileNotFoundError:
        return []
    found = [summary for path in paths if (summary := _summary(path)) is not None]
    with _guard:  # forget what was deleted
        present = set(paths)
        for known in (_ended, _requests):
            for path in [p for p in known if p.parent == workspace.runs and p not in present]:
                del known[path]
    return sorted(found, key=lambda item: (item.request.created, item.run), reverse=True)


def runs_alive_on(workspace: Workspace, dataset: str) -> list[str]:
    """The runs that wait or train on a dataset, which must not be deleted meanwhile."""
    return [
        item.run
        for item in list_runs(workspace)
        if item.request.dataset == dataset
        and (
            item.status.state not in FINAL_STATES
            or process_alive(RunFolder(workspace.runs / item.run))
        )
    ]


def _summary(path: Path) -> RunSummary | None:
    """None where the folder is no run (any more)."""
    stamps = tuple(_stamp(path / name) for name in _JUDGED_BY)
    with _guard:
        known = _ended.get(path)
    if known is not None and known.stamps == stamps:
        return known.summary
    folder = RunFolder(path)
    request = _request(folder)
    if request is None:
        return None
    summary = RunSummary(path.name, folder.title(), request, true_status(folder), read_notes(path))
    # A process that is gone never comes back; a status that could not be read may be read again.
    if summary.status.state in FINAL_STATES and _readable(folder):
        with _guard:
            _ended[path] = _Remembered(stamps, summary)
    return summary


def _readable(folder: RunFolder) -> bool:
    try:
        folder.status()
    except UserError:
        return False
    return True


def _request(folder: RunFolder) -> RunRequest | None:
    """What was asked for; read once, since it never changes."""
    stamp = _stamp(folder.path / REQUEST)
    with _guard:
        known = _requests.get(folder.path)
    if known is not None and known[0] == stamp:
        return known[1]
    try:
        request = folder.request()
    except UserError:
        return None
    with _guard:
        _requests[folder.path] = (stamp, request)
    return request


def _stamp(path: Path) -> _Stamp:
    """(0, 0) where there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)
