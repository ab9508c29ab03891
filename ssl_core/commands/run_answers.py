"""How the command line speaks of a run."""

from __future__ import annotations

from ssl_core.commands.command import Answer
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.status import RunStatus
from ssl_core.runs.supervision import true_status


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
        parts.append(f"{status.images_seen:,} images seen")
    parts += accuracy_parts(status)
    return ", ".join(parts) + (f". {status.message}" if status.message else "")


def accuracy_parts(status: RunStatus) -> list[str]:
    """The test figure in words, where there is one."""
    results = status.results
    if results.test_accuracy is None:
        return []
    text = f"test accuracy {results.test_accuracy:.1%}"
    if results.test_interval is not None:
        low, high = results.test_interval
        text += f" (95 % interval {low:.1%} to {high:.1%}, {results.test_count:,} images)"
    return [text]


def answer_for(folder: RunFolder, status: RunStatus | None = None) -> Answer:
    """The answer of a verb that has done something to a run; exit code 1 where it failed."""
    status = status or true_status(folder)
    payload, text = run_payload(folder.run, status), run_line(folder.run, status)
    if status.state == "failed":
        return Answer(payload, text, 1, f"{folder.run} failed: {status.message}")
    return Answer(payload, text)
