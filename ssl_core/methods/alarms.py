"""Alarms: known failures of training, recognised in what a run has published."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

Setting = bool | int | float | str


@dataclass(frozen=True)
class History:
    """What a run has published up to one of its lines, as a check looks at it.

    `read(metric, points)` gives the newest finite values of a metric, oldest first, at most
    `points` of them; none where the metric was never published. `read_until(metric, points, other)`
    leaves out those after the newest line that has `other`; none where no line has it.
    `lines_of_phase(metric)` says how many lines of the present phase have a metric.
    """

    read: Callable[[str, int], Sequence[float]]
    names: tuple[str, ...] = ()  # the metrics of the run
    steps: int = 0  # of the newest line
    share_done: float = 0.0  # of the budget, in [0, 1]
    classes: int = 0  # of the main head
    settings: Mapping[str, Setting] = field(default_factory=dict)  # the configuration of the run
    guides: Mapping[str, Mapping[str, float]] = field(
        default_factory=dict
    )  # group -> name -> value
    read_until: Callable[[str, int, str], Sequence[float]] = lambda metric, points, other: ()
    lines_of_phase: Callable[[str], int] = lambda metric: sys.maxsize
    # Lower edge of the validation interval of a finished supervised run on the same labels.
    # None without one. Looking for it reads the list of runs: asked last.
    supervised_low: Callable[[], float | None] = lambda: None
    # Accuracy under which a head is worse than in the finished run that learned it alone, beyond
    # the interval of the difference. None without such a run. Asked last, as well.
    alone_low: Callable[[str], float | None] = lambda head: None

    def last(self, metric: str) -> float | None:
        """The newest value of a metric, None before there is one."""
        found = self.read(metric, 1)
        return found[-1] if found else None

    def recent(self, metric: str, points: int) -> list[float]:
        """The newest values of a metric, oldest first, at most `points`."""
        return list(self.read(metric, points))

    def of_phase(self, metric: str, points: int) -> list[float]:
        """As `recent`, of the present phase alone: the next one may begin with other weights."""
        return list(self.read(metric, min(points, self.lines_of_phase(metric))))

    def middle(self, metric: str, points: int) -> float | None:
        """The median of the newest `points` values; None before there are that many."""
        found = self.read(metric, points)
        return median(found) if len(found) >= points else None

    def middle_at(self, metric: str, points: int, other: str) -> float | None:
        """The median of the `points` values up to the newest line that has `other`.

        What was published often and what was published seldom are compared at the same step so.
        """
        found = self.read_until(metric, points, other)
        return median(found) if len(found) >= points else None

    def group(self, prefix: str) -> tuple[str, ...]:
        """The metrics of one group, such as those that begin with "usage/"."""
        return tuple(name for name in self.names if name.startswith(prefix))


@dataclass(frozen=True)
class Alarm:
    """A known failure: when it is there (`check`), and what to do about it (one sentence).

    `check` is asked after every line that a run publishes; it is pure, takes microseconds and
    answers False while it cannot know. Better to look at a median than at one value.
    """

    name: str  # lower case, the same for ever: "usage-collapse"
    title: str  # what is wrong, a few words
    advice: str  # what to do, one sentence
    check: Callable[[History], bool]
    uses_hidden_labels: bool = False  # whether it needs labels that the training never saw
