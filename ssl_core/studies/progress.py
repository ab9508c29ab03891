"""Letting a study go on: its runs are made a few at a time, by whoever looks or ends next."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from ssl_core.datasets.dataset import open_dataset
from ssl_core.errors import UserError
from ssl_core.locks import only_one
from ssl_core.runs.launch import create_runs, resume_run, stop_run
from ssl_core.runs.listing import RunSummary, list_runs
from ssl_core.runs.status import FINAL_STATES
from ssl_core.studies.study import Cell, Study, read_study, write_study
from ssl_core.workspace import Workspace

MOST_ALIVE = 3  # processes: one trains, the others wait and cost memory
_LOCK_SECONDS = 60.0


@dataclass(frozen=True)
class Progress:
    """How far a study has come. runs: those that exist, the newest of each cell."""

    study: Study
    runs: dict[Cell, RunSummary]

    @property
    def total(self) -> int:
        return sum(1 for _ in self.study.cells())

    @property
    def missing(self) -> list[Cell]:
        """Cells without a run, in the order in which they are made."""
        return [cell for cell in self.study.cells() if cell not in self.runs]

    def ended(self, *states: str) -> list[RunSummary]:
        """The runs in one of these states."""
        return [run for run in self.runs.values() if run.status.state in states]

    @property
    def alive(self) -> list[RunSummary]:
        return [run for run in self.runs.values() if run.status.state not in FINAL_STATES]

    @property
    def is_over(self) -> bool:
        """Whether nothing happens any more by itself."""
        return not self.alive and (self.study.paused or not self.missing)


def study_progress(workspace: Workspace, study: Study) -> Progress:
    """What has become of the runs of a study."""
    runs: dict[Cell, RunSummary] = {}
    for run in runs_of_study(workspace, study):
        cell = run.request.cell
        if cell is not None:
            place = Cell(run.request.method, cell.budget, cell.draw, run.request.seed)
            runs.setdefault(place, run)
    return Progress(study, runs)


def runs_of_study(workspace: Workspace, study: Study) -> list[RunSummary]:
    """The runs that a study has made and that are still there, newest first."""
    return [
        run
        for run in list_runs(workspace)
        if run.request.cell is not None and run.request.cell.identity == study.identity
    ]


def advance(workspace: Workspace, name: str) -> Progress:
    """Make the runs that a study lacks, at most three that are alive at a time.

    Called by the page and the command that follow the study, and by each of its runs when it ends,
    so that it goes on with nobody watching. Called by several at once, each run is made once.
    Raises UserError where a run cannot be made.
    """
    with study_lock(workspace, name):
        study = read_study(workspace, name)
        progress = study_progress(workspace, study)
        room = MOST_ALIVE - len(progress.alive)
        missing = progress.missing[: max(0, room)]
        if study.paused or not missing:
            return progress
        dataset = open_dataset(workspace, study.settings.dataset)
        if dataset.manifest.fingerprint != study.fingerprint:
            raise UserError(
                f"The dataset {study.dataset_name!r} is no longer the one this study was made "
                "with. Make a new study."
            )
        for cell in missing:
            create_runs(workspace, study.plan(dataset, cell))
        return study_progress(workspace, study)


def pause_study(workspace: Workspace, name: str) -> Progress:
    """Make no more runs and stop those that are alive; `continue_study` goes on with them."""
    with study_lock(workspace, name):
        study = read_study(workspace, name).model_copy(update={"paused": True})
        write_study(workspace, study)
        progress = study_progress(workspace, study)
        for run in progress.alive:
            stop_run(workspace, run.run)
    return progress


def continue_study(workspace: Workspace, name: str) -> Progress:
    """Go on: resume what was stopped or failed, at most three, then make what is missing."""
    with study_lock(workspace, name):
        progress = study_progress(workspace, read_study(workspace, name))
        room = MOST_ALIVE - len(progress.alive)
        chosen = progress.ended("stopped", "failed")[: max(0, room)]
    # Without the lock: a process that is still ending waits for it, and is itself waited for. A
    # paused study stays so until they are resumed, so that nobody fills the room with new runs.
    for run in chosen:
        resume_run(workspace, run.run)
    with study_lock(workspace, name):
        study = read_study(workspace, name).model_copy(update={"paused": False})
        write_study(workspace, study)
    return advance(workspace, name)


def study_lock(workspace: Workspace, name: str) -> AbstractContextManager[None]:
    """Held while a study is changed, over all processes. Raises UserError where it stays taken."""
    return only_one(workspace.locks / f"study-{name}.lock", f"The study {name!r}", _LOCK_SECONDS)
