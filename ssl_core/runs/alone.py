"""A head of a run on several, against the newest run that learned it alone from the same labels."""

from bisect import bisect_left
from functools import partial
from math import hypot

import numpy as np
from numpy.typing import NDArray

from ssl_core.errors import UserError
from ssl_core.labels.snapshot import VALIDATION_ROLE
from ssl_core.methods.alarms import Alarm, History
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.listing import list_runs
from ssl_core.runs.request import RunRequest
from ssl_core.stats import wilson_interval
from ssl_core.workspace import Workspace

BASELINE = "supervised"
_EVALUATIONS = 5
_END = 0.8  # of the budget: what is not there by now hardly comes


def alarms_of_heads(request: RunRequest) -> tuple[Alarm, ...]:
    """One alarm for each head with classes; none for a run on one head."""
    heads = request.all_heads
    metrics = ["accuracy/validation", *(f"accuracy/{head.name}" for head in heads[1:])]
    if len(heads) < 2:
        return ()
    return tuple(
        Alarm(
            f"worse-than-alone-{head.name}",
            f"{head.title}: less right than the run on this head alone",
            "Where both trained as long, the other heads harm it: lower their weights, raise its "
            "own, or use the run that learned it alone.",
            partial(_worse_than_alone, head.name, metric),
        )
        for head, metric in zip(heads, metrics, strict=True)
        if head.kind != "regression"
    )


def _worse_than_alone(head: str, metric: str, history: History) -> bool:
    """Late in a run the latest evaluations of a head are all below those of the run on it alone."""
    latest = history.of_phase(metric, _EVALUATIONS)
    if history.share_done < _END or len(latest) < _EVALUATIONS:
        return False
    low = history.alone_low(head)
    return low is not None and max(latest) < low


def alone_low(folder: RunFolder, request: RunRequest, name: str) -> float | None:
    """The validation accuracy under which the head `name` is worse than alone; None without.

    Compared with the newest finished run of the same method, or of the baseline, that was given
    this head alone, with the same items, labels and seed.
    """
    own = _labels_of(folder, request, name)
    if own is None:
        return None
    for run in list_runs(Workspace(folder.path.parent.parent)):  # newest first
        results = run.status.results
        accuracy, interval = results.validation_accuracy, results.validation_interval
        if run.status.state != "finished" or accuracy is None or interval is None:
            continue
        if not _learns_alone(run.request, request, name):
            continue
        other = _labels_of(RunFolder(folder.path.parent / run.run), run.request, name)
        if other is not None and all(map(np.array_equal, own[:2], other[:2])):
            known = int(np.count_nonzero(own[2] == VALIDATION_ROLE))
            return lowest_equal(accuracy, interval[0], known)
    return None


def lowest_equal(accuracy: float, low: float, count: int) -> float | None:
    """The share of `count` under which the 95 % interval of the difference leaves 0 out.

    accuracy, low: of the run alone, shares; `low` is the lower edge of its Wilson interval.
    Newcombe 1998, Statistics in Medicine 17(8), method 10: as if the two were validated on other
    items, for roles are drawn by the main head. None where no share is so low.
    """

    def no_worse(right: int) -> bool:
        share = right / count
        return accuracy - share <= hypot(accuracy - low, wilson_interval(right, count)[1] - share)

    if count == 0:
        return None
    first = bisect_left(range(count + 1), True, key=no_worse)
    return (first - 0.5) / count if first else None  # between two shares that can be


def _learns_alone(other: RunRequest, request: RunRequest, name: str) -> bool:
    return (
        [head.name for head in other.all_heads] == [name]
        and _classes_of(other, name) == _classes_of(request, name)
        and other.method in (BASELINE, request.method)
        and other.fingerprint == request.fingerprint
        and other.seed == request.seed
    )


def _classes_of(request: RunRequest, name: str) -> list[int]:
    """What the indices of the labels of a head stand for, whatever it is called by now."""
    return [one.identifier for h in request.all_heads if h.name == name for one in h.classes]


def _labels_of(
    folder: RunFolder, request: RunRequest, name: str
) -> tuple[NDArray[np.generic], ...] | None:
    """Items, values and roles (n,) of one head of a run; None where they cannot be read."""
    place = "" if request.all_heads[0].name == name else f"{name}/"
    try:
        arrays = folder.labels()
        return tuple(arrays[f"{place}{part}"] for part in ("items", "values", "roles"))
    except (UserError, KeyError):
        return None
