"""Checkpoints that survive a kill at any moment. Light: numpy only.

A checkpoint is one `.npz` file; `manifest.json` names the newest two with their SHA-256 and is
replaced last, so a file that it names was complete and on disk before. A damaged file is passed
over for the one before.
"""

import hashlib
import io
import json
import logging
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ssl_core.files import read_json, replace_bytes, write_json

MANIFEST = "manifest.json"
KEPT = 2
_FACTS = "facts"
log = logging.getLogger(__name__)

Arrays = dict[str, NDArray]


@dataclass(frozen=True)
class Facts:
    """What a checkpoint knows beside its arrays."""

    step: int
    steps: int | None  # of the whole run, once known
    seconds: float  # spent training up to here
    images: int
    best_step: int | None = None  # highest validation accuracy so far, latest of equals
    best_accuracy: float | None = None
    measured: int = 0  # steps done when a budget in minutes got its count


@dataclass(frozen=True)
class Checkpoint:
    """The whole state of a training after a step."""

    facts: Facts
    state: Arrays  # weights, optimizer, random state
    best: Arrays | None = None  # averaged weights at facts.best_step


class CheckpointStore:
    """The checkpoints of one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, checkpoint: Checkpoint) -> None:
        """Make this the newest checkpoint; on disk when it returns. Raises OSError."""
        name = f"step-{checkpoint.facts.step:09d}.npz"
        content = _packed(checkpoint)
        replace_bytes(self.folder / name, content)
        entry = {"file": name, "sha256": hashlib.sha256(content).hexdigest()}
        older = [known for known in self._entries() if known["file"] != name]
        entries = [entry, *older][:KEPT]
        write_json(self.folder / MANIFEST, {"format": 1, "newest_first": entries})
        kept = {str(known["file"]) for known in entries}
        for path in self.folder.glob("*.npz"):
            if path.name not in kept:
                path.unlink(missing_ok=True)

    def newest(self) -> Checkpoint | None:
        """The newest checkpoint that is whole, None where there is none."""
        for entry in self._entries():
            path = self.folder / str(entry["file"])
            try:
                content = path.read_bytes()
                if hashlib.sha256(content).hexdigest() == entry["sha256"]:
                    return _unpacked(content)
                log.warning("The checkpoint %s is damaged; the one before is used.", path.name)
            except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
                log.warning("The checkpoint %s cannot be read: %s", path.name, error)
        return None

    def _entries(self) -> list[dict[str, str]]:
        """Name and checksum of each checkpoint, newest first."""
        try:
            listed = read_json(self.folder / MANIFEST)["newest_first"]
            return [{"file": Path(e["file"]).name, "sha256": e["sha256"]} for e in listed]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError):
            log.warning("The list of checkpoints is damaged; the files themselves are looked at.")
            return [
                {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
                for path in sorted(self.folder.glob("step-*.npz"), reverse=True)
            ]


def _packed(checkpoint: Checkpoint) -> bytes:
    """Arrays stored as they are: compressing weights costs time and saves nothing."""
    arrays = {f"state/{name}": array for name, array in checkpoint.state.items()}
    arrays |= {f"best/{name}": array for name, array in (checkpoint.best or {}).items()}
    facts = json.dumps(asdict(checkpoint.facts)).encode()
    arrays[_FACTS] = np.frombuffer(facts, np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _unpacked(content: bytes) -> Checkpoint:
    """The checkpoint in the bytes of a file. Raises ValueError, KeyError, BadZipFile."""
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    facts = Facts(**json.loads(arrays.pop(_FACTS).tobytes()))
    state = {n.removeprefix("state/"): a for n, a in arrays.items() if n.startswith("state/")}
    best = {n.removeprefix("best/"): a for n, a in arrays.items() if n.startswith("best/")}
    return Checkpoint(facts, state, best or None)
