"""Whether more labels are worth giving, and on what grounds: pure functions of what was seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

LOOK_BACK = 3  # trainings between the two accuracies that are compared
STABLE = 0.01  # share of predictions changed by a training, below which they stand still
STILL = 2  # trainings in a row that must stand still
WIDE = 0.2  # width of an interval above which an accuracy says little
PAPER = "stabilising predictions, Bloodgood and Vijay-Shanker 2009"

Verdict = Literal["begin", "measure", "early", "stop", "look", "go on"]


@dataclass(frozen=True)
class Training:
    """One finished training of the loop, as the figures of now see it.

    labels: that it was given. accuracy, low, high: shares with a 95 % Wilson interval, all
    trainings on the same `count` items; None where nothing is known to measure on. changed: share
    of the pool that it answers otherwise than the training before it; None for the first.
    """

    run: str
    labels: int
    accuracy: float | None = None
    low: float | None = None
    high: float | None = None
    count: int = 0
    changed: float | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        return None if self.low is None or self.high is None else (self.low, self.high)


@dataclass(frozen=True)
class Advice:
    """A verdict in a sentence, what to do, and each ground as a sentence with its figures."""

    verdict: Verdict
    text: str
    grounds: tuple[str, ...] = ()


def advise(history: Sequence[Training]) -> Advice:
    """What the trainings so far say about more labels. history: the oldest first."""
    if not history:
        return Advice("begin", "Train once: then it can be seen what labels bring.")
    newest = history[-1]
    if newest.accuracy is None or newest.interval is None:
        return Advice(
            "measure",
            "Label on: nothing held out is labelled yet, so no accuracy can be counted.",
            _changes(history),
        )
    if len(history) <= LOOK_BACK:
        missing = LOOK_BACK + 1 - len(history)
        trainings = "training" if missing == 1 else "trainings"
        return Advice(
            "early",
            f"Too early to say: label on. After {missing} more {trainings} the newest is compared "
            f"with the one {LOOK_BACK} trainings before it.",
            (_accuracy(newest), *_changes(history)),
        )
    before = history[-1 - LOOK_BACK]
    return _compared(before, newest, (_compare(before, newest), *_changes(history)), history)


def _compared(
    before: Training, newest: Training, grounds: tuple[str, ...], history: Sequence[Training]
) -> Advice:
    """The verdict where there are trainings enough."""
    width = (newest.high or 0.0) - (newest.low or 0.0)
    if width > WIDE:
        grounds += (
            f"The interval is {_points(width)} wide. It halves with four times as many held-out "
            f"labels: {4 * newest.count:,} in place of {newest.count:,}.",
        )
    accuracy, low, high = newest.accuracy or 0.0, before.low or 0.0, before.high or 1.0
    latest = [training.changed for training in history[-STILL:]]
    still = all(changed is not None and changed < STABLE for changed in latest)
    if accuracy < low:
        return Advice(
            "look",
            "Look before you label on: the accuracy fell. Review the newest labels for mistakes.",
            grounds,
        )
    if accuracy > high:
        return Advice("go on", "Label on: the accuracy still rises clearly.", grounds)
    if still:
        return Advice(
            "stop",
            "You can stop: more labels of this kind change little. A class that needs labels, "
            "more steps or another method may still bring something.",
            grounds,
        )
    return Advice(
        "go on",
        "Label on: the accuracy does not rise clearly any more, but the predictions still move.",
        grounds,
    )


def _accuracy(training: Training) -> str:
    return f"The newest training is right on {_figure(training)}."


def _compare(before: Training, newest: Training) -> str:
    """The newest accuracy beside the interval of the one that it is compared with."""
    accuracy, low, high = newest.accuracy or 0.0, before.low or 0.0, before.high or 1.0
    where = "above" if accuracy > high else "below" if accuracy < low else "within"
    return (
        f"The accuracy of the newest training, {_figure(newest)}, lies {where} the interval of "
        f"{LOOK_BACK} trainings ago, {_share(low)} to {_share(high)}, "
        f"{newest.labels - before.labels:,} labels earlier."
    )


def _figure(training: Training) -> str:
    low, high = training.interval or (0.0, 1.0)
    number = f"{training.count:,} item{'' if training.count == 1 else 's'}"
    return f"{_share(training.accuracy or 0.0)} ({_share(low)} to {_share(high)}) of {number}"


def _changes(history: Sequence[Training]) -> tuple[str, ...]:
    """What the last trainings changed, newest first; nothing for a first one."""
    latest = [one.changed for one in reversed(history[-STILL:]) if one.changed is not None]
    if not latest:
        return ()
    shares = " and the one before it ".join(_share(changed) for changed in latest)
    limit = f"less than {_share(STABLE)} in {STILL} trainings in a row counts as standing still"
    return (f"The last training changed {shares} of the predictions; {limit} ({PAPER}).",)


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def _points(value: float) -> str:
    return f"{100 * value:.0f} percentage points"
