"""How the command line speaks of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ssl_core.commands.command import Answer
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.status import RunStatus
from ssl_core.runs.supervision import true_status

if TYPE_CHECKING:  # numpy stays out of verbs that need none
    from ssl_core.runs.alarms import ActiveAlarm


def run_payload(run: str, status: RunStatus) -> dict[str, object]:
    """The keys that every verb about a run answers with."""
    results = status.results
    return {
        "run": run,
        "status": status.state,
        "test_accuracy": results.test_accuracy,
        "test_interval": list(results.test_interval) if results.test_interval else None,
        "seconds": status.seconds,
        "images_seen": status.images_seen,
    }


def run_line(run: str, status: RunStatus) -> str:
    """One line for a person."""
    parts = [f"{run}: {status.state}"]
    if status.steps:
        parts.append(f"step {status.step:,} of {status.steps:,}")
    elif status.step:
        parts.append(f"step {status.step:,}")
    if status.seconds:
        parts.append(f"{status.seconds:.0f} s")
    if status.images_seen:
        parts.append(f"{status.images_seen:,} items seen")
    parts += accuracy_parts(status) + figure_parts(status)
    return ", ".join(parts) + (f". {status.message}" if status.message else "")


def accuracy_parts(status: RunStatus) -> list[str]:
    """The test figure in words, where there is one."""
    results = status.results
    if results.test_accuracy is None:
        return []
    text = f"test accuracy {results.test_accuracy:.1%}"
    if results.test_interval is not None:
        low, high = results.test_interval
        text += f" (95 % interval {low:.1%} to {high:.1%}, {results.test_count:,} items)"
    return [text]


def figure_parts(status: RunStatus) -> list[str]:
    """The other figures in words, named as metrics."""
    return [f"{name} {value:.4g}" for name, value in status.results.figures.items()]


def alarm_payload(alarms: Sequence[ActiveAlarm]) -> list[dict[str, object]]:
    """The alarms of a run that are on."""
    return [
        {
            "name": active.alarm.name,
            "title": active.alarm.title,
            "advice": active.alarm.advice,
            "since_step": active.since,
            "uses_hidden_labels": active.alarm.uses_hidden_labels,
        }
        for active in alarms
    ]


def alarm_lines(alarms: Sequence[ActiveAlarm]) -> list[str]:
    """The same for a person, one line an alarm."""
    lines = []
    for active in alarms:
        hidden = " (uses hidden labels)" if active.alarm.uses_hidden_labels else ""
        told = f"since step {active.since:,}{hidden}: {active.alarm.title}."
        lines.append(f"Alarm {told} {active.alarm.advice}")
    return lines


def answer_for(folder: RunFolder, status: RunStatus | None = None) -> Answer:
    """The answer of a verb that has done something to a run; exit code 1 where it failed."""
    status = status or true_status(folder)
    payload, text = run_payload(folder.run, status), run_line(folder.run, status)
    if status.state == "failed":
        return Answer(payload, text, 1, f"{folder.run} failed: {status.message}")
    return Answer(payload, text)
