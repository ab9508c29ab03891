"""Reading a run folder: plain files, safe to read while the training process writes them."""

from __future__ import annotations

import json
import math
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ssl_core.errors import UserError
from ssl_core.files import DAMAGED_ARCHIVE, JsonObject, read_json, replace_bytes
from ssl_core.runs.request import RunRequest
from ssl_core.runs.status import RunStatus
from ssl_core.workspace import Workspace, checked_identifier

if TYPE_CHECKING:  # numpy stays out of the processes that only wait for their turn
    import numpy as np
    from numpy.typing import NDArray

REQUEST, STATUS, TITLE, LOG = "request.json", "status.json", "title.txt", "log.txt"
LABELS, PREDICTIONS, METRICS = "labels.npz", "predictions.npz", "metrics.jsonl"
EMBEDDINGS = "embeddings.npz"
PANELS, PANEL = "panels", "panel.json"
TITLE_LENGTH = 100
_LOG_TAIL_BYTES = 64 * 1024
_NO_ARCHIVE = (OSError, ValueError, KeyError, *DAMAGED_ARCHIVE)
_STEP_FILE = re.compile(r"(\d{8})\.(json|png)")


@dataclass(frozen=True, slots=True)
class MetricLine:
    """One published line. A value that was not finite when it was written is NaN."""

    step: int
    seconds: float  # spent training up to this step
    images: int  # seen up to this step
    values: dict[str, float]  # name, such as "loss/total" -> value; units in the architecture


class MetricPage(NamedTuple):
    """Metric lines from one byte on, and where to go on reading."""

    lines: list[MetricLine]
    next_byte: int
    damaged: int  # complete lines that were no metric line and were left out


@dataclass(frozen=True)
class PanelInfo:
    """A picture that a run publishes, with the steps that can be shown."""

    name: str
    kind: str  # "matrix", "image_grid", "histogram" or "scatter"
    title: str
    help: str
    uses_reference_labels: bool
    steps: list[int]  # ascending
    meta: JsonObject  # the whole of panel.json, with "rows" and "columns" of an image grid


class RunFolder:
    """One run on disk, for reading. Nothing is kept open and nothing is cached."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def run(self) -> str:
        return self.path.name

    def request(self) -> RunRequest:
        """What was asked for. Raises UserError where the file is missing or damaged."""
        try:
            return RunRequest.model_validate_json((self.path / REQUEST).read_bytes())
        except (OSError, ValueError) as error:
            raise self._damaged(REQUEST) from error

    def status(self) -> RunStatus:
        """The status as it was last written; `supervision.true_status` says what is true now."""
        try:
            return RunStatus.model_validate_json((self.path / STATUS).read_bytes())
        except (OSError, ValueError) as error:
            raise self._damaged(STATUS) from error

    def title(self) -> str:
        """The name a person gave, else the run's identifier."""
        try:
            return (self.path / TITLE).read_text(encoding="utf-8").strip() or self.run
        except (OSError, ValueError):
            return self.run

    def rename(self, title: str) -> None:
        """Give the run a name of at most 100 characters; an empty one takes the name away."""
        plain = " ".join(title.split())[:TITLE_LENGTH]
        replace_bytes(self.path / TITLE, plain.encode())

    def labels(self) -> dict[str, NDArray[np.generic]]:
        """The labels it was given: `items` int64, `values` int32, `roles` uint8, each (n,).

        A head after the first has them under `<head>/items` and so on, its values int32 or float64.
        """
        import numpy as np

        try:
            with np.load(self.path / LABELS, allow_pickle=False) as archive:
                main = {name: archive[name] for name in ("items", "values", "roles")}
                return {**archive, **main}
        except _NO_ARCHIVE as error:
            raise self._damaged(LABELS) from error

    def metrics(self, after_byte: int = 0) -> tuple[list[MetricLine], int]:
        """The metric lines that begin at `after_byte` or later, and the byte to go on from.

        A torn last line is left for the next call. After a resume the steps start again lower
        than what was read before: a line replaces everything held with the same step or later.
        """
        page = self.metrics_page(after_byte)
        return page.lines, page.next_byte

    def metrics_page(self, after_byte: int = 0) -> MetricPage:
        """As `metrics`, with the number of damaged lines that were left out."""
        try:
            with (self.path / METRICS).open("rb") as stream:
                stream.seek(after_byte)
                content = stream.read()
        except FileNotFoundError:
            return MetricPage([], 0, 0)
        complete = content[: content.rfind(b"\n") + 1]
        lines: list[MetricLine] = []
        damaged = 0
        for raw in complete.splitlines():
            if not raw.strip():
                continue
            line = _metric_line(raw)
            if line is None:
                damaged += 1
            else:
                lines.append(line)
        return MetricPage(lines, after_byte + len(complete), damaged)

    def panels(self) -> list[PanelInfo]:
        """The panels that have something to show, by name."""
        folder = self.path / PANELS
        if not folder.is_dir():
            return []
        found = (_panel_info(path) for path in sorted(folder.iterdir()) if path.is_dir())
        return [info for info in found if info is not None]

    def panel_json(self, name: str, step: int) -> JsonObject:
        """What the panel showed at `step`. Raises UserError where there is no such step."""
        try:
            return read_json(self._panel_file(name, step, "json"))
        except (OSError, ValueError) as error:
            raise self._no_panel(name, step) from error

    def panel_png(self, name: str, step: int) -> bytes:
        """The image grid at `step` as PNG. Raises UserError where there is no such step."""
        try:
            return self._panel_file(name, step, "png").read_bytes()
        except OSError as error:
            raise self._no_panel(name, step) from error

    def log_tail(self, lines: int = 40) -> str:
        """The last lines of the log; bytes that are no text are shown as a mark."""
        try:
            with (self.path / LOG).open("rb") as stream:
                stream.seek(0, os.SEEK_END)
                stream.seek(max(0, stream.tell() - _LOG_TAIL_BYTES))
                text = stream.read().decode("utf-8", "replace")
        except OSError:
            return ""
        # A progress bar rewrites its line with carriage returns: only its last state counts.
        shown = [line.rsplit("\r", 1)[-1] for line in text.replace("\r\n", "\n").split("\n")]
        return "\n".join(shown[-lines - 1 :]).strip("\n")

    def predictions(self) -> NDArray[np.float16] | None:
        """(count, classes), float16 probabilities for every item; None before the end."""
        archive = self._prediction_arrays("probabilities")
        return None if archive is None else archive["probabilities"]

    def predicted(self) -> NDArray[np.int32] | None:
        """(count,), int32 index into the classes of the run for every item; None before the end.

        As the figures of the run were counted: rounded probabilities may tie where these did not.
        """
        import numpy as np

        archive = self._prediction_arrays("predicted", "probabilities")
        if archive is None:
            return None
        stored = archive.get("predicted")
        if stored is None:  # written by an earlier release
            stored = np.argmax(archive["probabilities"], axis=1)
        return np.asarray(stored, np.int32)

    def clusters(self) -> NDArray[np.int32] | None:
        """(count,), int32 cluster of every item; None before the end, and where none were found."""
        archive = self._prediction_arrays("clusters", "probabilities")
        return None if archive is None else archive.get("clusters")

    def answers_to(self, head: str, what: str) -> NDArray[Any] | None:
        """(count,), `<head>/<what>` of a head after the first; None where there is none."""
        archive = self._prediction_arrays(f"{head}/{what}", "probabilities")
        return None if archive is None else archive.get(f"{head}/{what}")

    def embeddings(self) -> NDArray[np.float16] | None:
        """(count, d), float16 features of every item, by its last weights.

        None before the end, and of a method without one vector an item.
        """
        archive = self._arrays(EMBEDDINGS, "embeddings")
        return None if archive is None else archive["embeddings"]

    def _prediction_arrays(self, *names: str) -> dict[str, NDArray[Any]] | None:
        return self._arrays(PREDICTIONS, *names)

    def _arrays(self, file: str, *names: str) -> dict[str, NDArray[Any]] | None:
        """The first of `names` that the archive `file` holds, by name; None before the end."""
        import numpy as np

        try:
            with np.load(self.path / file, allow_pickle=False) as archive:
                name = next((name for name in names if name in archive), names[-1])
                return {name: archive[name]}
        except FileNotFoundError:
            return None
        except _NO_ARCHIVE as error:
            raise self._damaged(file) from error

    def _panel_file(self, name: str, step: int, ending: str) -> Path:
        return self.path / PANELS / checked_identifier(name) / f"{step:08d}.{ending}"

    def _no_panel(self, name: str, step: int) -> UserError:
        return UserError(f"The panel {name!r} of run {self.run!r} has no picture of step {step}.")

    def _damaged(self, file: str) -> UserError:
        return UserError(
            f"The run {self.run!r} is damaged: its {file} is missing or cannot be read. "
            "Delete the run and train again."
        )


def open_run(workspace: Workspace, run: str) -> RunFolder:
    """The run called `run`. Raises UserError where there is none."""
    path = workspace.runs / checked_identifier(run)
    if not (path / REQUEST).is_file():
        raise UserError(f"There is no run {run!r} in this workspace. Look in the list of runs.")
    return RunFolder(path)


def panel_steps(folder: Path) -> dict[int, Path]:
    """Step -> file of one panel folder, ascending."""
    found = {}
    for path in folder.iterdir():
        match = _STEP_FILE.fullmatch(path.name)
        if match:
            found[int(match[1])] = path
    return dict(sorted(found.items()))


def _panel_info(folder: Path) -> PanelInfo | None:
    """None while the panel is being made, and where its description cannot be read."""
    try:
        meta = read_json(folder / PANEL)
        steps = list(panel_steps(folder))
    except (OSError, ValueError):
        return None
    if not steps:
        return None
    return PanelInfo(
        name=folder.name,
        kind=str(meta.get("kind", "")),
        title=str(meta.get("title", folder.name)),
        help=str(meta.get("help", "")),
        uses_reference_labels=bool(meta.get("uses_reference_labels", False)),
        steps=steps,
        meta=meta,
    )


def _metric_line(raw: bytes) -> MetricLine | None:
    """The line, or None where it is not one."""
    try:
        record = json.loads(raw)
        values = {
            name: math.nan if value is None else float(value)
            for name, value in record["values"].items()
        }
        return MetricLine(
            int(record["step"]), float(record["seconds"]), int(record["images"]), values
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
