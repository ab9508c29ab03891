"""The metrics of a run as columns, read on from where the last reading ended."""

import json
import math
import threading
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from itertools import accumulate, chain, count
from pathlib import Path
from statistics import median
from typing import Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from ssl_core.runs.figures import group_of
from ssl_core.runs.folder import METRICS
from ssl_core.runs.thinning import thin

Axis = Literal["step", "seconds", "images"]
AXES: tuple[Axis, ...] = ("step", "seconds", "images")
POINTS_IN_A_REPLY = 1_800  # of all series together; about 20 bytes each, so below 40 kB
FEWEST_POINTS = 24  # of one series
FEWEST_AT_FIRST = 90  # likewise, in the reply that a chart begins with: it is asked for once
_SIGNIFICANT = 6
_BATCH = 4_000  # lines parsed at once
_NAN = float("nan")
_NOTHING: dict[str, float | None] = {}
_KEPT_IN_MEMORY = 16  # runs
_generations = count(1)


class _Row(TypedDict, total=False):
    step: float
    seconds: float
    images: float
    values: dict[str, float | None]


class _Column:
    """One metric: the rows that have it and its values, both in order of the file."""

    def __init__(self) -> None:
        self.rows = array("q")
        self.values = array("d")


class MetricSeries:
    """`metrics.jsonl` of one run, kept as columns in memory. Safe to share between threads.

    `refresh` reads only what was added. A file that was cut (a resume drops the lines after its
    checkpoint) is read again from the start under a new `generation`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._forget()

    def _forget(self) -> None:
        self.generation = next(_generations)
        self._ends = array("q")  # byte after each row
        self._axes: dict[str, array[float]] = {axis: array("d") for axis in AXES}
        self._columns: dict[str, _Column] = {}
        self._last_line = b""
        self._seen = (0, 0)  # inode and size of the file at the last look

    @property
    def size(self) -> int:
        """Bytes read so far: the cursor that a reader hands back for the rest."""
        return self._ends[-1] if self._ends else 0

    def refresh(self) -> None:
        """Read what was appended. A torn last line is left for the next time."""
        with self._lock:
            try:
                found = self._path.stat()
                if (found.st_ino, found.st_size) == self._seen:
                    return
                content = self._appended()
                self._seen = (found.st_ino, found.st_size)
            except FileNotFoundError:
                content = None
            if content is None:
                self._forget()
                content = self._path.read_bytes() if self._path.exists() else b""
            self._take(content)

    def _appended(self) -> bytes | None:
        """The bytes after the rows known, or None where the file is not what it was."""
        start = self.size - len(self._last_line)
        with self._path.open("rb") as stream:
            stream.seek(start)
            content = stream.read()
        if not content.startswith(self._last_line):
            return None
        return content[len(self._last_line) :]

    def _take(self, content: bytes) -> None:
        """Add whole lines, some thousand at a time so that other threads get their turn."""
        lines = content[: content.rfind(b"\n") + 1].splitlines(keepends=True)
        for start in range(0, len(lines), _BATCH):
            self._add(lines[start : start + _BATCH])
        if lines:
            self._last_line = lines[-1]

    def _add(self, lines: list[bytes]) -> None:
        first, rows = len(self._ends), _parsed(lines)
        lengths = (len(line) for line in lines[1:])
        self._ends.extend(accumulate(lengths, initial=self.size + len(lines[0])))
        for axis in AXES:
            self._axes[axis].extend([row.get(axis, 0.0) for row in rows])
        found = [row.get("values", _NOTHING) for row in rows]
        for name in dict.fromkeys(chain.from_iterable(found)):
            column = self._columns.setdefault(name, _Column())
            held = [number for number, values in enumerate(found, first) if name in values]
            numbers = (found[number - first][name] for number in held)
            column.rows.extend(held)
            column.values.extend([_NAN if value is None else value for value in numbers])

    def last(self, name: str) -> float | None:
        """The newest value of a metric, None before there is one."""
        column = self._columns.get(name)
        return column.values[-1] if column and column.values else None

    def recent(self, name: str, lines: int = 9) -> float | None:
        """The median of the newest values of a metric, so that one odd line says nothing."""
        with self._lock:
            column = self._columns.get(name)
            values = [value for value in column.values[-lines:] if value == value] if column else []
        return median(values) if values else None

    def names(self) -> list[str]:
        """The metrics seen so far, in order of appearance."""
        with self._lock:
            return list(self._columns)

    @property
    def rows(self) -> int:
        """How many lines were read so far."""
        return len(self._ends)

    def place(self, row: int, axis: Axis) -> float:
        """Where a row lies on `axis`. row: in [0, rows)."""
        with self._lock:
            return self._axes[axis][row]

    def places_of(self, steps: Sequence[int], axis: Axis) -> list[float]:
        """Where each of `steps` lies on `axis`: on the line between the rows around it."""
        if not steps:
            return []
        with self._lock:  # copies: a view would forbid the columns to grow
            rows = np.concatenate([[0.0], self._axes["step"]])
            places = np.concatenate([[0.0], self._axes[axis]])
        kept = rows > 0  # lines that a resume blanked out have no step
        kept[0] = True  # every axis begins at 0
        found: list[float] = np.interp(steps, rows[kept], places[kept]).tolist()
        return found

    def newest(self, name: str, points: int, row: int) -> list[float]:
        """The newest finite values of a metric up to and with `row`, oldest first."""
        with self._lock:
            column = self._columns.get(name)
            if column is None:
                return []
            end = bisect_right(column.rows, row)
            values = column.values[max(0, end - points) : end]
        return [value for value in values if math.isfinite(value)]

    def newest_row(self, name: str, row: int) -> int:
        """The newest row up to and with `row` that has a metric; -1 where none has."""
        with self._lock:
            column = self._columns.get(name)
            end = bisect_right(column.rows, row) if column else 0
            return column.rows[end - 1] if column and end else -1

    def curve(
        self, name: str, axis: Axis = "step", after_row: int = 0
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Places on `axis` and values of a metric, both (n,), float64; empty where unknown."""
        with self._lock:
            column = self._columns.get(name)
            if column is None:
                return np.empty(0), np.empty(0)
            first = bisect_left(column.rows, after_row)
            rows = np.asarray(column.rows[first:], dtype=np.int64)
            values = np.asarray(column.values[first:], dtype=np.float64)
            places = np.asarray(self._axes[axis][after_row:], dtype=np.float64)
        return places[rows - after_row], values

    def reply(self, since: int, generation: int, axis: Axis) -> dict[str, object]:
        """What a live chart asks once a second: the points after byte `since`, thinned.

        `reset` tells the chart to drop what it holds: the file was cut, the server was restarted
        or the chart is new. Every series keeps its extremes (see `thin`).
        """
        with self._lock:
            known = generation == self.generation and 0 < since <= self.size
            first = bisect_right(self._ends, since) if known else 0
            curves = {name: self.curve(name, axis, first) for name in self._columns}
            present = {name: curve for name, curve in curves.items() if len(curve[0])}
            fewest = FEWEST_POINTS if known else FEWEST_AT_FIRST
            limit = max(fewest, POINTS_IN_A_REPLY // max(1, len(present)))
            return {
                "cursor": self.size,
                "generation": self.generation,
                "reset": not known,
                "series": _thinned(present, limit),
            }


_series: OrderedDict[Path, MetricSeries] = OrderedDict()
_series_lock = threading.Lock()


def metric_series(path: Path) -> MetricSeries:
    """The series of the run folder at `path`, read up to now; shared within this process."""
    with _series_lock:
        series = _series.setdefault(path, MetricSeries(path / METRICS))
        _series.move_to_end(path)
        while len(_series) > _KEPT_IN_MEMORY:
            _series.popitem(last=False)
    series.refresh()
    return series


def _parsed(lines: list[bytes]) -> list[_Row]:
    """One row a line. Blank lines (a resume dropped them) and damaged ones become empty rows."""
    if any(line[:1] != b"{" for line in lines):
        return [_parsed_line(line) for line in lines]
    try:
        rows: list[_Row] = json.loads(b"[" + b",".join(lines) + b"]")
    except ValueError:
        return [_parsed_line(line) for line in lines]
    return rows if len(rows) == len(lines) else [_parsed_line(line) for line in lines]


def _parsed_line(line: bytes) -> _Row:
    try:
        row: _Row = json.loads(line)
    except ValueError:
        return {}
    return row if isinstance(row, dict) else {}


def _thinned(
    curves: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]], limit: int
) -> dict[str, tuple[list[float], list[float | None]]]:
    """At most `limit` points a curve. Lines of a stack all keep the same rows."""
    shared: dict[tuple[str, int], NDArray[np.int64]] = {}
    shown = {}
    for name, (places, values) in curves.items():
        group = group_of(name)
        if group.stacked:
            kept = shared.setdefault((group.name, len(values)), thin(values, limit))
        else:
            kept = thin(values, limit)
        shown[name] = _points(places[kept], values[kept])
    return shown


def _points(
    places: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[list[float], list[float | None]]:
    """Points ready for JSON: six significant digits, null where not a number."""
    shown = [
        float(f"{value:.{_SIGNIFICANT}g}") if math.isfinite(value) else None
        for value in values.tolist()
    ]
    return [_short(place) for place in places.tolist()], shown


def _short(place: float) -> float:
    return int(place) if place == int(place) else round(place, 2)
