"""Where uploaded files wait for their import, and which uploads are taken."""

import re
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from anyio import to_thread

from ssl_core.errors import UserError
from ssl_core.workspace import Workspace

LARGEST_UPLOAD = 20 * 10**9  # bytes of one file
KEPT_FREE = 10**9  # bytes that stay free on the disk
MOST_FILES = 20_000  # files of one upload
ARRAY_ENDINGS = (".zip", ".npz", ".npy", ".gz", ".mat", ".bin", ".idx", ".csv", ".tsv")
IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
ENDINGS = ARRAY_ENDINGS + IMAGE_ENDINGS  # and IDX files, which have "ubyte" in their name
INSIDE = "uploaded files"  # below the folder of an upload; shown as the source of the dataset
_BATCH = re.compile(r"[a-f0-9]{16,32}")
_PREFIX = "upload-"
_OLD = 24 * 3600  # seconds after which an upload that nobody imported is removed
_LONGEST_PATH = 240  # letters
_DEEPEST = 8  # folders
_BLOCK = 1 << 20  # bytes written at once
_PART = ".part"


def batch_folder(workspace: Workspace, batch: str) -> Path:
    """The folder of one upload; `batch` is made by the browser. Raises UserError."""
    if not _BATCH.fullmatch(batch):
        raise UserError("The upload has no proper number. Reload the page and try again.")
    return workspace.imports / f"{_PREFIX}{batch}"


def checked_path(name: str) -> Path:
    """The relative path of an uploaded file, for example `cats/7.png`. Raises UserError."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    spoiled = any(
        part == ".." or part.startswith(".") or len(part.encode()) > 200 for part in parts
    )
    letters = all(character.isprintable() for character in name)
    if not parts or spoiled or not letters or len(name) > _LONGEST_PATH or len(parts) > _DEEPEST:
        raise UserError(f"The file name {name[:80]!r} cannot be used here. Rename the file.")
    path = Path(*parts)
    if not path.name.lower().endswith(ENDINGS) and "ubyte" not in path.name:
        raise UserError(
            f"{path.name}: this kind of file is not read here. Expected one of {' '.join(ENDINGS)}."
        )
    return path


def check_room(folder: Path, announced: int) -> None:
    """Raise UserError where `announced` bytes are too many for us or for the disk."""
    if announced > LARGEST_UPLOAD:
        raise UserError(
            f"The file has {announced / 1e9:.1f} GB; at most {LARGEST_UPLOAD / 1e9:.0f} GB can be "
            "uploaded. Copy it to the machine and give its path instead."
        )
    free = shutil.disk_usage(folder).free
    if announced > free - KEPT_FREE:
        raise UserError(
            f"The disk has {free / 1e9:.1f} GB free, not enough for this file. Make room first."
        )


async def receive(folder: Path, path: Path, chunks: AsyncIterator[bytes]) -> int:
    """Write an upload to `folder / path` as it arrives; returns its bytes.

    A part of a file never stays: it has another name until it is whole, and is removed when the
    sender goes away. Raises UserError where it is too big, OSError where the disk fails.
    """
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + _PART)
    written = 0
    try:
        with part.open("wb") as stream:
            block = bytearray()
            async for chunk in chunks:
                block += chunk
                written += len(chunk)
                if len(block) >= _BLOCK:
                    check_room(folder, written)
                    await to_thread.run_sync(stream.write, bytes(block))
                    block.clear()
            stream.write(block)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return written


def uploaded_location(workspace: Workspace, batch: str) -> Path:
    """What to import of an upload: its only file, its only folder, or all of it together."""
    root = batch_folder(workspace, batch) / INSIDE
    entries = [path for path in root.glob("*") if path.suffix != _PART]
    if not entries:
        raise UserError("The upload did not arrive. Choose the files again.")
    return entries[0] if len(entries) == 1 else root


def remove_upload(workspace: Workspace, location: str) -> None:
    """Remove the upload that `location` lies in; nothing where it is no upload."""
    try:
        relative = Path(location).resolve().relative_to(workspace.imports)
    except ValueError:
        return
    if relative.parts and relative.parts[0].startswith(_PREFIX):
        shutil.rmtree(workspace.imports / relative.parts[0], ignore_errors=True)


def remove_old_uploads(workspace: Workspace) -> None:
    """Remove uploads that nobody imported within a day."""
    for folder in workspace.imports.glob(f"{_PREFIX}*"):
        with suppress(FileNotFoundError):  # another request removed it just now
            if time.time() - folder.stat().st_mtime > _OLD:
                shutil.rmtree(folder, ignore_errors=True)
