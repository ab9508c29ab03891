"""The archive of a workspace -> a workspace: everything checked first, whole or not at all."""

import hashlib
import os
import shutil
import stat
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import ValidationError

from ssl_core.errors import UserError
from ssl_core.files import DAMAGED_ARCHIVE, sync_folder
from ssl_core.packing.manifest import (
    BLOCK,
    FORMAT,
    MANIFEST,
    STUDIES,
    Manifest,
    PackedFile,
    is_safe,
    unit_of,
)
from ssl_core.packing.progress import Counter, Progress
from ssl_core.studies.progress import pause_study, study_progress
from ssl_core.studies.study import list_studies
from ssl_core.workspace import Workspace

_MANIFEST_BYTES = 200_000_000  # of a million files and more
_REMARKS_BYTES, _ENTRY_BYTES = 1_000_000, 5_000  # a list is not longer than what it lists
_SPARE = 10**8  # bytes that stay free on the disk
_STAGED = ".unpack-"
_OLD_SECONDS = 24 * 3600.0


def unpack_workspace(
    source: Path, workspace: Workspace, progress: Progress = lambda done, total: None
) -> Manifest:
    """Bring everything in the archive `source` into `workspace`.

    Nothing that is there is replaced: where a name is taken, nothing is unpacked. A study that
    lacks runs is paused, so that no training starts by itself here. Raises UserError.
    """
    with _told(source, workspace), zipfile.ZipFile(source) as archive:
        manifest = _manifest(archive, source)
        units = units_of(manifest)
        _sweep(workspace)
        _refuse_taken(workspace, units)
        _check_room(workspace, manifest)
        with tempfile.TemporaryDirectory(dir=workspace.root, prefix=_STAGED) as folder:
            staged = Path(folder)
            _unpack(archive, manifest, staged, progress)
            _move(staged, workspace, units)
    _pause_studies(workspace, units)
    return manifest


def read_manifest(source: Path, workspace: Workspace) -> Manifest:
    """What lies in the archive `source`, before it is unpacked into `workspace`.

    Raises UserError where it is no archive of a workspace.
    """
    with _told(source, workspace), zipfile.ZipFile(source) as archive:
        return _manifest(archive, source)


def units_of(manifest: Manifest) -> list[str]:
    """What is taken or left as a whole, in order; `datasets/mnist` for one."""
    return sorted({unit_of(file.path) for file in manifest.files})


def taken_units(workspace: Workspace, units: Sequence[str]) -> list[str]:
    """Those that the workspace has already."""
    return [unit for unit in units if os.path.lexists(workspace.root / unit)]


@contextmanager
def _told(source: Path, workspace: Workspace) -> Iterator[None]:
    """What goes wrong with an archive as a UserError."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"{source} could not be unpacked into {workspace.root}: {error.strerror or error}. "
            "Nothing was unpacked."
        ) from error
    except (KeyError, *DAMAGED_ARCHIVE) as error:
        reason = f" ({error})" if str(error) else ""
        raise UserError(
            f"{source} is no archive of a workspace, or it is damaged{reason}. Expected a file "
            "that the verb pack wrote: copy it again."
        ) from error


def _manifest(archive: zipfile.ZipFile, source: Path) -> Manifest:
    """The list of files, checked against what the archive holds. Raises UserError."""
    entries = {entry.filename: entry for entry in archive.infolist()}
    most = min(_MANIFEST_BYTES, _REMARKS_BYTES + _ENTRY_BYTES * len(entries))
    if MANIFEST not in entries or entries[MANIFEST].file_size > most:
        raise UserError(
            f"{source} holds no {MANIFEST}, so it was cut off or is another kind of archive. "
            "Expected a file that the verb pack wrote."
        )
    try:
        manifest = Manifest.model_validate_json(archive.read(MANIFEST))
    except ValidationError as error:
        raise UserError(f"The list of files in {source} is damaged. Copy it again.") from error
    if manifest.format > FORMAT:
        raise UserError(f"{source} was written by a newer Handful. Update this one first.")
    listed = [file.path for file in manifest.files]
    if len(archive.infolist()) != len(listed) + 1 or set(entries) != {*listed, MANIFEST}:
        raise UserError(f"{source} does not hold the files that it lists. Copy it again.")
    for file in manifest.files:
        kind = stat.S_IFMT(entries[file.path].external_attr >> 16)
        if not is_safe(file.path) or kind not in (0, stat.S_IFREG):
            raise UserError(
                f"{source} holds {file.path[:100]!r}, which is no part of a workspace, would lie "
                "outside of it or is no plain file. It was not written by the verb pack: do not "
                "use it."
            )
    return manifest


def _sweep(workspace: Workspace) -> None:
    """Remove what an unpacking that was killed left behind more than a day ago."""
    for path in workspace.root.glob(f"{_STAGED}*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _OLD_SECONDS:
                shutil.rmtree(path, ignore_errors=True)


def _refuse_taken(workspace: Workspace, units: Sequence[str]) -> None:
    taken = taken_units(workspace, units)
    if taken:
        listed = ", ".join(taken[:5]) + (f" and {len(taken) - 5} more" if len(taken) > 5 else "")
        raise UserError(
            f"The workspace {workspace.root} has {listed} already, and nothing is replaced. "
            "Delete them, or unpack into another workspace."
        )


def _check_room(workspace: Workspace, manifest: Manifest) -> None:
    needed = sum(file.bytes for file in manifest.files)
    free = shutil.disk_usage(workspace.root).free - _SPARE
    if needed > free:
        raise UserError(
            f"The archive unpacks to {needed / 1e6:,.0f} MB, and the disk of {workspace.root} has "
            f"{max(0, free) / 1e6:,.0f} MB to spare. Make room, or choose another disk."
        )


def _unpack(archive: zipfile.ZipFile, manifest: Manifest, staged: Path, progress: Progress) -> None:
    counter = Counter(sum(file.bytes for file in manifest.files), progress)
    for file in manifest.files:
        target = staged / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(archive, file, target, counter)


def _copy(archive: zipfile.ZipFile, file: PackedFile, target: Path, counter: Counter) -> None:
    """Unpack one file and compare it with the list; never more bytes than are listed."""
    digest, left = hashlib.sha256(), file.bytes
    with archive.open(file.path) as packed, target.open("xb") as stream:
        while block := packed.read(min(BLOCK, left + 1)):
            left -= len(block)
            if left < 0:
                break
            digest.update(block)
            stream.write(block)
            counter.add(len(block))
        stream.flush()
        os.fsync(stream.fileno())
    if left != 0 or digest.hexdigest() != file.sha256:
        raise UserError(
            f"The file {file.path} in the archive is damaged: its size or checksum is not the one "
            "listed. Nothing was unpacked; copy the archive again."
        )


def _move(staged: Path, workspace: Workspace, units: Sequence[str]) -> None:
    """Put all in place; where one cannot be, those before it are taken back."""
    moved: list[Path] = []
    try:
        for unit in units:
            target = workspace.root / unit
            target.parent.mkdir(exist_ok=True)
            os.rename(staged / unit, target)
            moved.append(target)
    except OSError as error:
        for target in moved:
            shutil.rmtree(target, ignore_errors=True)
        raise UserError(
            f"{unit} could not be put into {workspace.root}: {error.strerror}. Nothing was "
            "unpacked."
        ) from error
    for folder in {target.parent for target in moved}:
        sync_folder(folder)


def _pause_studies(workspace: Workspace, units: Sequence[str]) -> None:
    for study in list_studies(workspace):
        came_along = f"{STUDIES}/{study.name}" in units
        if came_along and study_progress(workspace, study).missing:
            pause_study(workspace, study.name)
