"""Where the phases of a training begin: vertical lines in its charts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ssl_core.files import read_json, stamp, write_json

PHASES = "phases.json"
_ENTRIES = "phases"


@dataclass(frozen=True)
class PhaseStart:
    """A phase that has begun; `step` steps were done before it."""

    name: str
    step: int


def write_phase_starts(folder: Path, starts: Sequence[PhaseStart]) -> None:
    """Replace `phases.json` in a run folder."""
    entries: list[object] = [{"name": start.name, "step": start.step} for start in starts]
    write_json(folder / PHASES, {_ENTRIES: entries})


def read_phase_starts(folder: Path) -> tuple[PhaseStart, ...]:
    """In order. Empty where the run has one phase; what is damaged is left out."""
    try:
        entries = read_json(folder / PHASES).get(_ENTRIES)
    except (OSError, ValueError):
        return ()
    made = (_start(entry) for entry in entries) if isinstance(entries, list) else ()
    return tuple(start for start in made if start is not None)


def phases_stamp(folder: Path) -> int:
    """Changes when the file does: nanoseconds; 0 where there is none."""
    return stamp(folder / PHASES)


def _start(entry: object) -> PhaseStart | None:
    if not isinstance(entry, dict):
        return None
    name, step = entry.get("name"), entry.get("step")
    if not isinstance(name, str) or isinstance(step, bool) or not isinstance(step, int):
        return None
    return PhaseStart(name, step) if step >= 0 else None
