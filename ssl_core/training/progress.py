"""How far a run is, and when something that costs time is due again. Light: no framework here."""

import math
import time
from dataclasses import dataclass, field

EVALUATIONS = 40
EVALUATION_SECONDS = 20.0
LINE_SECONDS = 0.5
LONGEST_LINE_SECONDS = 2.0
LINES_OF_A_RUN = 4000
MEASURED_LINES = 4
MEASURED_SECONDS = 4.0
OVERTIME_SHARE = 0.05
OVERTIME_SECONDS = 3.0


@dataclass
class Progress:
    """Shared between training, which writes it, and the heartbeat, which publishes it."""

    steps: int | None = None  # of the whole run; None while a budget in minutes has no count yet
    step: int = 0
    images: int = 0
    earlier_seconds: float = 0.0  # spent training before this process
    started: float | None = None  # time.monotonic() when training began
    longest: float = math.inf  # seconds after which a run ends even with steps left
    overtime: bool = False  # `longest` was reached when the clock was last looked at
    measured: int = 0  # steps done when a budget in minutes got its count

    @property
    def seconds(self) -> float:
        """Spent training, over all resumes."""
        now = 0.0 if self.started is None else time.monotonic() - self.started
        return self.earlier_seconds + now

    @property
    def complete(self) -> bool:
        """Whether nothing is left to train; never before the number of steps is fixed."""
        return self.steps is not None and (self.step >= self.steps or self.overtime)

    def look_at_clock(self) -> None:
        """Between two looks `complete` depends on the steps alone, so all agree on the last."""
        self.overtime = self.seconds >= self.longest


@dataclass
class Cadence:
    """Something is due every so many steps or seconds, unless that costs too large a share.

    share: of the running time, for example 0.01; what cost 0.1 s then waits at least 10 s.
    """

    seconds: float
    share: float
    steps: float = math.inf
    last_step: int = 0
    cost: float = 0.0  # seconds, of the last time
    last: float = field(default_factory=time.monotonic)

    def due(self, step: int) -> bool:
        """Whether it should be done now, after `step` steps."""
        waited = time.monotonic() - self.last
        wanted = step - self.last_step >= self.steps or waited >= self.seconds
        return wanted and waited >= self.cost / self.share

    def done(self, step: int, started: float) -> None:
        """It was done, beginning at `started` of time.monotonic()."""
        self.last = time.monotonic()
        self.cost = self.last - started
        self.last_step = step


def planned_steps(minutes: float, spent: float, step: int, per_second: float) -> int:
    """How many steps a budget in minutes gives in all, fixed once the speed is known.

    spent: seconds used for the first `step` steps. The schedule then ends with the budget, a
    little early: 2 % are left for what is published.
    """
    left = max(0.0, minutes * 60.0 - spent)
    return step + max(1, math.floor(left * per_second * 0.98))


def longest_seconds(minutes: float | None) -> float:
    """When a budget in minutes ends whatever steps are left; never for a budget in steps.

    Its steps were counted by the speed of the first seconds, and a machine can become slower.
    The tolerance lets a run that is nearly on time bring its learning rate to zero.
    """
    if minutes is None:
        return math.inf
    seconds = 60.0 * minutes
    return seconds + max(OVERTIME_SECONDS, OVERTIME_SHARE * seconds)


def steps_of_a_line(per_second: float, remaining: int | None) -> int:
    """How many steps one line of metrics stands for: half a second, longer in very long runs."""
    expected = (remaining or 0) / per_second
    seconds = min(max(LINE_SECONDS, expected / LINES_OF_A_RUN), LONGEST_LINE_SECONDS)
    return max(1, round(seconds * per_second))


def whole_executions(steps: int, together: int, remaining: int | None) -> int:
    """About `steps`, as a multiple of the steps that run in one call; less only at the end.

    A line that ended inside such a call would have counted steps of the next one.
    """
    steps = max(steps, together)
    if remaining is not None:
        steps = min(steps, remaining)
    return steps // together * together or steps
