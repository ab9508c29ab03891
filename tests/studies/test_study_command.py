"""The verbs `study` and `studies`, and a study that goes on when one of its runs ends."""

import json
from collections.abc import Callable, Iterator

import pytest
from study_runs import settings

from ssl_core import cli
from ssl_core.datasets.dataset import Dataset
from ssl_core.runs import process
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.listing import list_runs
from ssl_core.runs.process import wait_for_exit
from ssl_core.studies.progress import advance, study_progress
from ssl_core.studies.study import create_study, list_studies
from ssl_core.training import worker
from ssl_core.workspace import PROJECT_ROOT, Workspace
from tests.runs.run_folders import FAKE_WORKER, end_everything

MakeDataset = Callable[..., Dataset]
ASKED = ["--methods", "autoencoder", "--budgets", "6,12", "--draws", "1", "--steps", "5"]


@pytest.fixture
def fake_worker(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every run is a process that counts steps and ends with the accuracy 0.75."""
    monkeypatch.setattr(process, "WORKER_COMMAND", FAKE_WORKER)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT_ROOT))
    yield
    end_everything(workspace)


def called(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, object]]:
    code = cli.main([*arguments, "--json"])
    out = capsys.readouterr().out
    return code, json.loads(out) if out else {}


@pytest.mark.usefixtures("fake_worker")
def test_a_study_from_the_command_line_to_its_curves(
    workspace: Workspace, make_dataset: MakeDataset, capsys: pytest.CaptureFixture[str]
) -> None:
    make_dataset()
    code, answer = called(capsys, "study", "tiny", *ASKED)
    assert code == 0
    assert (answer["runs"], answer["finished"], answer["failed"]) == (4, 4, 0)
    curves = answer["curves"]
    assert isinstance(curves, dict)
    assert [point["labels"] for point in curves["autoencoder"]] == [6, 12]
    assert curves["supervised"][0]["accuracy"] == 0.75
    again, same = called(capsys, "study", "tiny", *ASKED)
    assert again == 0
    assert same["study"] == answer["study"]
    assert len(list_runs(workspace)) == 4, "the same command again makes no run again"
    _, listed = called(capsys, "studies")
    assert listed["studies"] == [
        {
            "study": answer["study"],
            "dataset": "tiny",
            "runs": 4,
            "finished": 4,
            "failed": 0,
            "paused": False,
        }
    ]
    assert cli.main(["study", "tiny", *ASKED]) == 0
    text = capsys.readouterr().out
    assert "75.0%" in text
    assert "One of the seeds cannot tell a difference from chance." in text


def test_wrong_numbers_are_told(
    workspace: Workspace, make_dataset: MakeDataset, capsys: pytest.CaptureFixture[str]
) -> None:
    make_dataset()
    wrong = ["study", "tiny", "--methods", "fixmatch", "--budgets", "few"]
    assert cli.main(wrong) == 1
    assert "expected whole numbers" in capsys.readouterr().err
    assert not list_studies(workspace)


@pytest.mark.usefixtures("fake_worker")
def test_it_is_stopped_and_goes_on_where_it_was(
    workspace: Workspace,
    make_dataset: MakeDataset,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_dataset()
    monkeypatch.setenv("FAKE_WORKER", json.dumps({"pause": 0.5}))
    code, answer = called(capsys, "study", "tiny", *ASKED, "--background")
    assert (code, answer["finished"]) == (0, 0)
    code, _ = called(capsys, "study", "tiny", *ASKED, "--pause")
    assert code == 0
    for run in list_runs(workspace):
        assert wait_for_exit(RunFolder(workspace.runs / run.run), 20)
    assert len(list_runs(workspace)) == 3
    monkeypatch.setenv("FAKE_WORKER", "{}")
    code, answer = called(capsys, "study", "tiny", *ASKED)
    assert (code, answer["finished"], answer["failed"]) == (0, 4, 0)
    assert len(list_runs(workspace)) == 4


def test_a_run_that_ends_makes_the_next_one(
    workspace: Workspace, make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ssl_core.runs import launch

    monkeypatch.setattr(launch, "_start", lambda folder: None)
    make_dataset()
    study = create_study(workspace, settings())
    first, *others = advance(workspace, study.name).alive
    folder = workspace.runs / first.run
    status = json.loads((folder / "status.json").read_text())
    (folder / "status.json").write_text(json.dumps({**status, "state": "queued"}))
    monkeypatch.setattr(worker, "_train_in_turn", _fails)
    monkeypatch.setattr(worker.StopFlag, "listen", lambda flag: None)
    assert worker.main([str(folder)]) == 1
    progress = study_progress(workspace, study)
    assert len(progress.ended("failed")) == 1
    assert len(progress.alive) == 3, "a fourth run was made by the one that ended"
    (workspace.studies / study.name / "study.json").unlink()
    assert worker.main([str(workspace.runs / others[0].run)]) == 1, "told in its log, no more"


def _fails(*arguments: object) -> None:
    raise MemoryError
