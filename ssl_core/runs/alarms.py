"""Which alarms of a run are on, and since which step."""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial

from ssl_core.errors import UserError
from ssl_core.methods import method_named, uses_items
from ssl_core.methods.alarms import Alarm, History
from ssl_core.runs.alone import BASELINE, alarms_of_heads, alone_low
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.guides import read_guides
from ssl_core.runs.listing import list_runs
from ssl_core.runs.phase_starts import read_phase_starts
from ssl_core.runs.request import RunRequest
from ssl_core.runs.series import MetricSeries, metric_series
from ssl_core.runs.shared_alarms import SHARED
from ssl_core.workspace import Workspace

_SETTLED = 3  # lines in a row that say the same
_LOOKED_BACK = 30  # lines, while they go to and fro


@dataclass(frozen=True)
class ActiveAlarm:
    """An alarm that is on, and the step of the line at which it began."""

    alarm: Alarm
    since: int


def active_alarms(folder: RunFolder, request: RunRequest) -> list[ActiveAlarm]:
    """The alarms of a run that are on after its newest line.

    Those of its method come first, those of single heads last.
    """
    series = metric_series(folder.path)
    if not series.rows:
        return []
    look = _historian(series, request, folder)
    found = []
    for alarm in (*alarms_of(request.method), *alarms_of_heads(request)):
        first = first_row(partial(_check, alarm, look), series.rows)
        if first is not None:
            found.append(ActiveAlarm(alarm, _step_of(series, first)))
    return found


def alarms_of(method: str) -> tuple[Alarm, ...]:
    """The alarms of a method and the shared ones; its own stands for a shared one of that name."""
    try:
        own = method_named(method).alarms
    except UserError:  # this version no longer has the method
        own = ()
    names = {alarm.name for alarm in own}
    return (*own, *(alarm for alarm in SHARED if alarm.name not in names))


def first_row(on: Callable[[int], bool], rows: int) -> int | None:
    """The row at which the present alarm began; None where there is none.

    `on` answers for one row. An alarm begins with three rows in a row that say so and ends with
    three that do not: one odd line neither makes nor ends one. Rows are looked at in strides that
    double, so a long run costs no more than a short one.
    """
    if not _settled(on, rows - 1):
        return None
    good, stride = rows - 1, 1
    while good - stride >= 0 and _settled(on, good - stride):
        good, stride = good - stride, 2 * stride
    bad = max(-1, good - stride)
    while good - bad > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if _settled(on, middle) else (good, middle)
    return max(0, good - _SETTLED + 1)


def _check(alarm: Alarm, look: Callable[[int], History], row: int) -> bool:
    return alarm.check(look(row))


def _step_of(series: MetricSeries, row: int) -> int:
    """The step of a row; lines that a resume blanked out have none, so that of the next."""
    steps = (series.place(place, "step") for place in range(row, series.rows))
    return int(next((step for step in steps if step), 0.0))


def _settled(on: Callable[[int], bool], row: int) -> bool:
    """What the latest three rows in a row that agree say, looking back from `row`."""
    agreed, said = 0, None
    for place in range(row, max(-1, row - _LOOKED_BACK), -1):
        now = on(place)
        agreed = agreed + 1 if now is said else 1
        said = now
        if agreed == _SETTLED:
            return now
    return False


def _historian(
    series: MetricSeries, request: RunRequest, folder: RunFolder
) -> Callable[[int], History]:
    """What the run had published up to a row."""
    names = tuple(series.names())
    guides: Mapping[str, Mapping[str, float]] = {
        group: {line.name: line.value for line in lines}
        for group, lines in read_guides(folder.path).items()
    }

    lines_of_phase = _phase_counter(series, folder)
    supervised = cache(partial(supervised_low, folder, request))
    alone = cache(partial(alone_low, folder, request))

    def look(row: int) -> History:
        return History(
            read=lambda metric, points: series.newest(metric, points, row),
            read_until=lambda metric, points, other: series.newest(
                metric, points, series.newest_row(other, row)
            ),
            names=names,
            steps=int(series.place(row, "step")),
            share_done=_share_done(series, request, row),
            classes=len(request.classes),
            settings=request.configuration,
            guides=guides,
            lines_of_phase=partial(lines_of_phase, row),
            supervised_low=supervised,
            alone_low=alone,
        )

    return look


def supervised_low(folder: RunFolder, request: RunRequest) -> float | None:
    """The lower edge of what the newest supervised run to compare with ended at; None without.

    On the same items, heads and labels, of which the same seed chose those of the validation.
    """
    if request.method == BASELINE or not uses_items(request.method):
        return None
    asked = _learned_from(request)
    for run in list_runs(Workspace(folder.path.parent.parent)):  # newest first
        if run.request.method == BASELINE and _learned_from(run.request) == asked:
            interval = run.status.results.validation_interval
            if run.status.state == "finished" and interval is not None:
                return interval[0]
    return None


def _learned_from(request: RunRequest) -> tuple[object, ...]:
    labels, heads = request.labels, tuple(head.name for head in request.all_heads)
    counts = labels.train, labels.validation, labels.per_class, labels.others
    return (request.fingerprint, heads, request.seed, labels.last_event, *counts)


def _phase_counter(series: MetricSeries, folder: RunFolder) -> Callable[[int, str], int]:
    """How many lines up to a row have a metric and lie in the phase of that row."""
    starts = [start.step for start in read_phase_starts(folder.path)]

    @cache
    def steps_with(metric: str) -> list[float]:
        steps: list[float] = series.curve(metric)[0].tolist()
        return steps

    def count(row: int, metric: str) -> int:
        back = (series.place(place, "step") for place in range(row, -1, -1))
        step = next((step for step in back if step), 0.0)  # lines blanked by a resume have none
        began = max((start for start in starts if start < step), default=0)
        steps = steps_with(metric)
        return bisect_right(steps, step) - bisect_right(steps, began)

    return count


def _share_done(series: MetricSeries, request: RunRequest, row: int) -> float:
    if request.steps:
        return min(1.0, series.place(row, "step") / request.steps)
    return min(1.0, series.place(row, "seconds") / (60 * (request.minutes or 1)))
