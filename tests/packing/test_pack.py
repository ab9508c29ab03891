"""A workspace packed and brought back: everything equal, nothing half, nothing outside."""

import hashlib
import json
import os
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ssl_core.datasets.dataset import Dataset, list_datasets, open_dataset
from ssl_core.errors import UserError
from ssl_core.labels.draw import draw_labels
from ssl_core.labels.store import open_labels
from ssl_core.packing.manifest import MANIFEST, Manifest, PackedFile, is_safe
from ssl_core.packing.pack import pack_workspace, what_is_packed
from ssl_core.packing.unpack import unpack_workspace
from ssl_core.runs.folder import open_run
from ssl_core.workspace import Workspace
from tests.pages.fake_runs import fake_run

MakeDataset = Callable[..., Dataset]


@pytest.fixture
def dataset(make_dataset: MakeDataset) -> Dataset:
    made = make_dataset()
    draw_labels(made, open_labels(made), 3, 0)
    return made


@pytest.fixture
def other(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "other")


def events_of(dataset: Dataset) -> list[tuple[object, ...]]:
    with sqlite3.connect(dataset.folder / "labels.sqlite") as database:
        return database.execute("SELECT * FROM events ORDER BY 1").fetchall()


def names_in(workspace: Workspace) -> list[str]:
    return sorted(
        path.relative_to(workspace.root).as_posix()
        for path in workspace.root.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    )


def packed(workspace: Workspace, target: Path) -> Manifest:
    return pack_workspace(workspace, target)


def forged(path: Path, files: dict[str, bytes], link: str = "") -> Path:
    """An archive with a true list of `files`; `link` is said to be a symbolic one."""
    listed = tuple(
        PackedFile(path=name, bytes=len(body), sha256=hashlib.sha256(body).hexdigest())
        for name, body in files.items()
    )
    manifest = Manifest(created="2026-01-01T00:00:00+00:00", code_version="x", files=listed)
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = ((stat.S_IFLNK if name == link else stat.S_IFREG) | 0o644) << 16
            archive.writestr(entry, body)
        archive.writestr(MANIFEST, manifest.model_dump_json())
    return path


def test_fingerprints_labels_runs_and_predictions_come_back_equal(
    workspace: Workspace, dataset: Dataset, other: Workspace, tmp_path: Path
) -> None:
    fake_run(workspace, dataset, "run-1")
    (workspace.downloads / "big.gz").write_bytes(b"can be fetched again")
    (workspace.root / "mine").mkdir()
    (workspace.root / "mine" / "letter.txt").write_text("dear")
    kept = workspace.root / "studies" / "one.json"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("{}")
    seen: list[tuple[int, int]] = []
    archive = tmp_path / "all.zip"
    pack_workspace(workspace, archive, lambda done, total: seen.append((done, total)))
    manifest = unpack_workspace(archive, other)
    back = open_dataset(other, dataset.identifier)
    assert back.manifest == dataset.manifest
    parts = (back.images, back.splits, back.reference_labels)
    content = b"".join(np.asarray(part).tobytes() for part in parts)
    assert hashlib.sha256(content).hexdigest() == back.manifest.fingerprint
    assert events_of(back) == events_of(dataset)
    assert open_labels(back).total() == open_labels(dataset).total() == 9
    before, after = open_run(workspace, "run-1"), open_run(other, "run-1")
    assert after.request() == before.request()
    assert after.status() == before.status()
    assert after.metrics() == before.metrics()
    found, expected = after.predictions(), before.predictions()
    assert found is not None
    assert expected is not None
    np.testing.assert_array_equal(found, expected)
    assert manifest.left_out == ("The folder mine is no part of a workspace.",)
    assert "studies/one.json" in names_in(other)
    assert "downloads/big.gz" not in names_in(other)
    assert names_in(other) == sorted(file.path for file in manifest.files)
    assert seen[-1][0] == seen[-1][1]
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_labels_given_while_it_is_packed_make_no_half_database(
    workspace: Workspace, dataset: Dataset, other: Workspace, tmp_path: Path
) -> None:
    writer = sqlite3.connect(dataset.folder / "labels.sqlite")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM events")
    try:
        packed(workspace, tmp_path / "all.zip")
    finally:
        writer.rollback()
        writer.close()
    unpack_workspace(tmp_path / "all.zip", other)
    assert events_of(open_dataset(other, dataset.identifier)) == events_of(dataset)


def test_a_run_that_goes_on_is_left_out_with_a_word(
    workspace: Workspace, dataset: Dataset, tmp_path: Path
) -> None:
    fake_run(workspace, dataset, "done")
    fake_run(workspace, dataset, "going", state="running", share_done=0.5, alive=True)
    manifest = packed(workspace, tmp_path / "all.zip")
    assert manifest.left_out == ("The run going still goes on; pack again when it has ended.",)
    assert not any("going" in file.path for file in manifest.files)
    assert any(file.path.startswith("runs/done/") for file in manifest.files)


def test_a_name_that_is_taken_stops_everything(
    workspace: Workspace, dataset: Dataset, other: Workspace, tmp_path: Path
) -> None:
    fake_run(workspace, dataset, "run-1")
    packed(workspace, tmp_path / "all.zip")
    (other.runs / "run-1").mkdir()
    with pytest.raises(UserError, match="has runs/run-1 already"):
        unpack_workspace(tmp_path / "all.zip", other)
    assert names_in(other) == []
    assert not list(other.datasets.iterdir())


@pytest.mark.parametrize(
    "name",
    [
        "../outside.txt",
        "/tmp/e.txt",
        "datasets/../../outside.txt",
        "datasets\\..\\x",
        "datasets/C:/x",
        "handful.txt",
        "locks/cpu.lock",
        "datasets//x",
        "datasets/.hidden/x",
        ".hidden/x/y",
        "methods/evil/spec.py",
    ],
)
def test_a_path_that_leads_out_is_refused(name: str, other: Workspace, tmp_path: Path) -> None:
    assert not is_safe(name)
    archive = forged(tmp_path / "bad.zip", {"datasets/a/dataset.json": b"{}", name: b"evil"})
    with pytest.raises(UserError, match="do not use it"):
        unpack_workspace(archive, other)
    assert names_in(other) == []
    assert not (tmp_path / "outside.txt").exists()


def test_a_link_is_refused(other: Workspace, tmp_path: Path) -> None:
    archive = forged(tmp_path / "a.zip", {"datasets/a/x": b"/etc/passwd"}, link="datasets/a/x")
    with pytest.raises(UserError, match="no plain file"):
        unpack_workspace(archive, other)
    good = forged(tmp_path / "b.zip", {"datasets/a/x": b"plain"})
    unpack_workspace(good, other)
    assert names_in(other) == ["datasets/a/x"]


def test_a_changed_byte_and_a_cut_archive_are_seen(
    workspace: Workspace, dataset: Dataset, other: Workspace, tmp_path: Path
) -> None:
    archive = forged(tmp_path / "a.zip", {"datasets/a/x": b"one", "datasets/a/y": b"two"})
    with zipfile.ZipFile(archive) as whole:
        manifest = json.loads(whole.read(MANIFEST))
    manifest["files"][1]["sha256"] = "0" * 64
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as changed:
        changed.writestr("datasets/a/x", b"one")
        changed.writestr("datasets/a/y", b"two")
        changed.writestr(MANIFEST, json.dumps(manifest))
    with pytest.raises(UserError, match="checksum is not the one listed"):
        unpack_workspace(tmp_path / "b.zip", other)
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as short:
        short.writestr("datasets/a/x", b"one")
        short.writestr(MANIFEST, json.dumps(manifest))
    with pytest.raises(UserError, match="does not hold the files"):
        unpack_workspace(tmp_path / "c.zip", other)
    content = archive.read_bytes()
    (tmp_path / "d.zip").write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match="no archive of a workspace"):
        unpack_workspace(tmp_path / "d.zip", other)
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as images:
        images.writestr("a.png", b"x")
    with pytest.raises(UserError, match=r"holds no handful\.json"):
        unpack_workspace(tmp_path / "e.zip", other)
    assert names_in(other) == []


def test_a_size_below_nothing_makes_no_room(other: Workspace, tmp_path: Path) -> None:
    archive = forged(tmp_path / "a.zip", {"datasets/a/x": b"one", "datasets/a/y": b"two"})
    with zipfile.ZipFile(archive) as whole:
        manifest = json.loads(whole.read(MANIFEST))
    manifest["files"][1]["bytes"] = -(10**15)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as changed:
        changed.writestr("datasets/a/x", b"one")
        changed.writestr("datasets/a/y", b"two")
        changed.writestr(MANIFEST, json.dumps(manifest))
    with pytest.raises(UserError, match=r"list of files in .* is damaged"):
        unpack_workspace(tmp_path / "b.zip", other)
    assert names_in(other) == []


def test_a_list_that_is_longer_than_its_archive_is_not_read(
    other: Workspace, tmp_path: Path
) -> None:
    """A small file could otherwise fill the memory of the server with what it says it holds."""
    archive = forged(tmp_path / "a.zip", {"datasets/a/x": b"one"})
    with zipfile.ZipFile(archive) as whole:
        manifest = json.loads(whole.read(MANIFEST))
    manifest["files"] *= 10_000
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as changed:
        changed.writestr("datasets/a/x", b"one")
        changed.writestr(MANIFEST, json.dumps(manifest))
    with pytest.raises(UserError, match=r"holds no handful\.json"):
        unpack_workspace(tmp_path / "b.zip", other)


def test_what_a_killed_unpacking_left_goes_after_a_day(other: Workspace, tmp_path: Path) -> None:
    old, new = other.root / ".unpack-old", other.root / ".unpack-new"
    for folder in (old, new):
        (folder / "datasets").mkdir(parents=True)
    os.utime(old, (0, 0))
    unpack_workspace(forged(tmp_path / "a.zip", {"datasets/a/x": b"one"}), other)
    assert not old.exists()
    assert new.exists()


@pytest.mark.parametrize("called", ["b", "../../outside"])
def test_a_dataset_that_is_called_after_another_folder_is_not_opened(
    workspace: Workspace, dataset: Dataset, other: Workspace, tmp_path: Path, called: str
) -> None:
    described = dataset.manifest.model_copy(update={"identifier": called}).model_dump_json()
    archive = forged(tmp_path / "a.zip", {"datasets/a/dataset.json": described.encode()})
    unpack_workspace(archive, other)
    assert list_datasets(other) == []
    with pytest.raises(UserError, match="cannot be read"):
        open_dataset(other, "a")


def test_what_is_deleted_while_it_is_counted_is_told(
    workspace: Workspace, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = workspace.runs / "gone"
    monkeypatch.setattr("ssl_core.packing.pack._files_in", lambda _: [gone])
    with pytest.raises(UserError, match="gone went away meanwhile"):
        what_is_packed(workspace)


def test_what_cannot_be_packed_is_told(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing to pack"):
        packed(workspace, tmp_path / "all.zip")
    with pytest.raises(UserError, match="lies inside"):
        packed(workspace, workspace.root / "all.zip")
    assert not list(tmp_path.glob("*.zip"))
