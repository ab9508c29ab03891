"""Going on with a study while its runs still end, and while another process has it."""

from collections.abc import Callable

import pytest
from filelock import FileLock
from study_runs import finish, settings

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.studies import progress
from ssl_core.studies.progress import advance, continue_study, pause_study
from ssl_core.studies.study import create_study, read_study
from ssl_core.workspace import Workspace

MakeDataset = Callable[..., Dataset]
pytestmark = pytest.mark.usefixtures("no_process")


def lock_of(workspace: Workspace, name: str) -> FileLock:
    return FileLock(workspace.locks / f"study-{name}.lock", timeout=0)


@pytest.fixture
def study(workspace: Workspace, make_dataset: MakeDataset) -> str:
    """A study of four runs, of which two failed and two are alive."""
    make_dataset()
    name = create_study(workspace, settings(methods=("supervised",))).name
    for run in advance(workspace, name).alive[:2]:
        finish(workspace, run, None)
    assert len(advance(workspace, name).alive) == 2
    return name


@pytest.fixture
def resumed(workspace: Workspace, study: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs that were resumed, each while an ending process could have had the study."""
    found: list[str] = []
    real = progress.resume_run

    def resume(of: Workspace, run: str) -> None:
        with lock_of(workspace, study):
            found.append(run)
        real(of, run)

    monkeypatch.setattr(progress, "resume_run", resume)
    return found


def test_a_run_is_resumed_while_its_process_may_have_the_study(
    workspace: Workspace, study: str, resumed: list[str]
) -> None:
    pause_study(workspace, study)
    assert read_study(workspace, study).paused
    after = continue_study(workspace, study)
    assert len(resumed) == 1
    assert len(after.alive) == 3
    assert not read_study(workspace, study).paused


def test_nobody_makes_new_runs_in_the_room_of_those_that_are_resumed(
    workspace: Workspace, make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_dataset()
    name = create_study(workspace, settings()).name
    for run in advance(workspace, name).alive:
        finish(workspace, run, None)
    pause_study(workspace, name)
    real = progress.resume_run

    def resume(of: Workspace, run: str) -> None:
        advance(workspace, name)
        real(of, run)

    monkeypatch.setattr(progress, "resume_run", resume)
    after = continue_study(workspace, name)
    assert len(after.runs) == len(after.alive) == 3


def test_nothing_is_resumed_where_more_than_enough_are_alive(
    workspace: Workspace, study: str, resumed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "MOST_ALIVE", 1)
    continue_study(workspace, study)
    assert resumed == []


@pytest.mark.parametrize("change", [advance, pause_study, continue_study])
def test_a_study_that_stays_in_use_is_told(
    workspace: Workspace,
    study: str,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Workspace, str], object],
) -> None:
    monkeypatch.setattr(progress, "_LOCK_SECONDS", 0.1)
    with (
        lock_of(workspace, study),
        pytest.raises(UserError, match="in use by another process"),
    ):
        change(workspace, study)
    change(workspace, study)
