"""Guides: horizontal lines that a curve is read against, such as the greatest value it can have."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ssl_core.files import read_json, stamp, write_json

GUIDES = "guides.json"


@dataclass(frozen=True)
class Guide:
    """One line; `value` is in the unit of its group of metrics."""

    name: str
    value: float


def write_guides(folder: Path, lines: Mapping[str, Mapping[str, float]]) -> None:
    """Replace `guides.json` in a run folder. lines: group -> name -> value."""
    entries = {
        group: [{"name": name, "value": float(value)} for name, value in named.items()]
        for group, named in lines.items()
    }
    write_json(folder / GUIDES, dict(entries))


def read_guides(folder: Path) -> dict[str, tuple[Guide, ...]]:
    """Group -> its lines. Empty where the run has none; what is damaged is left out."""
    try:
        found = read_json(folder / GUIDES)
    except (OSError, ValueError):
        return {}
    groups = {group: _lines(entries) for group, entries in found.items()}
    return {group: lines for group, lines in groups.items() if lines}


def guides_stamp(folder: Path) -> int:
    """Changes when the file does: nanoseconds; 0 where there is none."""
    return stamp(folder / GUIDES)


def _lines(entries: object) -> tuple[Guide, ...]:
    if not isinstance(entries, list):
        return ()
    made = (_guide(entry) for entry in entries)
    return tuple(guide for guide in made if guide is not None)


def _guide(entry: object) -> Guide | None:
    if not isinstance(entry, dict):
        return None
    name, value = entry.get("name"), entry.get("value")
    if not isinstance(name, str) or isinstance(value, bool):
        return None
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return Guide(name, float(value))
