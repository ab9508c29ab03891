"""Fetching the image sets of the catalogue, each file checked before it is used."""

import os
import shutil
import socket
import subprocess
import sys
import tarfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

from ssl_core.datasets.catalogue import CatalogueEntry, OfficialFile
from ssl_core.datasets.decoder import CancelledError
from ssl_core.datasets.progress import Reporter
from ssl_core.datasets.writer import plain_disk_errors
from ssl_core.errors import UserError
from ssl_core.workspace import PROJECT_ROOT, SAMPLE_FOLDER, Workspace

MIRROR_VARIABLE = "HANDFUL_MIRROR"  # another base address; checksums stay the same
_CHUNK_BYTES = 1 << 18
_TIMEOUT_SECONDS = 20
_REACH_SECONDS = 5.0
_STL10_MEMBERS = [
    "train_X.bin",
    "train_y.bin",
    "test_X.bin",
    "test_y.bin",
    "unlabeled_X.bin",
    "class_names.txt",
]


def fetch(
    entry: CatalogueEntry,
    workspace: Workspace,
    report: Reporter,
    cancelled: Callable[[], bool],
    mirror: str | None = None,
) -> Path:
    """The file or folder of the image set, downloaded unless an earlier download is there.

    mirror: base address to fetch from instead (else $HANDFUL_MIRROR, else the official one).
    Raises UserError without a network, and where a transfer is cut or its checksum is wrong.
    """
    if entry.key == "sample":
        return SAMPLE_FOLDER
    mirror = mirror or os.environ.get(MIRROR_VARIABLE) or None
    with plain_disk_errors(workspace):
        if not entry.files:
            return _fetch_with_keras(entry, workspace, report, cancelled, mirror)
        folder = workspace.downloads / entry.key
        folder.mkdir(exist_ok=True)
        for file in entry.files:
            _fetch_file(entry, file, folder, report, cancelled, mirror)
        if entry.key == "stl10":
            _unpack(folder, report, cancelled)
        return folder


class _Progress:
    """What pooch calls while it downloads: reports, and stops the transfer when cancelled."""

    total = 0

    def __init__(self, title: str, report: Reporter, cancelled: Callable[[], bool]) -> None:
        self._title, self._report, self._cancelled = title, report, cancelled
        self._bytes = 0
        self._begun = False

    def update(self, count: int) -> None:
        if self._cancelled():
            raise CancelledError
        if not self._begun:
            self._begun = True
            self._report.phase(self._title, self.total >> 20)
        self._bytes = min(self._bytes + count, self.total)
        self._report.done(self._bytes >> 20)

    def reset(self) -> None:
        self._bytes = 0

    def close(self) -> None:
        """Nothing is held open."""


def _fetch_file(
    entry: CatalogueEntry,
    file: OfficialFile,
    folder: Path,
    report: Reporter,
    cancelled: Callable[[], bool],
    mirror: str | None,
) -> None:
    # Imported here: only a download needs them, and every page would wait for them.
    import pooch
    from requests.exceptions import RequestException

    name = file.address.rsplit("/", 1)[-1]
    if (folder / name).exists() or _is_unpacked(folder, name):
        return
    address = file.address if mirror is None else f"{mirror.rstrip('/')}/{name}"
    report.phase(f"connecting for {name}", None)
    check_reachable(entry, address)
    bar = _Progress(f"downloading {name} (MB)", report, cancelled)
    downloader = pooch.HTTPDownloader(
        progressbar=bar, chunk_size=_CHUNK_BYTES, timeout=_TIMEOUT_SECONDS
    )
    pooch.get_logger().setLevel("ERROR")
    try:
        pooch.retrieve(address, file.checksum, fname=name, path=folder, downloader=downloader)
    except RequestException as error:
        raise _failed(entry, address, f"the transfer of {name} failed or was cut") from error
    except ValueError as error:
        raise UserError(
            f"The download of {entry.title} was thrown away: the checksum of {name} is not the "
            "published one, so it was cut on the way or changed. Try again later."
        ) from error


def _is_unpacked(folder: Path, name: str) -> bool:
    return name.endswith(".tar.gz") and (folder / _STL10_MEMBERS[-1]).exists()


def _unpack(folder: Path, report: Reporter, cancelled: Callable[[], bool]) -> None:
    """Take the known files out of the STL-10 archive; the list of names comes last."""
    archive = folder / "stl10_binary.tar.gz"
    if _is_unpacked(folder, archive.name):
        return
    report.phase("unpacking", len(_STL10_MEMBERS))
    found = 0
    with tarfile.open(archive) as packed:
        for member in packed:
            name = member.name.rsplit("/", 1)[-1]
            stream = packed.extractfile(member) if name in _STL10_MEMBERS else None
            if stream is None:
                continue
            with (folder / f".{name}").open("wb") as target:
                while block := stream.read(1 << 22):
                    if cancelled():
                        raise CancelledError
                    target.write(block)
            found += 1
            report.done(found)
    for name in _STL10_MEMBERS:
        os.replace(folder / f".{name}", folder / name)
    archive.unlink()


def _fetch_with_keras(
    entry: CatalogueEntry,
    workspace: Workspace,
    report: Reporter,
    cancelled: Callable[[], bool],
    mirror: str | None,
) -> Path:
    """Let `keras.datasets` download in a process of its own: Keras stays out of this one."""
    target = workspace.downloads / f"{entry.key}.npz"
    if target.exists():
        return target
    home = workspace.downloads / "keras"
    cached = any((home / "datasets").glob(f"{entry.key.replace('_', '-')}*"))
    if not cached:
        report.phase(f"connecting for {entry.title}", None)
        check_reachable(entry, mirror or f"https://{entry.host}/")
    report.phase(f"downloading {entry.title} (MB)", entry.megabytes)
    environment = {
        **os.environ,
        "KERAS_HOME": str(home),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        MIRROR_VARIABLE: mirror or "",
    }
    log = workspace.downloads / f"{entry.key}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ssl_core.datasets.fetch_keras", entry.key, str(target)],
            cwd=PROJECT_ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            while process.poll() is None:
                if cancelled():
                    raise CancelledError
                report.done(min(entry.megabytes, _bytes_below(home) >> 20))
                time.sleep(0.2)
        finally:
            process.kill()
            process.wait()
    if process.returncode != 0 or not target.exists():
        shutil.rmtree(home / "datasets", ignore_errors=True)  # a cut file would be found again
        last = (log.read_text("utf-8", "replace").strip().splitlines() or [""])[-1]
        raise _failed(entry, entry.host, f"the download failed or was cut ({last[:200]})")
    shutil.rmtree(home, ignore_errors=True)
    log.unlink()
    return target


def check_reachable(entry: CatalogueEntry, address: str) -> None:
    """Raise UserError within seconds where the address cannot be reached.

    Behind a proxy only the transfer itself can tell.
    """
    if urllib.request.getproxies():
        return
    parts = urllib.parse.urlsplit(address)
    port = parts.port or (80 if parts.scheme == "http" else 443)
    outcome: list[OSError | None] = []

    def connect() -> None:
        try:
            socket.create_connection((parts.hostname, port), _REACH_SECONDS).close()
            outcome.append(None)
        except OSError as error:
            outcome.append(error)

    # In a thread, because looking up a name has no time limit of its own.
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(_REACH_SECONDS + 1)
    if not outcome or outcome[0] is not None:
        raise _failed(entry, address, "there is no network connection to it")


def _failed(entry: CatalogueEntry, address: str, cause: str) -> UserError:
    return UserError(
        f"{entry.title} could not be downloaded from {address}: {cause}. Connect this machine "
        "to the internet and try again, or copy the files to it and import them as your own. The "
        "bundled sample needs no network."
    )


def _bytes_below(folder: Path) -> int:
    try:
        return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    except OSError:
        return 0
