"""The verbs that use a run outside its workspace: predict, export, pack, unpack."""

import csv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from test_cli import run

from ssl_core.datasets.dataset import Dataset
from ssl_core.runs.folder import RunFolder
from ssl_core.workspace import Workspace
from tests.support import sessions
from tests.support.runs import make_run

MakeDataset = Callable[..., Dataset]


@pytest.fixture
def dataset(make_dataset: MakeDataset) -> Dataset:
    return make_dataset()


@pytest.fixture
def finished(workspace: Workspace, dataset: Dataset) -> RunFolder:
    return sessions.finished(make_run(workspace, dataset))


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
