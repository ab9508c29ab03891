"""What lies in the archive of a workspace: its list of files, and which names are allowed."""

from pathlib import PurePosixPath
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MANIFEST = "handful.json"
FORMAT = 1
DATASETS, RUNS, PREDICTIONS, STUDIES = "datasets", "runs", "predictions", "studies"
# Only these: what is unpacked may lie where another folder would be a program.
PACKED = frozenset({DATASETS, RUNS, PREDICTIONS, STUDIES})
# Made again when needed, or of one machine alone.
LEFT_OUT = frozenset({"imports", "downloads", "locks", "log", "exports", "archives"})
BLOCK = 1 << 20  # bytes that are copied at once
_LONGEST = 4096  # letters of a path


class PackedFile(BaseModel):
    """One file. path: inside the workspace, with forward slashes."""

    model_config = ConfigDict(frozen=True)
    path: str
    bytes: Annotated[int, Field(ge=0)]
    sha256: str  # hexadecimal


class Manifest(BaseModel):
    """`handful.json`: written last, so an archive without it was cut off."""

    model_config = ConfigDict(frozen=True)
    format: int = FORMAT
    created: str  # ISO 8601, UTC
    code_version: str
    files: tuple[PackedFile, ...]
    left_out: tuple[str, ...] = ()  # one sentence each


def is_safe(path: str) -> bool:
    """Whether a path lies in a room that is packed, and stays inside of it, on any system."""
    pure = PurePosixPath(path)
    parts = path.split("/")
    return (
        0 < len(path) <= _LONGEST
        and not pure.is_absolute()
        and len(parts) >= 2
        and all(part not in ("", ".", "..") for part in parts)
        and not any(letter in path for letter in ("\\", ":", "\0"))
        and parts[0] in PACKED
        and not parts[1].startswith(".")
    )


def unit_of(path: str) -> str:
    """What is taken or left as a whole: a dataset, a run; `datasets/mnist` of its files."""
    return "/".join(path.split("/")[:2])
