"""Writing a run folder: the side of the one process that owns the run."""

from __future__ import annotations

import json
import math
import os
import re
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ssl_core.errors import UserError
from ssl_core.files import JsonObject, replace_bytes, write_json
from ssl_core.runs.folder import (
    EMBEDDINGS,
    LOG,
    METRICS,
    PANEL,
    PANELS,
    PREDICTIONS,
    STATUS,
    RunFolder,
    panel_steps,
)
from ssl_core.runs.guides import write_guides
from ssl_core.runs.phase_starts import PhaseStart, write_phase_starts
from ssl_core.runs.status import RunStatus
from ssl_core.runs.strict_json import strict_json
from ssl_core.workspace import checked_identifier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STEPS_KEPT = 40
LOG_LIMIT = 20 * 1024 * 1024
_LOG_KEPT = 1024 * 1024
_METRIC_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}(/[a-z0-9]( ?[a-z0-9_.-]){0,59}){0,3}")
_PANEL_KINDS = ("matrix", "image_grid", "histogram", "scatter", "bars", "curve")


class RunWriter:
    """Publishes status, metrics and panels. Safe to use from several threads of one process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._status = RunFolder(path).status()
        self._panels: dict[str, JsonObject] = {}
        self._close_torn_line()
        self._metrics = (path / METRICS).open("ab", buffering=0)

    def status(self, **changes: object) -> RunStatus:
        """Merge `changes` (fields of RunStatus) and replace status.json, durably.

        Raises ValueError for a field that does not exist or does not fit, OSError (disk full).
        """
        with self._lock:
            unknown = changes.keys() - RunStatus.model_fields.keys()
            if unknown:
                raise ValueError(f"a run status has no field {sorted(unknown)}")
            merged = {**dict(self._status), **changes, "heartbeat": time.time()}
            status = RunStatus.model_validate(merged)
            replace_bytes(self.path / STATUS, status.model_dump_json(indent=1).encode())
            self._status = status
            return status

    def beat(self) -> bool:
        """Say that the process is alive. False where the disk refused; the next beat tries again.

        A full disk is no reason to end a training: readers then see an old heartbeat.
        """
        try:
            self.status()
            self._bound_log()
        except OSError:
            return False
        return True

    def metrics(
        self, step: int, seconds: float, images: int, values: Mapping[str, float | None]
    ) -> None:
        """Append one line. Values that are not finite are written as null: JSON has no NaN.

        Raises ValueError for a name that is not made of a-z, 0-9, '_', '.', '-' and '/', with
        single spaces behind the group: 'mi/head 1'.
        """
        for name in values:
            if not _METRIC_NAME.fullmatch(name):
                raise ValueError(f"{name!r} is not a metric name such as 'loss/total'")
        record = {
            "step": int(step),
            "seconds": round(float(seconds), 3),
            "images": int(images),
            "values": values,
        }
        line = strict_json(record).encode() + b"\n"
        with self._lock:
            written = self._metrics.write(line)
            if written != len(line):  # a full disk takes part of a line: end it, so it stays alone
                self._metrics.write(b"\n")

    def panel(
        self,
        name: str,
        info: Mapping[str, object],
        step: int,
        payload: Mapping[str, object] | bytes,
    ) -> None:
        """Publish what panel `name` shows at `step`: a JSON payload, or a PNG for an image grid.

        `info` is what panel.json holds: kind, title, help, uses_reference_labels, and columns and
        rows of an image grid. Raises ValueError for an unknown kind or a wrong name.
        """
        meta = _checked_panel(name, info, payload)
        with self._lock:
            folder = self.path / PANELS / name
            folder.mkdir(parents=True, exist_ok=True)
            ending = "png" if isinstance(payload, bytes) else "json"
            content = payload if isinstance(payload, bytes) else strict_json(payload).encode()
            replace_bytes(folder / f"{int(step):08d}.{ending}", content)
            if self._panels.get(name) != meta:
                write_json(folder / PANEL, meta)
                self._panels[name] = meta
            thin(folder)

    def guides(self, lines: Mapping[str, Mapping[str, float]]) -> None:
        """Replace guides.json: group of metrics -> name -> height of a horizontal line.

        Raises ValueError for a height that is not finite.
        """
        for group, named in lines.items():
            for name, value in named.items():
                if not math.isfinite(value):
                    raise ValueError(f"the guide {name!r} of {group!r} is {value}, not a number")
        write_guides(self.path, lines)

    def phases(self, starts: Sequence[PhaseStart]) -> None:
        """Replace phases.json: where the phases began, in order, as far as the run has come."""
        write_phase_starts(self.path, starts)

    def truncate_metrics(self, step: int) -> None:
        """Drop the lines and panel pictures later than `step`: a resume goes on from there.

        Dropped lines become blank ones of the same length, so that a reader that goes on from a
        byte it remembers never lands inside a line or misses one.
        """
        with self._lock:
            path = self.path / METRICS
            kept = b"".join(_kept_line(raw, step) for raw in path.read_bytes().splitlines(True))
            self._metrics.close()
            replace_bytes(path, kept)
            self._metrics = path.open("ab", buffering=0)
            for folder in (self.path / PANELS).glob("*/"):
                for shown, picture in panel_steps(folder).items():
                    if shown > step:
                        picture.unlink(missing_ok=True)

    def predictions(self, answers: Mapping[str, NDArray[np.floating]]) -> None:
        """Store the answers to every item of the dataset: docs/architecture.md, predictions.npz.

        answers: `probabilities` (count, classes); `clusters` (count, clusters) of a clustering
        method; for each further head (count, classes), or (count, 1) in its unit. Choices are
        made before rounding, so that whoever counts them finds the same figures.
        """
        import io

        import numpy as np

        probabilities = answers["probabilities"]
        arrays: dict[str, NDArray[np.generic]] = {
            "probabilities": probabilities.astype(np.float16),
            "predicted": chosen(probabilities),
        }
        for name, found in answers.items():
            if name == "clusters":
                arrays[name] = chosen(found)
            elif name != "probabilities":
                number = found.shape[1] == 1
                arrays[f"{name}/predicted"] = found[:, 0] if number else chosen(found)
                if not number:
                    arrays[f"{name}/confidence"] = found.max(axis=1).astype(np.float16)
        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, **arrays)
        replace_bytes(self.path / PREDICTIONS, buffer.getvalue())

    def embeddings(self, features: NDArray[np.float16]) -> None:
        """Store the features (count, d) of every item of the dataset."""
        import io

        import numpy as np

        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, embeddings=features)
        replace_bytes(self.path / EMBEDDINGS, buffer.getvalue())

    def close(self) -> None:
        """Close the metrics file. The status stays as it was last written."""
        with self._lock:
            self._metrics.close()

    def _close_torn_line(self) -> None:
        """End a line that a kill cut off, so that the next one does not continue it."""
        with (self.path / METRICS).open("a+b") as stream:
            if stream.seek(0, os.SEEK_END) == 0:
                return
            stream.seek(-1, os.SEEK_END)
            if stream.read(1) != b"\n":
                stream.write(b"\n")

    def _bound_log(self) -> None:
        """Keep the end of a log that grew too large; it is appended to, so a cut is safe."""
        path = self.path / LOG
        if not path.exists() or path.stat().st_size <= LOG_LIMIT:
            return
        with path.open("r+b") as stream:
            stream.seek(-_LOG_KEPT, os.SEEK_END)
            tail = stream.read()
            stream.truncate(0)
            stream.seek(0)
            stream.write(b"[earlier lines were dropped: the log grew too large]\n" + tail)


def thin(folder: Path) -> None:
    """Keep at most 40 steps of one panel, evenly; the first and the last always stay.

    The step whose neighbours are closest together goes first, which keeps the gaps alike however
    long the run becomes.
    """
    steps = panel_steps(folder)
    while len(steps) > STEPS_KEPT:
        order = list(steps)
        gaps = [order[i + 1] - order[i - 1] for i in range(1, len(order) - 1)]
        steps.pop(order[1 + gaps.index(min(gaps))]).unlink(missing_ok=True)


def _checked_panel(
    name: str, info: Mapping[str, object], payload: Mapping[str, object] | bytes
) -> JsonObject:
    """What panel.json will hold. Raises ValueError."""
    try:
        checked_identifier(name)
    except UserError as error:
        raise ValueError(str(error)) from error
    kind = info.get("kind")
    if kind not in _PANEL_KINDS:
        raise ValueError(f"panel {name!r}: kind {kind!r}, expected one of {_PANEL_KINDS}")
    if (kind == "image_grid") != isinstance(payload, bytes):
        raise ValueError(f"panel {name!r}: an image grid takes PNG bytes, other kinds a mapping")
    plain = {"title": name, "help": "", "uses_reference_labels": False, **info}
    return {key: value for key, value in plain.items() if value is not None}


def _kept_line(raw: bytes, step: int) -> bytes:
    """The line itself, or blanks of the same length where it is later than `step` or damaged."""
    try:
        if raw.endswith(b"\n") and json.loads(raw)["step"] <= step:
            return raw
    except (ValueError, TypeError, KeyError):
        pass
    return b" " * (len(raw) - 1) + b"\n"


def chosen(probabilities: NDArray[np.floating]) -> NDArray[np.int32]:
    """(n,), int32: the largest of each row of (n, choices); -1 without any choice."""
    import numpy as np

    if probabilities.shape[1] == 0:
        return np.full(len(probabilities), -1, np.int32)
    largest: NDArray[np.int32] = np.argmax(probabilities, axis=1).astype(np.int32)
    return largest
