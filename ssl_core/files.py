"""Writing files so that a kill leaves the old content or the new, never a mixture."""

import json
import os
import tempfile
from pathlib import Path

JsonObject = dict[str, object]


def replace_bytes(path: Path, content: bytes) -> None:
    """Replace the file at `path` by `content`, atomically and durably.

    Temporary file in the same folder, fsync, rename, fsync of the folder. Raises OSError (disk
    full, read-only folder); the old file is then untouched.
    """
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
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


def write_json(path: Path, payload: JsonObject) -> None:
    """Replace the file at `path` by `payload` as JSON, atomically and durably."""
    replace_bytes(path, json.dumps(payload, indent=1, ensure_ascii=False).encode())


def read_json(path: Path) -> JsonObject:
    """The JSON object in the file at `path`. Raises FileNotFoundError, ValueError."""
    payload = json.loads(path.read_bytes())
    if not isinstance(payload, dict):
        raise ValueError(f"{path.name}: expected a JSON object, got {type(payload).__name__}")
    return payload
