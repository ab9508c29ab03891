"""Deleting a study, and what becomes of its runs."""

from contextlib import suppress
from dataclasses import dataclass

from ssl_core.errors import UserError
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.launch import delete_run, stop_run
from ssl_core.runs.listing import RunSummary
from ssl_core.runs.process import PATIENCE_SECONDS, wait_for_end
from ssl_core.runs.status import FINAL_STATES
from ssl_core.runs.supervision import read_stop
from ssl_core.studies.progress import runs_of_study, study_lock
from ssl_core.studies.study import STUDY, read_study, write_study
from ssl_core.workspace import Workspace

_KILLED_SECONDS = 10.0  # until a process that was ended at once is gone


@dataclass(frozen=True)
class Removal:
    """What became of the runs of a deleted study, by their identifiers."""

    deleted: tuple[str, ...]
    kept: tuple[str, ...]


def delete_study(workspace: Workspace, name: str, *, with_runs: bool = False) -> Removal:
    """Delete a study; `with_runs` also all that its runs made.

    Runs that have not done a step yet are withdrawn: they hold nothing and go in any case. Those
    that train are stopped and, unless they are deleted, may save first. What was kept stays in the
    list of runs. Cut short, it leaves a paused study that can be deleted again. Raises UserError
    where there is no such study, or a run does not end.
    """
    with study_lock(workspace, name):
        study = read_study(workspace, name).model_copy(update={"paused": True})
        write_study(workspace, study)
        members = runs_of_study(workspace, study)
    # Without the lock: a run that ends asks for it, to make the next one.
    goes = {run.run: with_runs or _is_empty(run) for run in members}
    for run in members:
        if run.status.state not in FINAL_STATES:
            _stop(workspace, run.run, goes[run.run])
    for run in members:
        _wait(workspace, run, _KILLED_SECONDS if goes[run.run] else PATIENCE_SECONDS + 10)
    deleted = [run.run for run in members if goes[run.run]]
    for identifier in deleted:
        delete_run(workspace, identifier)
    with study_lock(workspace, name):
        now = read_study(workspace, name)
        if now.identity != study.identity:
            raise UserError(f"The study {name!r} is another one by now. Look in the list of them.")
        if not now.paused:
            raise UserError(f"Somebody let the study {name!r} go on meanwhile. Delete it again.")
        path = workspace.studies / name / STUDY
        path.unlink()
        with suppress(OSError):  # somebody put a file of their own beside it
            path.parent.rmdir()
    return Removal(tuple(deleted), tuple(run.run for run in members if not goes[run.run]))


def _is_empty(run: RunSummary) -> bool:
    """Whether a run has not trained: it waits, or was stopped while it did."""
    return run.status.step == 0 and run.status.state in ("queued", "running", "stopped")


def _stop(workspace: Workspace, run: str, goes: bool) -> None:
    """Ask a run to save and end, once: asked again it is killed. One that goes is ended at once."""
    if goes:
        stop_run(workspace, run, patience=0.0)
    elif read_stop(RunFolder(workspace.runs / run)) is None:
        stop_run(workspace, run)


def _wait(workspace: Workspace, run: RunSummary, seconds: float) -> None:
    """Until a run that was asked to stop has ended. Raises UserError where it does not."""
    status = wait_for_end(RunFolder(workspace.runs / run.run), seconds)
    if status.state not in FINAL_STATES:
        raise UserError(
            f"The run {run.run!r} of the study has not ended after {seconds:g} s. The study is "
            "paused; delete it again in a moment."
        )
