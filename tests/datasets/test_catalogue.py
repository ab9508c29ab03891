"""Downloads: checked, told plainly when they fail, nothing half-downloaded stays."""

import gzip
import hashlib
import io
import socket
import tarfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from source_files import is_clean, ramp

from ssl_core.datasets import catalogue, download, fetch_keras
from ssl_core.datasets.catalogue import CATALOGUE, CatalogueEntry, OfficialFile, catalogue_entry
from ssl_core.datasets.dataset import open_dataset
from ssl_core.datasets.decoder import CancelledError
from ssl_core.datasets.download import MIRROR_VARIABLE
from ssl_core.datasets.importer import ImportProgress, ImportSource, run_import
from ssl_core.errors import UserError
from ssl_core.workspace import Workspace


class Handler(SimpleHTTPRequestHandler):
    """Serves files; one called cut.* ends before its announced length."""

    cut = False

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def copyfile(self, source: io.BufferedIOBase, outputfile: io.BufferedIOBase) -> None:
        content = source.read()
        outputfile.write(content[: len(content) // 2] if Handler.cut else content)


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that a server on this machine offers, set as the mirror."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    monkeypatch.setattr(Handler, "cut", False)
    for name in (
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv(MIRROR_VARIABLE, f"http://127.0.0.1:{server.server_port}/")
    yield folder
    server.shutdown()
    server.server_close()


def md5(path: Path) -> str:
    return "md5:" + hashlib.md5(path.read_bytes()).hexdigest()


def offer(monkeypatch: pytest.MonkeyPatch, key: str, *paths: Path) -> None:
    """Let the catalogue entry `key` consist of these files, with their true checksums."""
    entry = catalogue_entry(f"catalogue:{key}")
    assert entry is not None
    files = tuple(
        OfficialFile(address=f"http://official.invalid/{path.name}", checksum=md5(path))
        for path in paths
    )
    changed = tuple(
        known.model_copy(update={"files": files}) if known.key == key else known
        for known in CATALOGUE
    )
    monkeypatch.setattr(catalogue, "CATALOGUE", changed)


def offer_svhn(mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for stem, count in (("train", 6), ("test", 4)):
        arrays = {
            "X": ramp(count, 32, 32, 3).transpose(1, 2, 3, 0),
            "y": np.arange(1, count + 1, dtype=np.uint8)[:, None],
        }
        scipy.io.savemat(mirror / f"{stem}_32x32.mat", arrays)
    offer(monkeypatch, "svhn", mirror / "train_32x32.mat", mirror / "test_32x32.mat")


def test_svhn_is_downloaded_checked_and_kept(
    workspace: Workspace, mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer_svhn(mirror, monkeypatch)
    seen: list[ImportProgress] = []
    source = ImportSource(location="catalogue:svhn", name="SVHN")
    manifest = run_import(workspace, source, seen.append)
    assert manifest.splits == {"train": 6, "test": 4}
    assert np.array_equal(open_dataset(workspace, "svhn").images[:6], ramp(6, 32, 32, 3))
    assert any("downloading train_32x32.mat" in progress.phase for progress in seen)
    for file in mirror.iterdir():
        file.unlink()
    with pytest.raises(UserError, match="already here"):
        run_import(workspace, source.model_copy(update={"name": "again"}))


def test_a_wrong_checksum_is_refused(
    workspace: Workspace, mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer_svhn(mirror, monkeypatch)
    with (mirror / "test_32x32.mat").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(UserError, match=r"SVHN.*checksum of test_32x32\.mat"):
        run_import(workspace, ImportSource(location="catalogue:svhn", name="SVHN"))
    kept = [path.name for path in (workspace.downloads / "svhn").iterdir()]
    assert kept == ["train_32x32.mat"]
    assert is_clean(workspace)


@pytest.mark.parametrize("problem", ["cut", "missing"])
def test_a_cut_or_missing_file_is_told(
    workspace: Workspace, mirror: Path, monkeypatch: pytest.MonkeyPatch, problem: str
) -> None:
    offer_svhn(mirror, monkeypatch)
    monkeypatch.setattr(Handler, "cut", problem == "cut")
    if problem == "missing":
        (mirror / "train_32x32.mat").unlink()
    with pytest.raises(UserError, match="SVHN"):
        run_import(workspace, ImportSource(location="catalogue:svhn", name="SVHN"))
    assert not list((workspace.downloads / "svhn").iterdir())


def test_cancelling_a_download_leaves_nothing(
    workspace: Workspace, mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mirror / "train_32x32.mat").write_bytes(bytes(3 << 20))
    offer(monkeypatch, "svhn", mirror / "train_32x32.mat")
    with pytest.raises(CancelledError):
        run_import(
            workspace,
            ImportSource(location="catalogue:svhn", name="SVHN"),
            lambda _: None,
            lambda: True,
        )
    assert not list((workspace.downloads / "svhn").iterdir())


def test_stl10_is_unpacked(
    workspace: Workspace, mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = ramp(3, 96, 96, 3)
    members = {
        "train_X.bin": images[:1],
        "test_X.bin": images[1:2],
        "unlabeled_X.bin": images[2:],
    }
    contents = {name: part.transpose(0, 3, 2, 1).tobytes() for name, part in members.items()}
    contents |= {"train_y.bin": b"\1", "test_y.bin": b"\2", "class_names.txt": b"a\nb\n"}
    archive = mirror / "stl10_binary.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        for name, content in contents.items():
            info = tarfile.TarInfo(f"stl10_binary/{name}")
            info.size = len(content)
            packed.addfile(info, io.BytesIO(content))
    offer(monkeypatch, "stl10", archive)
    manifest = run_import(workspace, ImportSource(location="catalogue:stl10", name="STL-10"))
    assert manifest.splits == {"train": 1, "test": 1, "unlabelled": 1}
    assert np.array_equal(open_dataset(workspace, "stl-10").images, images)
    assert not (workspace.downloads / "stl10" / "stl10_binary.tar.gz").exists()


@pytest.mark.slow
def test_keras_sets_come_through_a_process_of_their_own(workspace: Workspace, mirror: Path) -> None:
    counts = {"train": 6, "t10k": 3}
    for stem, count in counts.items():
        images = ramp(count, 28, 28)
        header = bytes([0, 0, 8, 3]) + np.array([count, 28, 28], ">u4").tobytes()
        name = f"{stem}-images-idx3-ubyte.gz"
        (mirror / name).write_bytes(gzip.compress(header + images.tobytes()))
        header = bytes([0, 0, 8, 1]) + np.array([count], ">u4").tobytes()
        labels = gzip.compress(header + bytes(range(count)))
        (mirror / f"{stem}-labels-idx1-ubyte.gz").write_bytes(labels)
    source = ImportSource(location="catalogue:fashion_mnist", name="Fashion")
    manifest = run_import(workspace, source)
    assert manifest.splits == {"train": 6, "test": 3}
    assert manifest.classes[0] == "T-shirt/top"
    dataset = open_dataset(workspace, "fashion")
    assert np.array_equal(dataset.images[:6, ..., 0], ramp(6, 28, 28))
    assert dataset.reference_labels.tolist() == [0, 1, 2, 3, 4, 5, 0, 1, 2]
    assert [path.name for path in workspace.downloads.iterdir()] == ["fashion_mnist.npz"]


def test_no_network_is_told_within_seconds(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no route")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(download.urllib.request, "getproxies", dict)
    for entry in (one for one in CATALOGUE if one.megabytes):
        began = time.monotonic()
        source = ImportSource(location=f"catalogue:{entry.key}", name="x")
        with pytest.raises(UserError) as error:
            run_import(workspace, source)
        assert time.monotonic() - began < 8
        assert "there is no network connection" in str(error.value)
        assert entry.title in str(error.value)
    assert is_clean(workspace)


def test_every_entry_says_what_a_person_needs() -> None:
    assert [entry.key for entry in CATALOGUE] == [
        "sample",
        "posts",
        "headlines",
        "mnist",
        "fashion_mnist",
        "cifar10",
        "cifar100",
        "svhn",
        "stl10",
    ]
    for entry in CATALOGUE:
        assert isinstance(entry, CatalogueEntry)
        assert all((entry.title, entry.description, entry.licence))
        assert entry.address or entry.kind == "texts"
        assert entry.items > 0
    with pytest.raises(UserError, match="Known: sample, posts"):
        catalogue_entry("catalogue:imagenet")


def test_class_names_are_complete() -> None:
    lengths = {key: len(set(names)) for key, names in fetch_keras.CLASS_NAMES.items()}
    assert lengths == {"mnist": 10, "fashion_mnist": 10, "cifar10": 10, "cifar100": 100}
    assert fetch_keras.CLASS_NAMES["cifar100"] == sorted(fetch_keras.CLASS_NAMES["cifar100"])
