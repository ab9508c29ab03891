"""A workspace -> one zip archive: datasets with their labels, runs, predictions."""

import hashlib
import os
import shutil
import sqlite3
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ssl_core.errors import UserError
from ssl_core.files import sync_folder
from ssl_core.packing.manifest import (
    BLOCK,
    DATASETS,
    LEFT_OUT,
    MANIFEST,
    PACKED,
    PREDICTIONS,
    RUNS,
    Manifest,
    PackedFile,
)
from ssl_core.packing.progress import Counter, Progress
from ssl_core.predictions.jobs import prediction_progress
from ssl_core.predictions.request import is_prediction
from ssl_core.runs.folder import REQUEST, RunFolder
from ssl_core.runs.status import FINAL_STATES
from ssl_core.runs.supervision import process_alive, true_status
from ssl_core.runs.version import code_version
from ssl_core.workspace import Workspace

_DATABASE_ENDINGS = (".sqlite",)
_BESIDE_A_DATABASE = (".sqlite-wal", ".sqlite-shm", ".sqlite-journal")
_ATTEMPTS_SECONDS = 30.0  # that a busy database is waited for


@dataclass
class _Found:
    """What to pack, each a folder or a file of its own; what not, in sentences for a person."""

    units: list[Path] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def pack_workspace(
    workspace: Workspace, target: Path, progress: Progress = lambda done, total: None
) -> Manifest:
    """Write the whole workspace to the zip archive `target`, whole or not at all.

    Runs that still go on are left out. Databases are copied as they are at one moment, while
    people go on labelling. Raises UserError.
    """
    if _would_be_packed(workspace, target):
        raise UserError(
            f"{target} lies inside the workspace that is packed. Choose a file outside of it."
        )
    found = _found(workspace)
    if not found.units:
        raise UserError(f"The workspace {workspace.root} holds nothing to pack.")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        files = _write(workspace, found, part, progress)
        os.replace(part, target)
        sync_folder(target.parent)
    except FileNotFoundError as error:
        raise UserError(
            f"{error.filename} went away while the workspace was packed. Pack it again."
        ) from error
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UserError(f"The workspace could not be packed into {target}: {reason}.") from error
    finally:
        part.unlink(missing_ok=True)
    return files


def what_is_packed(workspace: Workspace) -> tuple[list[str], int, list[str]]:
    """Units, `datasets/mnist` for one, their bytes together, and what is left out in sentences.

    Raises UserError where something is deleted at this moment.
    """
    try:
        found = _found(workspace)
        total = sum(path.stat().st_size for unit in found.units for path in _files_in(unit))
    except FileNotFoundError as error:
        raise UserError(f"{error.filename} went away meanwhile. Look again.") from error
    units = [unit.relative_to(workspace.root).as_posix() for unit in found.units]
    return units, total, found.left_out


def _would_be_packed(workspace: Workspace, target: Path) -> bool:
    resolved = target.resolve()
    if not resolved.is_relative_to(workspace.root):
        return False
    return resolved.relative_to(workspace.root).parts[0] not in LEFT_OUT


def _found(workspace: Workspace) -> _Found:
    found = _Found()
    for top in sorted(workspace.root.iterdir()):
        if not top.is_dir() or top.is_symlink() or top.name in LEFT_OUT or top.name.startswith("."):
            continue
        if top.name not in PACKED:
            found.left_out.append(f"The folder {top.name} is no part of a workspace.")
            continue
        for folder in sorted(top.iterdir()):
            if folder.is_symlink() or folder.name.startswith("."):
                continue
            reason = _reason_to_leave(workspace, top.name, folder)
            if reason:
                found.left_out.append(reason)
            else:
                found.units.append(folder)
    return found


def _reason_to_leave(workspace: Workspace, room: str, folder: Path) -> str:
    """Why something is not packed, in a sentence; "" where it is."""
    if room == RUNS:
        return _run_to_leave(folder)
    if room == DATASETS and not (folder / "dataset.json").is_file():
        return f"The dataset {folder.name} is not whole."
    if room == PREDICTIONS and not is_prediction(folder):
        return f"The prediction {folder.name} is not whole."
    if room == PREDICTIONS and prediction_progress(workspace, folder.name).state != "finished":
        return f"The prediction {folder.name} did not finish."
    return ""


def _run_to_leave(folder: Path) -> str:
    if not (folder / REQUEST).is_file():
        return f"The run {folder.name} is not whole."
    run = RunFolder(folder)
    try:
        ended = true_status(run).state in FINAL_STATES and not process_alive(run)
    except UserError as error:
        return str(error)
    return "" if ended else f"The run {folder.name} still goes on; pack again when it has ended."


def _write(workspace: Workspace, found: _Found, part: Path, progress: Progress) -> Manifest:
    paths = [path for unit in found.units for path in _files_in(unit)]
    total = sum(path.stat().st_size for path in paths)
    free = shutil.disk_usage(part.parent).free
    if total > free:
        raise UserError(
            f"The workspace has {total / 1e6:,.0f} MB, and the disk of {part.parent} has "
            f"{free / 1e6:,.0f} MB free. Make room, or write the archive to another disk."
        )
    counter = Counter(total, progress)
    packed: list[PackedFile] = []
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in paths:
            name = path.relative_to(workspace.root).as_posix()
            with _steady(path) as source:
                packed.append(_add(archive, source, name, counter))
        manifest = Manifest(
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            code_version=code_version(),
            files=tuple(packed),
            left_out=tuple(found.left_out),
        )
        archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
    with part.open("rb") as stream:
        os.fsync(stream.fileno())
    return manifest


def _files_in(folder: Path) -> Iterator[Path]:
    """Plain files in order, without links and what belongs to an open database."""
    for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
        if path.is_file() and not path.is_symlink() and not path.name.endswith(_BESIDE_A_DATABASE):
            yield path


@contextmanager
def _steady(path: Path) -> Iterator[Path]:
    """The file itself; of a database a copy as it is at one moment."""
    if not path.name.endswith(_DATABASE_ENDINGS):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="handful-pack-") as folder:
        copy = Path(folder) / path.name
        with (
            closing(sqlite3.connect(path, timeout=_ATTEMPTS_SECONDS)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
            # A file of its own, without a log beside it, whatever mode the original is in.
            target.execute("PRAGMA journal_mode=DELETE")
        yield copy


def _add(archive: zipfile.ZipFile, source: Path, name: str, counter: Counter) -> PackedFile:
    digest, size = hashlib.sha256(), 0
    entry = zipfile.ZipInfo(name, time.localtime(max(source.stat().st_mtime, 315619200))[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    with source.open("rb") as stream, archive.open(entry, "w", force_zip64=True) as packed:
        while block := stream.read(BLOCK):
            digest.update(block)
            size += len(block)
            packed.write(block)
            counter.add(len(block))
    return PackedFile(path=name, bytes=size, sha256=digest.hexdigest())
