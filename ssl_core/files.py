"""Paths as typed, and writing files so that a kill leaves the old content or the new."""

import contextlib
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ssl_core.errors import UserError

JsonObject = dict[str, object]
# What zipfile raises for an archive that is cut off or damaged, or, a RuntimeError, is locked by a
# password or packed in a way that it does not know.
DAMAGED_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)


def typed_path(text: str | Path) -> Path:
    """The absolute path that a person typed; ~ is the home folder where there is one.

    Raises UserError for an empty text, which would otherwise mean the current folder.
    """
    if not str(text).strip():
        raise UserError("The path is empty. Type the path of a file or folder.")
    # Path.expanduser raises for the home folder of an unknown person.
    return Path(os.path.expanduser(text)).absolute()


def is_special(path: Path) -> bool:
    """Whether a folder, a device or a pipe lies there; false for a file and for nothing."""
    return os.path.exists(path) and not os.path.isfile(path)  # Path's raise for a long name


def replace_bytes(path: Path, content: bytes) -> None:
    """Replace the file at `path` by `content`, atomically and durably.

    Raises OSError (disk full, read-only folder); the old file is then untouched.
    """
    with replacing(path) as stream:
        stream.write(content)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A stream whose content becomes the file at `path` when the block ends, not before.

    Temporary file in the same folder, fsync, rename, fsync of the folder. Raises OSError (disk
    full, read-only folder); after any exception the old file is untouched.
    """
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename or a new file in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def stamp(path: Path) -> int:
    """Changes when the file at `path` does: nanoseconds; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def write_json(path: Path, payload: JsonObject) -> None:
    """Replace the file at `path` by `payload` as JSON, atomically and durably."""
    replace_bytes(path, json.dumps(payload, indent=1, ensure_ascii=False).encode())


def read_json(path: Path) -> JsonObject:
    """The JSON object in the file at `path`. Raises FileNotFoundError, ValueError."""
    payload = json.loads(path.read_bytes())
    if not isinstance(payload, dict):
        raise ValueError(f"{path.name}: expected a JSON object, got {type(payload).__name__}")
    return payload
