"""What a study has found: accuracy against labels, its spread, and which differences are ties."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean
from typing import Literal

from ssl_core.labels.cost import Pace
from ssl_core.runs.listing import RunSummary
from ssl_core.stats import Spread, mean_and_spread
from ssl_core.studies.progress import Progress
from ssl_core.studies.study import Cell, Study

Unit = Literal["draws", "seeds"]
Verdict = Literal["first", "second", "tie", "unknown"]


@dataclass(frozen=True)
class Point:
    """Test accuracy of one method at one number of labels.

    shares: by draw, or by seed where there is one draw; each the mean over what is below it.
    """

    budget: int
    shares: dict[int, float]

    @property
    def spread(self) -> Spread:
        return mean_and_spread(list(self.shares.values()))


@dataclass(frozen=True)
class Difference:
    """First method minus second at one number of labels, over the draws that both have.

    `spread.interval` is Student's t at 95 %; None for a single draw.
    """

    budget: int
    first: str
    second: str
    spread: Spread

    @property
    def verdict(self) -> Verdict:
        """Unknown for a single draw; a tie where the interval of the difference holds 0."""
        interval = self.spread.interval
        if interval is None:
            return "unknown"
        if interval[0] <= 0 <= interval[1]:
            return "tie"
        return "first" if self.spread.mean > 0 else "second"


@dataclass(frozen=True)
class Findings:
    """All that the finished runs of a study say.

    curves: method -> points by growing budget. seconds: budget -> what so many labels take to give;
    empty where no label was timed.
    """

    curves: dict[str, list[Point]]
    ceiling: Spread | None
    differences: list[Difference]
    unit: Unit
    seconds: dict[int, float]


def find(progress: Progress, pace: Pace | None = None) -> Findings:
    """Read off the runs that have finished with a test accuracy. pace: of the labels given here."""
    unit: Unit = "seeds" if progress.study.settings.draws == 1 else "draws"
    shares = {
        cell: share for cell, run in progress.runs.items() if (share := _accuracy(run)) is not None
    }
    points = _points(shares, unit)
    asked = progress.study.settings
    curves = {
        method: [points[method, budget] for budget in asked.budgets if (method, budget) in points]
        for method in asked.all_methods
    }
    tops = [share for cell, share in shares.items() if cell.budget is None]
    differences = [
        difference
        for budget in asked.budgets
        for first, second in combinations(asked.all_methods, 2)
        if (difference := _difference(points, budget, first, second)) is not None
    ]
    ceiling = mean_and_spread(tops) if tops else None
    seconds = _seconds(progress.study, pace) if pace else {}
    return Findings(curves, ceiling, differences, unit, seconds)


def own_times(study: Study, pace: Pace, budget: int) -> int:
    """How many of the first `budget` labels of a study have a time of their own: none of those that
    are simulated."""
    if study.settings.kind == "reference":
        return 0
    return sum(item in pace.of_items for item in study.orders[0][:budget])


def _seconds(study: Study, pace: Pace) -> dict[int, float]:
    """The times of the person's own labels, and the mean of all timed ones for any other label."""
    own = pace.of_items if study.settings.kind == "hand" else {}
    return {
        budget: sum(own.get(item, pace.mean) for item in study.orders[0][:budget])
        for budget in study.settings.budgets
    }


def _accuracy(run: RunSummary) -> float | None:
    return run.status.results.test_accuracy if run.status.state == "finished" else None


def _points(shares: dict[Cell, float], unit: Unit) -> dict[tuple[str, int], Point]:
    """By method and budget. A seed more is no other choice of labels: it is averaged first."""
    found: dict[tuple[str, int], dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for cell, share in shares.items():
        if cell.budget is not None:
            number = cell.draw if unit == "draws" else cell.seed
            found[cell.method, cell.budget][number].append(share)
    return {
        place: Point(place[1], {number: fmean(members[number]) for number in sorted(members)})
        for place, members in found.items()
    }


def _difference(
    points: dict[tuple[str, int], Point], budget: int, first: str, second: str
) -> Difference | None:
    """Paired: in a draw both methods had the same labels. None without a draw that both have."""
    one, other = points.get((first, budget)), points.get((second, budget))
    if one is None or other is None:
        return None
    pairs = [share - other.shares[n] for n, share in one.shares.items() if n in other.shares]
    return Difference(budget, first, second, mean_and_spread(pairs)) if pairs else None


def against(found: Findings, method: str) -> list[Difference]:
    """The differences of each other method to `method`, the other one first."""
    return [
        Difference(one.budget, one.second, one.first, _negative(one.spread))
        if one.first == method
        else one
        for one in found.differences
        if method in (one.first, one.second)
    ]


def _negative(spread: Spread) -> Spread:
    interval = spread.interval
    turned = None if interval is None else (-interval[1], -interval[0])
    return Spread(-spread.mean, spread.deviation, turned, spread.count)
