"""A training inside this process, stopped where a test wants it."""

import time
from pathlib import Path

import pytest

from ssl_core.files import replace_bytes
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.status import Results, RunStatus
from ssl_core.runs.writer import RunWriter
from ssl_core.training import session
from ssl_core.training.lifecycle import StopFlag
from ssl_core.training.progress import Progress


class StopsAt(StopFlag):
    """Asked to stop once the training has done a number of steps."""

    def __init__(self, progress: Progress, step: int) -> None:
        self._progress, self._step = progress, step

    @property
    def raised(self) -> bool:
        return self._progress.step >= self._step


def train(folder: Path, stop_at: int = 10**9) -> Results:
    writer, progress = RunWriter(folder), Progress()
    try:
        return session.train(folder, writer, progress, StopsAt(progress, stop_at))
    finally:
        writer.close()


def finished(folder: Path) -> RunFolder:
    """A run of `make_run`, trained here and now, with the status that its worker would write."""
    status = RunStatus(state="finished", heartbeat=time.time(), results=train(folder))
    replace_bytes(folder / "status.json", status.model_dump_json().encode())
    return RunFolder(folder)


def published(folder: Path) -> list[tuple[int, dict[str, float]]]:
    """Step and values of each line, without the figures that are times."""
    timed = ("throughput",)
    return [
        (line.step, {name: value for name, value in line.values.items() if name not in timed})
        for line in RunFolder(folder).metrics()[0]
    ]


def check_same_lines(
    found: list[tuple[int, dict[str, float]]], expected: list[tuple[int, dict[str, float]]]
) -> None:
    """Lines of two runs that made the same weights, but for the last digit.

    Each graph that TensorFlow makes adds the terms of a total in an order of its own.
    """
    assert [step for step, _ in found] == [step for step, _ in expected]
    for (step, values), (_, others) in zip(found, expected, strict=True):
        assert values == pytest.approx(others, rel=1e-6, nan_ok=True), step
