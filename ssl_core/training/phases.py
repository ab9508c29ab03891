"""Which phase of a training a step belongs to. Light: no framework here."""

from dataclasses import dataclass
from typing import NamedTuple


class Phase(NamedTuple):
    """A stretch of a training, with its own streams, terms, schedule and optimizer state."""

    name: str  # for a person: "pretraining"
    share: float  # of the steps of the run
    terms: tuple[str, ...]  # of the loss, those that are active
    rate: float = 1.0  # times the learning rate of the configuration


@dataclass(frozen=True)
class Span:
    """A phase with its first step and the step after its last, None while that is not known."""

    phase: Phase
    first: int
    end: int | None

    @property
    def steps(self) -> int | None:
        """How many steps the phase has."""
        return None if self.end is None else self.end - self.first


def phase_at(phases: tuple[Phase, ...], step: int, steps: int | None, least: int = 0) -> Span:
    """The phase of `step` in a run of `steps`; at the end of the run, the last one.

    While a budget in minutes has no number of steps yet, that is the first phase. least: steps
    that were done when it got one, below `steps`: the first phase has at least these, and at least
    one, because what comes later is prepared by what comes before.
    """
    spans = _spans(phases, steps, least)
    return next((span for span in spans if span.end is None or step < span.end), spans[-1])


def begun(phases: tuple[Phase, ...], step: int, steps: int | None, least: int = 0) -> list[Span]:
    """The phases that a run of `steps` has begun at `step`, that of the next step with them."""
    return [span for span in _spans(phases, steps, least) if span.first <= step]


def _spans(phases: tuple[Phase, ...], steps: int | None, least: int) -> list[Span]:
    """Where each phase lies; those that have no step are left out."""
    if steps is None:
        return [Span(phases[0], 0, None)]
    shares, least = [phase.share for phase in phases], max(1, least)
    if len(phases) > 1 and least > round(shares[0] * steps):
        rest = (1.0 - least / steps) / sum(shares[1:])
        shares = [least / steps, *(rest * share for share in shares[1:])]
    first, done = 0, 0.0
    spans = []
    for phase, share in zip(phases, shares, strict=True):
        done += share
        end = steps if phase is phases[-1] else min(steps, round(done * steps))
        if end > first:
            spans.append(Span(phase, first, end))
        first = max(first, end)
    return spans
