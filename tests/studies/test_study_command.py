"""The verbs `study` and `studies`, and a study that goes on when one of its runs ends."""

import json
from collections.abc import Callable

import pytest
from study_runs import settings

from ssl_core import cli
from ssl_core.datasets.dataset import Dataset
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.listing import list_runs
from ssl_core.runs.process import wait_for_exit
from ssl_core.studies.progress import advance, study_progress
from ssl_core.studies.study import create_study, list_studies
from ssl_core.training import worker
from ssl_core.workspace import Workspace

MakeDataset = Callable[..., Dataset]
ASKED = ["--methods", "autoencoder", "--budgets", "6,12", "--draws", "1", "--steps", "5"]


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


@pytest.mark.usefixtures("fake_worker")
def test_settings_of_the_methods_from_the_command_line(
    workspace: Workspace, make_dataset: MakeDataset, capsys: pytest.CaptureFixture[str]
) -> None:
    make_dataset()
    own = ["--set", "autoencoder.reconstruction_weight=3", "--set", "autoencoder.steps=8"]
    code, answer = called(capsys, "study", "tiny", *ASKED, *own, "--set", "backbone=vgg-f")
    assert (code, answer["finished"]) == (0, 4)
    assert answer["steps"] == {"supervised": 5, "autoencoder": 8}
    assert answer["settings"] == {
        "autoencoder": {"reconstruction_weight": 3.0, "backbone": "vgg-f"},
        "supervised": {"backbone": "vgg-f"},
    }
    assert cli.main(["study", "tiny", *ASKED, *own, "--set", "backbone=vgg-f"]) == 0
    text = capsys.readouterr().out
    assert "autoencoder: steps 8, reconstruction_weight 3.0, backbone vgg-f" in text
    assert len(list_runs(workspace)) == 4, "the same settings are the same study"
    assert cli.main(["study", "tiny", *ASKED, "--set", "autoencoder.magic=1"]) == 1
    assert "'magic' is not a setting of autoencoder" in capsys.readouterr().err


@pytest.mark.usefixtures("fake_worker")
@pytest.mark.parametrize(("options", "kept"), [([], 4), (["--runs"], 0)])
def test_a_study_is_deleted_and_its_runs_by_choice(
    workspace: Workspace,
    make_dataset: MakeDataset,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    kept: int,
) -> None:
    make_dataset()
    _, answer = called(capsys, "study", "tiny", *ASKED)
    name = str(answer["study"])
    code, told = called(capsys, "delete-study", name, *options)
    assert code == 0
    runs = {one.run for one in list_runs(workspace)}
    assert len(runs) == kept
    stayed, gone = told["runs_kept"], told["runs_deleted"]
    assert isinstance(stayed, list)
    assert isinstance(gone, list)
    assert set(stayed) == runs
    assert len(gone) == 4 - kept
    assert not list_studies(workspace)
    assert cli.main(["delete-study", name]) == 1
    assert "There is no study" in capsys.readouterr().err
