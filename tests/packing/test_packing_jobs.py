"""Packing and unpacking in the background: how far, where to, cancelled without a trace."""

import itertools
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ssl_core.datasets.dataset import Dataset, list_datasets
from ssl_core.datasets.decoder import CancelledError
from ssl_core.datasets.paths import SOURCES_VARIABLE
from ssl_core.errors import UserError
from ssl_core.packing import jobs, places
from ssl_core.packing.contents import contents_of_archive, contents_of_workspace
from ssl_core.packing.manifest import BLOCK
from ssl_core.packing.pack import pack_workspace
from ssl_core.packing.places import new_file, other_workspace
from ssl_core.packing.unpack import unpack_workspace
from ssl_core.workspace import Workspace
from tests.pages.fake_runs import fake_run
from tests.support.jobs import ended

MakeDataset = Callable[..., Dataset]


@pytest.fixture
def dataset(make_dataset: MakeDataset) -> Dataset:
    return make_dataset()


@pytest.fixture
def allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the dashboard may use; its neighbour in `tmp_path` is none."""
    folder = tmp_path / "allowed"
    folder.mkdir()
    monkeypatch.setenv(SOURCES_VARIABLE, str(folder))
    monkeypatch.setenv("HOME", str(folder))
    return folder


def finished(workspace: Workspace, job: str) -> None:
    progress = ended(lambda: jobs.archive_progress(workspace, job))
    assert progress.state == "finished", progress.message


def test_a_packed_workspace_comes_back_and_its_job_is_forgotten(
    workspace: Workspace, dataset: Dataset, tmp_path: Path
) -> None:
    fake_run(workspace, dataset, "run-1")
    fake_run(workspace, dataset, "going", state="running", share_done=0.5, alive=True)
    before = contents_of_workspace(workspace)
    job = jobs.start_packing(workspace)
    finished(workspace, job)
    archive, _ = jobs.archive_to_download(workspace, job)
    progress = jobs.archive_progress(workspace, job)
    assert progress.done == progress.total
    assert progress.total == contents_of_archive(archive, workspace).total
    assert "The run going still goes on" in progress.message
    assert before.left_out == ("The run going still goes on; pack again when it has ended.",)

    other = Workspace(tmp_path / "other")
    back = jobs.start_unpacking(workspace, archive, other)
    finished(workspace, back)
    assert [found.identifier for found in list_datasets(other)] == ["tiny"]
    assert (other.runs / "run-1").is_dir()
    kinds = [(asked.kind, asked.into) for _, asked, _ in jobs.list_archives(workspace)]
    assert sorted(kinds) == sorted([("pack", str(workspace.root)), ("unpack", str(other.root))])
    for one in (job, back):
        jobs.dismiss_archive(workspace, one)
    assert list(workspace.archives.iterdir()) == []
    with pytest.raises(UserError, match="Start again"):
        jobs.archive_to_download(workspace, job)


def test_what_is_here_already_is_known_before_and_stops_the_job(
    workspace: Workspace, dataset: Dataset, tmp_path: Path
) -> None:
    archive = tmp_path / "all.zip"
    pack_workspace(workspace, archive)
    contents = contents_of_archive(archive, workspace)
    assert contents.units == ("datasets/tiny",)
    assert contents.taken(workspace) == ["datasets/tiny"]
    assert contents.taken(Workspace(tmp_path / "other")) == []
    job = jobs.start_unpacking(workspace, archive, workspace)
    progress = ended(lambda: jobs.archive_progress(workspace, job))
    assert progress.state == "failed"
    assert "has datasets/tiny already, and nothing is replaced" in progress.message


def test_an_upload_is_gone_once_it_is_unpacked(
    workspace: Workspace, dataset: Dataset, tmp_path: Path
) -> None:
    upload = workspace.imports / "upload-0123456789abcdef" / "uploaded files"
    upload.mkdir(parents=True)
    pack_workspace(workspace, upload / "all.zip")
    job = jobs.start_unpacking(workspace, upload / "all.zip", Workspace(tmp_path / "other"))
    finished(workspace, job)
    assert list(workspace.imports.iterdir()) == []


def test_archives_are_no_part_of_an_archive(
    workspace: Workspace, dataset: Dataset, tmp_path: Path
) -> None:
    job = jobs.start_packing(workspace)
    finished(workspace, job)
    manifest = pack_workspace(workspace, tmp_path / "again.zip")
    assert {file.path.split("/")[0] for file in manifest.files} == {"datasets"}


def test_a_large_file_is_told_and_cancelled_on_its_way(
    workspace: Workspace, dataset: Dataset, tmp_path: Path
) -> None:
    (dataset.folder / "large.bin").write_bytes(os.urandom(5 * BLOCK))
    archive, seen = tmp_path / "all.zip", []
    pack_workspace(workspace, archive, lambda done, total: seen.append(done))
    assert sum(0 < done - before <= BLOCK for before, done in itertools.pairwise(seen)) > 4

    def stop_in_the_middle(done: int, total: int) -> None:
        if done > 2 * BLOCK:
            raise CancelledError

    other = Workspace.open(tmp_path / "other")
    with pytest.raises(CancelledError):
        unpack_workspace(archive, other, stop_in_the_middle)
    assert [path for path in other.root.rglob("*") if path.is_file()] == []
    archive.unlink()
    with pytest.raises(CancelledError):
        pack_workspace(workspace, archive, stop_in_the_middle)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


def test_a_job_is_cancelled_by_a_wish(
    workspace: Workspace, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ssl_core.jobs.start_process", lambda folder, module: None)
    job = jobs.start_packing(workspace)
    folder = workspace.archives / job
    (folder / "cancel").touch()
    jobs.main(folder)
    assert json.loads((folder / "progress.json").read_text())["state"] == "cancelled"
    assert {path.name for path in folder.iterdir()} == {"request.json", "progress.json", "cancel"}


def test_a_file_is_written_only_where_the_dashboard_may(allowed: Path, tmp_path: Path) -> None:
    assert new_file(f" {allowed}/all.zip ") == allowed / "all.zip"
    (allowed / "there.zip").touch()
    (allowed / "out").symlink_to(tmp_path)
    for typed, words in {
        f"{allowed}/there.zip": "is there already",
        f"{allowed}/nowhere/all.zip": "There is no folder",
        f"{tmp_path}/all.zip": "Expected a full path inside",
        f"{allowed}/../all.zip": "Expected a full path inside",
        f"{allowed}/out/all.zip": "Expected a full path inside",
        "all.zip": "Expected a full path inside",
        "": "Expected a full path inside",
        "a\0b": "Expected a full path inside",
    }.items():
        with pytest.raises(UserError, match=words):
            new_file(typed)


def test_another_workspace_holds_nothing_else(
    allowed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Workspace.open(allowed / "here")
    (allowed / "empty").mkdir()
    (allowed / "full").mkdir()
    (allowed / "full" / "letter.txt").write_text("dear")
    (allowed / "program" / "datasets").mkdir(parents=True)
    monkeypatch.setattr(places, "PROJECT_ROOT", allowed / "handful")
    for fine in ("new/deep", "empty", "here", "handful/data/other"):
        assert other_workspace(f"{allowed}/{fine}", here).root == allowed / fine
    assert not (allowed / "new").exists()
    for typed, words in {
        f"{allowed}/full": "holds other things",
        f"{allowed}/full/letter.txt": "holds other things",
        f"{allowed}/program": "holds other things",
        f"{allowed}/handful/ssl_core/methods/evil": "lies inside the program",
        f"{here.root}/datasets/mine": "lies inside the open workspace",
        f"{tmp_path}/other": "Expected a full path inside",
    }.items():
        with pytest.raises(UserError, match=words):
            other_workspace(typed, here)
