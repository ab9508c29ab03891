"""Runs side by side: which belong together, in what they differ, whether a difference is one."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssl_core.methods import defaults_of, uses_items
from ssl_core.runs.listing import RunSummary
from ssl_core.runs.request import RunRequest
from ssl_core.runs.smoothing import smoothed
from ssl_core.runs.thinning import thin
from ssl_core.stats import Spread, mean_and_spread

Setting = bool | int | float | str
_CURVE_POINTS = 300  # of each line: mean, low and high
_TABLE = 2_000_000  # numbers of all curves at all places: 16 MB
_NOT_SET = "–"


@dataclass(frozen=True)
class RunGroup:
    """Runs that differ in nothing but their seed.

    `runs` in order of the seed, at least one, no seed twice.
    """

    runs: tuple[RunSummary, ...]

    @property
    def request(self) -> RunRequest:
        """The request of the first run, which stands for all."""
        return self.runs[0].request

    @property
    def state(self) -> str:
        """The state that all its runs are in."""
        return self.runs[0].status.state

    @property
    def seeds(self) -> tuple[int, ...]:
        return tuple(run.request.seed for run in self.runs)

    @property
    def accuracy(self) -> Spread | None:
        """Test accuracy over the seeds, shares; None before a run has one."""
        known = [
            run.status.results.test_accuracy
            for run in self.runs
            if run.status.results.test_accuracy is not None
        ]
        return mean_and_spread(known) if known else None

    @property
    def figures(self) -> dict[str, Spread]:
        """The other figures over the seeds, by the name of the metric."""
        found: dict[str, list[float]] = {}
        for run in self.runs:
            for name, value in run.status.results.figures.items():
                found.setdefault(name, []).append(value)
        return {name: mean_and_spread(values) for name, values in found.items()}

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 %: over seeds where there are several (Student t), else of the one run (Wilson)."""
        spread = self.accuracy
        if spread is None:
            return None
        if spread.interval is not None:
            low, high = spread.interval
            return (max(0.0, low), min(1.0, high))
        results = (run.status.results for run in self.runs)
        return next((found.test_interval for found in results if found.test_interval), None)


@dataclass(frozen=True)
class MeanCurve:
    """A curve over seeds. x, mean, low, high: (n,), float64.

    low and high: one deviation off; of a smoothed curve the lowest and the highest of all points
    that were smoothed over, of any seed. None for a single seed that is not smoothed.
    """

    x: NDArray[np.float64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64] | None
    high: NDArray[np.float64] | None

    def shown(self) -> tuple[list[float], list[float] | None, list[float] | None]:
        """mean, low and high as lists with six decimals, small enough to send."""
        mean: list[float] = np.round(self.mean, 6).tolist()
        low, high = (
            None if edge is None else np.round(edge, 6).tolist() for edge in (self.low, self.high)
        )
        return mean, low, high


def group_over_seeds(runs: Iterable[RunSummary]) -> list[RunGroup]:
    """Runs of the same method, settings, budget, labels and data together; order of appearance.

    A run that did not finish is a group of its own kind: its curve ends early, and it has no
    result that could be averaged. A seed that was trained twice counts once, as the newest run:
    the same again says nothing about the spread.
    """
    groups: dict[Hashable, dict[int, RunSummary]] = {}
    for run in runs:
        members = groups.setdefault((_likeness(run.request), run.status.state), {})
        seed = run.request.seed
        members[seed] = max(members.get(seed, run), run, key=_age)
    return [
        RunGroup(tuple(members[seed] for seed in sorted(members))) for members in groups.values()
    ]


def differing_settings(requests: Sequence[RunRequest]) -> dict[str, list[str]]:
    """Setting -> its value in each request, only settings that are not the same in all.

    A setting that a method does not have reads as a dash; it differs only where two of the
    methods that have it disagree. The budget counts as a setting, and so do the questions.
    """
    tables = [
        {**_settings(request), **_questions(request), "budget": _budget(request)}
        for request in requests
    ]
    names = dict.fromkeys(name for table in tables for name in table)
    return {
        name: [setting_text(table.get(name)) for table in tables]
        for name in names
        if len({table[name] for table in tables if name in table}) > 1
    }


def setting_text(value: Setting | None) -> str:
    """A setting as it is shown: 0.001, on, vgg-small, none where it is an empty text.

    A dash where the method does not have it.
    """
    if value is None:
        return _NOT_SET
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value) or "none"


def ties(groups: Sequence[RunGroup]) -> list[tuple[int, int]]:
    """Pairs of places in `groups` whose 95 % intervals overlap: no difference is shown."""
    known = [(place, group.interval) for place, group in enumerate(groups)]
    return [
        (first, second)
        for number, (first, one) in enumerate(known)
        for second, other in known[number + 1 :]
        if one is not None and other is not None and overlap(one, other)
    ]


def overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether two closed intervals have a point in common."""
    return one[0] <= other[1] and other[0] <= one[1]


def mean_curve(
    curves: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]], window: int = 1
) -> MeanCurve | None:
    """Mean and spread of curves (x, y), each (n,) float64 with x ascending; None without points.

    window: points of each curve that are smoothed over, as they were published (see `smoothed`).
    Beyond the end of the shortest curve there is no mean: it would jump where a run drops out.
    Values between two points of a curve lie on the line through them. Of a long curve the points
    that are left keep every extreme of mean, low and high.
    """
    cleaned = [(x, y) for x, y in (_finite(x, y) for x, y in curves) if len(x)]
    if not cleaned:
        return None
    grid = cleaned[0][0] if len(cleaned) == 1 else _common_places(cleaned)
    if not len(grid):
        return None
    mean, low, high = _averaged(cleaned, grid, window)
    lines = [line for line in (mean, low, high) if line is not None]
    kept = np.unique(np.concatenate([thin(line, _CURVE_POINTS) for line in lines]))
    low, high = (None if edge is None else edge[kept] for edge in (low, high))
    return MeanCurve(grid[kept], mean[kept], low, high)


def _averaged(
    curves: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]],
    grid: NDArray[np.float64],
    window: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, NDArray[np.float64] | None]:
    """Mean, low and high of the curves at each of `grid`, (n,); no edges for one as it is."""

    def at_grid(lines: Iterable[NDArray[np.float64]]) -> NDArray[np.float64]:
        """(curves, n). One curve alone is on its grid already, with each of two points at one x."""
        several = len(curves) > 1
        places = (x for x, _ in curves)
        pairs = zip(places, lines, strict=True)
        return np.stack([np.interp(grid, x, line) if several else line for x, line in pairs])

    if window > 1:
        calm = [smoothed(y, window) for _, y in curves]
        mean = at_grid(one.mean for one in calm).mean(axis=0)
        low = at_grid(one.low for one in calm).min(axis=0)
        return mean, low, at_grid(one.high for one in calm).max(axis=0)
    table = at_grid(y for _, y in curves)
    mean = table.mean(axis=0)
    if len(curves) == 1:
        return mean, None, None
    deviation = table.std(axis=0, ddof=1)
    return mean, mean - deviation, mean + deviation


def _common_places(
    curves: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]],
) -> NDArray[np.float64]:
    """Every x of any curve that all of them reach, (n,), ascending.

    Of many long curves that share no x, which would fill the memory, only the extremes of each.
    """
    start, end = max(x[0] for x, _ in curves), min(x[-1] for x, _ in curves)
    grid = np.unique(np.concatenate([x for x, _ in curves]))
    if len(grid) * len(curves) > _TABLE:
        most = _TABLE // len(curves) ** 2
        grid = np.unique(np.concatenate([x[thin(y, most)] for x, y in curves]))
    shared: NDArray[np.float64] = grid[(grid >= start) & (grid <= end)]
    return shared


def _finite(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    good = np.isfinite(x) & np.isfinite(y)
    return x[good], y[good]


def _age(run: RunSummary) -> tuple[str, str]:
    """Larger for newer runs."""
    return (run.request.created, run.run)


def _likeness(request: RunRequest) -> Hashable:
    """Equal for runs that differ in nothing but the seed, and in what their method never reads."""
    own = (request.method, tuple(sorted(_settings(request).items())), _budget(request))
    if not uses_items(request.method):
        return own
    labels = request.labels
    heads = tuple(head.name for head in request.all_heads)
    counts = (tuple(sorted(part.items())) for part in (labels.per_class, labels.others))
    return (*own, request.fingerprint, heads, labels.last_event, labels.source, *counts)


def _settings(request: RunRequest) -> dict[str, bool | int | float | str]:
    """The configuration of a run; a setting that is newer than the run has its default."""
    return {**defaults_of(request.method), **request.configuration}


def _questions(request: RunRequest) -> dict[str, str]:
    """What a run was asked and told, as settings; none where its method reads no labels."""
    if not uses_items(request.method):
        return {}
    titles = ", ".join(head.title for head in request.all_heads)
    return {"questions": titles, "labels from": request.labels.source or "all of that time"}


def _budget(request: RunRequest) -> str:
    return f"{request.minutes:g} min" if request.minutes else f"{request.steps} steps"
