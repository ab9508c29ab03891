"""A dataset is there as a whole or not at all; the same content and the same name are noticed."""

import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from source_files import imported, is_clean, plain_png, ramp, write_tree

from ssl_core.datasets import writer as writer_module
from ssl_core.datasets.dataset import Manifest, delete_dataset, list_datasets, open_dataset
from ssl_core.datasets.description import Description
from ssl_core.datasets.writer import TEMPORARY, DatasetWriter, remove_stale
from ssl_core.errors import UserError
from ssl_core.workspace import PROJECT_ROOT, Workspace

IMAGES = ramp(6, 4, 5, 3)
SPLITS = np.array([0, 0, 0, 1, 1, 2], np.uint8)
REFERENCE = np.array([0, 1, 0, 1, 0, -1], np.int32)


def write(
    workspace: Workspace,
    name: str = "set",
    images: NDArray[np.uint8] = IMAGES,
    reference: NDArray[np.int32] = REFERENCE,
    classes: tuple[str, ...] = ("a", "b"),
) -> Manifest:
    with DatasetWriter(workspace, name) as writer:
        writer.begin((4, 5, 3), 6)
        writer.append(images[:4], [f"{i}.png" for i in range(4)])
        writer.append(images[4:], ["4.png", "ü \u2028 🐱.png"])
        return writer.finish(SPLITS, reference, Description(name, name, "test", classes))


def test_what_is_written_is_read_back(workspace: Workspace) -> None:
    manifest = write(workspace)
    dataset = open_dataset(workspace, "set")
    assert dataset.manifest == manifest
    assert np.array_equal(dataset.images, IMAGES)
    assert np.array_equal(dataset.splits, SPLITS)
    assert np.array_equal(dataset.reference_labels, REFERENCE)
    assert dataset.item_names[5] == "ü \u2028 🐱.png"
    assert manifest.splits == {"train": 3, "test": 2, "unlabelled": 1}
    assert sorted(path.name for path in dataset.folder.iterdir()) == [
        "dataset.json",
        "images.npy",
        "names.idx.npy",
        "names.jsonl",
        "reference.npy",
        "splits.npy",
    ]


def test_the_same_content_is_recognised_under_any_name(workspace: Workspace) -> None:
    write(workspace, "first")
    with pytest.raises(UserError, match="already here, as the dataset 'first'"):
        write(workspace, "second")
    with pytest.raises(UserError, match="already here, as the dataset 'first'"):
        write(workspace, "first")
    assert [manifest.name for manifest in list_datasets(workspace)] == ["first"]


def test_images_with_classes_keep_the_fingerprint_of_before_heads(workspace: Workspace) -> None:
    digest = hashlib.sha256(IMAGES.tobytes())
    digest.update(json.dumps([[4, 5, 3], ["a", "b"]]).encode())
    digest.update(SPLITS.tobytes() + REFERENCE.tobytes())
    assert write(workspace).fingerprint == digest.hexdigest()


@pytest.mark.parametrize("change", ["image", "reference", "classes"])
def test_any_change_gives_another_fingerprint(workspace: Workspace, change: str) -> None:
    images, reference = IMAGES.copy(), REFERENCE.copy()
    images[5, 3, 4, 2] ^= change == "image"
    reference[0] ^= change == "reference"
    classes = ("a", "c") if change == "classes" else ("a", "b")
    first = write(workspace)
    second = write(workspace, "second", images, reference, classes)
    assert first.fingerprint != second.fingerprint


def test_a_taken_name_is_refused_and_the_dataset_untouched(workspace: Workspace) -> None:
    manifest = write(workspace)
    with pytest.raises(UserError, match=r"already a dataset called 'set'.*another name"):
        write(workspace, "set", 255 - IMAGES)
    assert open_dataset(workspace, "set").manifest == manifest
    delete_dataset(workspace, "set")
    assert write(workspace, "set", 255 - IMAGES).count == 6


def test_images_shared_by_train_and_test_are_told(workspace: Workspace) -> None:
    images = IMAGES.copy()
    images[4] = images[0]
    assert "1 of 2 images" in write(workspace, images=images).notes[0]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EROFS, "may not be written to"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_disk_errors_are_told_and_leave_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, code: int, expected: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(writer_module.np, "save", fail)
    with pytest.raises(UserError, match=expected):
        write(workspace)
    assert is_clean(workspace)


def test_a_really_full_disk(workspace: Workspace, tmp_path: Path) -> None:
    """A limit on the size of files stands in for the full disk: the write itself fails."""
    folder = write_tree(
        tmp_path / "source", {f"{i}.png": plain_png(i % 256, (100, 100)) for i in range(40)}
    )
    code = f"""
import resource
from ssl_core.datasets.importer import ImportSource, run_import
from ssl_core.workspace import Workspace
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
source = ImportSource(location={str(folder)!r}, name="x")
run_import(Workspace.open({str(workspace.root)!r}), source)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
    )
    assert "UserError: Nothing was imported" in done.stderr
    assert "disk is full" in done.stderr
    assert is_clean(workspace)


def test_too_little_room_is_told_before_anything_is_read(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "_SPARE_BYTES", 1 << 60)
    with pytest.raises(UserError, match=r"need .* MB but the disk .* MB free"):
        imported(workspace, write_tree(tmp_path / "source", {"a.png": plain_png()}))
    assert is_clean(workspace)


def test_what_a_killed_import_left_is_removed(workspace: Workspace) -> None:
    code = f"""
import time, numpy as np
from ssl_core.datasets.writer import DatasetWriter
from ssl_core.workspace import Workspace
with DatasetWriter(Workspace.open({str(workspace.root)!r}), "job") as writer:
    writer.begin((4, 4, 1), 10)
    writer.append(np.zeros((2, 4, 4, 1), np.uint8), ["a", "b"])
    print("ready", flush=True)
    time.sleep(60)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=PROJECT_ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    left = workspace.datasets / f"{TEMPORARY}job"
    remove_stale(workspace)
    assert left.exists()  # its process lives
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert list_datasets(workspace) == []
    remove_stale(workspace)
    assert not left.exists()


def test_leftovers_without_an_owner_go_after_a_minute(workspace: Workspace) -> None:
    left = workspace.datasets / f"{TEMPORARY}x"
    left.mkdir()
    remove_stale(workspace)
    assert left.exists()
    os.utime(left, (time.time() - 100, time.time() - 100))
    remove_stale(workspace)
    assert not left.exists()


def test_the_header_holds_any_count(workspace: Workspace) -> None:
    header = writer_module._npy_header((5_000_000, 512, 512, 3))
    assert len(header) == writer_module._HEADER_ROOM
    shape = (5_000_000, 512, 512, 3)
    assert json.dumps(shape)[1:-1] in header.decode("latin-1")


def test_a_disk_that_is_full_at_the_start_leaves_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(writer_module, "write_json", full)
    with pytest.raises(UserError, match="disk is full"):
        write(workspace)
    assert is_clean(workspace)


@pytest.mark.parametrize("indexed", [True, False])
def test_single_names_are_found_without_keeping_all(workspace: Workspace, indexed: bool) -> None:
    write(workspace)
    dataset = open_dataset(workspace, "set")
    if indexed:
        assert np.load(dataset.folder / "names.idx.npy").tolist() == [0, 8, 16, 24, 32, 40]
    else:
        (dataset.folder / "names.idx.npy").unlink()  # as an earlier version wrote it
    assert dataset.names_of([5, 0, 3, 5]) == [
        "ü \u2028 🐱.png",
        "0.png",
        "3.png",
        "ü \u2028 🐱.png",
    ]
    assert dataset.names_of([]) == []
    assert "item_names" not in vars(dataset)
