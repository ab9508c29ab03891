"""Budgets, the length of a line, and when something is due."""

import math
import time

import pytest

from ssl_core.training.progress import (
    Cadence,
    Progress,
    longest_seconds,
    planned_steps,
    steps_of_a_line,
    whole_executions,
)


def test_a_budget_in_minutes_becomes_steps() -> None:
    assert planned_steps(minutes=1.0, spent=10.0, step=100, per_second=10.0) == 100 + 490
    assert planned_steps(minutes=0.1, spent=60.0, step=7, per_second=10.0) == 8


def test_a_budget_in_minutes_ends_by_the_clock_once_its_steps_are_known() -> None:
    assert longest_seconds(None) == math.inf
    assert longest_seconds(10.0) == 630.0
    assert longest_seconds(0.1) == 9.0
    progress = Progress(earlier_seconds=631.0, longest=630.0, step=5)
    progress.look_at_clock()
    assert not progress.complete
    progress.steps = 100
    assert progress.complete
    progress.earlier_seconds = 629.0
    progress.look_at_clock()
    assert not progress.complete


def test_a_line_stands_for_half_a_second_and_longer_in_long_runs() -> None:
    assert steps_of_a_line(per_second=20.0, remaining=1000) == 10
    assert steps_of_a_line(per_second=0.3, remaining=1000) == 1
    assert steps_of_a_line(per_second=100.0, remaining=10**7) == 200


def test_what_costs_much_waits_longer() -> None:
    cadence = Cadence(seconds=1000.0, share=0.01, steps=10)
    now = time.monotonic()
    assert not cadence.due(9)
    assert cadence.due(10)
    cadence.done(10, started=now - 1.0)
    assert cadence.cost == pytest.approx(1.0, abs=0.1)
    assert not cadence.due(20)
    cadence.last -= 101.0
    assert cadence.due(20)


def test_seconds_go_on_after_a_resume() -> None:
    progress = Progress(earlier_seconds=5.0)
    assert progress.seconds == 5.0
    progress.started = time.monotonic() - 2.0
    assert progress.seconds == pytest.approx(7.0, abs=0.1)
    assert not progress.complete
    progress.steps, progress.step = 10, 10
    assert progress.complete


@pytest.mark.parametrize(
    ("steps", "together", "remaining", "expected"),
    [
        (1, 1, 9, 1),
        (1, 8, None, 8),
        (30, 8, 1000, 24),
        (30, 8, 20, 16),
        (30, 8, 5, 5),
        (7, 1, 5, 5),
    ],
)
def test_a_line_never_ends_inside_a_call(
    steps: int, together: int, remaining: int | None, expected: int
) -> None:
    assert whole_executions(steps, together, remaining) == expected
