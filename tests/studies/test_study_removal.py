"""Deleting a study: what waits is withdrawn, what trains is stopped, the rest by choice."""

import json
import time
from collections.abc import Callable, Iterator

import pytest
from study_runs import run_all, settings

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.files import write_json
from ssl_core.runs import process
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.listing import RunSummary, list_runs
from ssl_core.runs.process import wait_for_exit
from ssl_core.runs.supervision import StopRequest, write_stop
from ssl_core.studies import removal
from ssl_core.studies.progress import advance, continue_study
from ssl_core.studies.removal import delete_study
from ssl_core.studies.study import create_study, list_studies, read_study, write_study
from ssl_core.workspace import PROJECT_ROOT, Workspace
from tests.runs.run_folders import FAKE_WORKER, end_everything, wait_until

MakeDataset = Callable[..., Dataset]


@pytest.fixture
def slow_worker(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every run is a process that takes a minute and a half for its steps."""
    monkeypatch.setattr(process, "WORKER_COMMAND", FAKE_WORKER)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT_ROOT))
    monkeypatch.setenv("FAKE_WORKER", json.dumps({"pause": 0.1}))
    yield
    end_everything(workspace)


def told(workspace: Workspace, run: RunSummary, **changes: object) -> None:
    """Let the status of a run say something else."""
    path = workspace.runs / run.run / "status.json"
    write_json(path, json.loads(path.read_text()) | changes)


@pytest.mark.usefixtures("slow_worker")
@pytest.mark.parametrize("with_runs", [False, True])
def test_runs_that_wait_are_withdrawn_and_one_that_trains_is_stopped(
    workspace: Workspace, make_dataset: MakeDataset, with_runs: bool
) -> None:
    make_dataset()
    name = create_study(workspace, settings(draws=1, steps=900)).name
    made = {run.run for run in advance(workspace, name).alive}
    folders = [RunFolder(workspace.runs / run) for run in made]
    wait_until(lambda: any(run.status.step for run in list_runs(workspace)))
    (trains,) = [run.run for run in list_runs(workspace) if run.status.step]
    found = delete_study(workspace, name, with_runs=with_runs)
    kept = set() if with_runs else {trains}
    assert set(found.kept) == kept
    assert set(found.deleted) == made - kept
    assert not list_studies(workspace)
    assert not (workspace.studies / name).exists()
    assert all(wait_for_exit(folder, 5) for folder in folders)
    left = list_runs(workspace)
    assert {run.run for run in left} == kept
    assert {run.status.state for run in left} <= {"stopped"}
    if left:
        assert "Stopped by user" in left[0].status.message, "it could save"


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize("with_runs", [False, True])
def test_what_has_ended_stays_or_goes_by_choice(
    workspace: Workspace, make_dataset: MakeDataset, with_runs: bool
) -> None:
    make_dataset()
    name = create_study(workspace, settings(draws=1)).name
    other = create_study(workspace, settings(draws=1, steps=6)).name
    run_all(workspace, name)
    run_all(workspace, other)
    first, second, third, fourth = advance(workspace, name).runs.values()
    told(workspace, first, state="failed", message="a made-up error")
    told(workspace, second, state="stopped", step=3)
    told(workspace, third, state="stopped", step=0)  # paused while it waited
    found = delete_study(workspace, name, with_runs=with_runs)
    kept = set() if with_runs else {first.run, second.run, fourth.run}
    assert set(found.kept) == kept
    assert {run.run for run in list_runs(workspace)} == kept | {
        run.run for run in advance(workspace, other).runs.values()
    }, "the runs of another study stay"
    assert [study.name for study in list_studies(workspace)] == [other]


@pytest.mark.usefixtures("no_process")
def test_a_run_that_is_saving_is_not_asked_again(
    workspace: Workspace, make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked a second time it would be killed."""
    make_dataset()
    name = create_study(workspace, settings(draws=1)).name
    saving, trains, waits = advance(workspace, name).alive
    for run in (saving, trains):
        told(workspace, run, step=5)
    write_stop(RunFolder(workspace.runs / saving.run), StopRequest(asked=time.time() - 5))
    asked: dict[str, bool] = {}

    def stop(of: Workspace, run: str, patience: float = 30.0) -> None:
        asked[run] = patience == 0

    monkeypatch.setattr(removal, "stop_run", stop)
    monkeypatch.setattr(removal, "_wait", lambda *arguments: None)
    monkeypatch.setattr(removal, "delete_run", lambda *arguments: None)
    delete_study(workspace, name)
    assert asked == {trains.run: False, waits.run: True}


@pytest.mark.usefixtures("no_process")
def test_a_study_that_goes_on_meanwhile_is_not_deleted(
    workspace: Workspace, make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_dataset()
    name = create_study(workspace, settings(draws=1)).name
    run_all(workspace, name)
    monkeypatch.setattr(removal, "delete_run", lambda of, run: continue_study(of, name))
    with pytest.raises(UserError, match="go on meanwhile"):
        delete_study(workspace, name, with_runs=True)
    assert not read_study(workspace, name).paused


@pytest.mark.usefixtures("no_process")
def test_a_run_that_does_not_end_is_told_and_the_study_stays(
    workspace: Workspace, make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_dataset()
    name = create_study(workspace, settings(draws=1)).name
    advance(workspace, name)
    monkeypatch.setattr(removal, "_KILLED_SECONDS", 0.1)
    with pytest.raises(UserError, match="delete it again in a moment"):
        delete_study(workspace, name)
    assert read_study(workspace, name).paused
    assert len(list_runs(workspace)) == 3


@pytest.mark.usefixtures("no_process")
def test_another_study_of_the_name_is_not_deleted(
    workspace: Workspace, make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else deleted it meanwhile and made one anew."""
    make_dataset()
    study = create_study(workspace, settings(draws=1))
    run_all(workspace, study.name)
    other = study.model_copy(update={"identity": "another", "paused": True})
    monkeypatch.setattr(removal, "delete_run", lambda of, run: write_study(of, other))
    with pytest.raises(UserError, match="another one by now"):
        delete_study(workspace, study.name, with_runs=True)
    assert read_study(workspace, study.name) == other


@pytest.mark.usefixtures("no_process")
def test_a_study_that_somebody_changed_is_neither_listed_nor_written(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    """It may come from a workspace that somebody else packed."""
    make_dataset()
    study = create_study(workspace, settings(draws=1))
    outside, foreign = workspace.root / "outside", workspace.studies / "foreign"
    for folder in (outside, foreign):
        folder.mkdir()
    endless = study.settings.model_copy(update={"draws": 10**9})
    for change in (
        {"name": study.name},
        {"name": "../outside"},
        {"name": "foreign", "settings": endless},
    ):
        changed = study.model_copy(update=change)
        (foreign / "study.json").write_text(changed.model_dump_json())
        with pytest.raises(UserError, match="is damaged"):
            delete_study(workspace, "foreign")
        assert list_studies(workspace) == [study]
    assert list(outside.iterdir()) == []


def test_a_study_that_is_not_there_is_told(workspace: Workspace) -> None:
    with pytest.raises(UserError, match="no study 'nothing'"):
        delete_study(workspace, "nothing")
