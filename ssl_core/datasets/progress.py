"""How far an import has come, as pages and the command line show it."""

import time
from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, ConfigDict

ImportState = Literal["waiting", "running", "finished", "failed", "cancelled"]
FINAL_STATES = ("finished", "failed", "cancelled")
_SECONDS_BETWEEN = 0.2


class ImportProgress(BaseModel):
    """`progress.json` of an import."""

    model_config = ConfigDict(frozen=True)
    state: ImportState
    phase: str = ""  # what it is doing, for a person
    done: int = 0
    total: int | None = None
    per_second: float = 0.0  # of what `done` counts, since the phase began
    skipped: int = 0  # files left out so far
    message: str = ""  # why it failed
    dataset: str | None = None  # identifier, once finished


class Reporter:
    """Calls `progress` at the start and end of each phase and a few times a second between."""

    def __init__(self, progress: Callable[[ImportProgress], None]) -> None:
        self._progress = progress
        self._phase = ""
        self._total: int | None = None
        self._began = self._told = 0.0
        self.skipped = 0

    def phase(self, title: str, total: int | None) -> None:
        """Begin a phase that will count to `total`."""
        self._phase, self._total = title, total
        self._began = time.monotonic()
        self._tell(0)

    def done(self, count: int) -> None:
        """Say how far the phase is."""
        if time.monotonic() - self._told >= _SECONDS_BETWEEN or count == self._total:
            self._tell(count)

    def finished(self, dataset: str, count: int) -> None:
        """Say that the dataset is there."""
        self._progress(
            ImportProgress(
                state="finished",
                phase="finished",
                done=count,
                total=count,
                skipped=self.skipped,
                dataset=dataset,
            )
        )

    def _tell(self, count: int) -> None:
        self._told = time.monotonic()
        passed = self._told - self._began
        self._progress(
            ImportProgress(
                state="running",
                phase=self._phase,
                done=count,
                total=self._total,
                per_second=count / passed if passed > 0 else 0.0,
                skipped=self.skipped,
            )
        )
