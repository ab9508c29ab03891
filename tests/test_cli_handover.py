"""The verbs that use a run outside its workspace: predict, export, pack, unpack."""

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from test_cli import run

from ssl_core.commands.following import finished as finished_job
from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.runs.folder import RunFolder
from ssl_core.workspace import Workspace

MakeDataset = Callable[..., Dataset]


@pytest.fixture
def dataset(make_dataset: MakeDataset) -> Dataset:
    return make_dataset()


@pytest.fixture
def finished(dataset: Dataset, trained_run: RunFolder) -> RunFolder:
    """A run whose dataset is there too."""
    return trained_run


def test_predict_writes_a_table_and_leaves_no_job(
    workspace: Workspace, dataset: Dataset, finished: RunFolder, tmp_path: Path
) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    for item in range(5):
        Image.fromarray(dataset.images[item][:, :, 0]).save(folder / f"{item}.png")
    (folder / "bad.png").write_bytes(b"nothing")
    out = tmp_path / "answers.csv"
    outcome = run("predict", finished.run, str(folder), "--out", str(out), "--json")
    assert outcome.code == 0, outcome.err
    assert outcome.answer["count"] == 5
    assert outcome.answer["skipped_count"] == 1
    rows = {row["file"]: row["Class"] for row in csv.DictReader(out.read_text().splitlines())}
    predicted = finished.predicted()
    assert predicted is not None
    assert rows == {f"{item}.png": "abc"[predicted[item]] for item in range(5)}
    assert list(workspace.predictions.iterdir()) == []
    spoken = run("predict", finished.run, str(folder), "--out", str(out))
    assert "Wrote 5 predictions" in spoken.out
    assert "bad.png" in spoken.out


def test_export_writes_an_archive(
    workspace: Workspace, finished: RunFolder, tmp_path: Path
) -> None:
    out = tmp_path / "model.zip"
    outcome = run("export", finished.run, "--format", "keras", "--out", str(out), "--json")
    assert outcome.code == 0, outcome.err
    assert outcome.answer["bytes"] == out.stat().st_size
    with zipfile.ZipFile(out) as archive:
        assert "model.keras" in archive.namelist()
    assert list(workspace.exports.iterdir()) == []


def test_pack_and_unpack_bring_a_workspace_to_another_place(
    workspace: Workspace, finished: RunFolder, tmp_path: Path
) -> None:
    out, other = tmp_path / "all.zip", tmp_path / "other"
    packed = run("pack", "--out", str(out), "--json")
    assert packed.code == 0, packed.err
    assert packed.answer["left_out"] == []
    unpacked = run("unpack", str(out), "--workspace", str(other), "--json")
    assert unpacked.code == 0, unpacked.err
    assert unpacked.answer["unpacked"] == ["datasets/tiny", f"runs/{finished.run}"]
    listed = run("runs", "--workspace", str(other), "--json")
    assert [one["run"] for one in listed.answer["runs"]] == [finished.run]
    again = run("unpack", str(out), "--workspace", str(other))
    assert again.code == 1
    assert "already" in again.err


def test_what_cannot_be_done_is_one_sentence(workspace: Workspace, tmp_path: Path) -> None:
    for arguments in (
        ("predict", "none", str(tmp_path), "--out", str(tmp_path / "a.csv")),
        ("export", "none", "--out", str(tmp_path / "a.zip")),
        ("pack", "--out", str(tmp_path / "a.zip")),
        ("unpack", str(tmp_path / "a.zip")),
        ("pack", "--out", str(tmp_path / "nowhere" / "a.zip")),
        ("predict", "none", str(tmp_path), "--out", str(tmp_path)),
    ):
        outcome = run(*arguments)
        assert outcome.code == 1, arguments
        assert len(outcome.err.splitlines()) == 1
    assert list(tmp_path.glob("*.zip")) == []


def waiting_job(workspace: Workspace, **progress: object) -> Path:
    """A job whose process is gone."""
    folder = workspace.exports / "20260101-000000-abcdef"
    folder.mkdir()
    (folder / "request.json").write_text("{}")
    (folder / "process.json").write_text(
        json.dumps({"pid": 2**22 - 3, "started": 1.0, "boot": "other", "token": ""})
    )
    (folder / "progress.json").write_text(json.dumps(progress))
    return folder


def test_a_job_that_failed_is_one_sentence_and_gone(workspace: Workspace) -> None:
    folder = waiting_job(workspace, state="failed", message="The disk is full.")
    with pytest.raises(UserError, match="The disk is full"), finished_job(folder, "export"):
        pytest.fail("nothing is done with a job that failed")
    assert not folder.exists()


def test_a_wait_that_is_cut_short_cancels_the_job(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = waiting_job(workspace, state="running")
    cancelled: list[Path] = []
    looks = iter([True])  # it goes on at the first look, and is gone at those behind the wish

    def cut_short(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ssl_core.jobs.is_running", lambda _: next(looks, False))
    monkeypatch.setattr("ssl_core.jobs.cancel_job", cancelled.append)
    monkeypatch.setattr("ssl_core.commands.following.time.sleep", cut_short)
    with pytest.raises(KeyboardInterrupt), finished_job(folder, "export"):
        pytest.fail("it never finished")
    assert cancelled == [folder]
