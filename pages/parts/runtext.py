"""What is said about a run, in words. Pure functions, no streamlit calls."""

from collections.abc import Mapping
from datetime import datetime

from pages.parts.words import count, counted, duration, share, short
from ssl_core.errors import UserError
from ssl_core.methods import method_named, uses_items
from ssl_core.runs.figures import full_name, group_of
from ssl_core.runs.listing import RunSummary
from ssl_core.runs.request import RunRequest
from ssl_core.runs.status import FINAL_STATES, Results, RunStatus

STATE_TAGS = {"running": "good", "finished": "good", "failed": "bad"}
_ORDER = {"running": 0, "queued": 1}


def method_title(name: str) -> str:
    """The title of a method; its name where this version no longer has it."""
    try:
        return method_named(name).title
    except UserError:
        return name


def run_name(run: RunSummary) -> str:
    """The name a person gave, else what tells the run from its neighbours."""
    return run.title if run.title != run.run else default_name(run.request)


def default_name(request: RunRequest) -> str:
    """For example 'Supervised baseline · 100 labels · seed 1'."""
    parts = [method_title(request.method), labels_number(request), f"seed {request.seed}"]
    if request.cell is not None:  # of a study
        parts.append(f"draw {request.cell.draw + 1}")
    return " · ".join(part for part in parts if part)


def labels_count(request: RunRequest) -> int | None:
    """How many labels a run was given, of all its heads; None where its method reads none."""
    if not uses_items(request.method):
        return None
    return sum(request.labels.per_class.values()) + sum(request.labels.others.values())


def labels_number(request: RunRequest) -> str:
    """'100 labels', 'no labels'; nothing of a method that reads none."""
    number = labels_count(request)
    if number is None:
        return ""
    return counted(number, "label") if number else "no labels"


def labels_text(request: RunRequest) -> str:
    """The labels that a run was given, with their roles, and those of further heads."""
    if not labels_count(request):
        return labels_number(request)
    labels = request.labels
    main = (
        f"{counted(sum(labels.per_class.values()), 'label')} ({count(labels.train)} to train on, "
        f"{count(labels.validation)} to validate, {count(labels.held_out)} held out)"
    )
    return ", ".join(
        [main, *(f"{count(number)} of {head}" for head, number in labels.others.items())]
    )


def figure_title(metric: str, units: Mapping[str, str], heads: Mapping[str, str]) -> str:
    """What a figure of ended runs is called: 'Test accuracy: Group', 'Normalised MI: clusters'.

    units, heads: unit of the answers and title of a head, by its name.
    """
    group = group_of(metric, units)
    if group.counted_on != "test":
        return full_name(metric, units, heads)
    what = group.title.partition(":")[0].removesuffix(" by question")
    head = metric.partition("/")[2]
    what = what if what[:2].isupper() else what[0].lower() + what[1:]
    return f"Test {what}: {heads.get(head, head.replace('_', ' '))}"


def mapped_with(results: Results) -> str:
    """'hand labels', 'reference labels'; nothing where classes were learned in the training."""
    return results.mapping.partition(" of ")[0]


def uses_reference_labels(results: Results) -> bool:
    """Whether its answers were mapped to classes with labels that came with the data."""
    return results.uses_reference_labels


def uses_reference_figure(metric: str, results: Results) -> bool:
    """Whether a figure of ended runs was counted with labels that came with the data."""
    return group_of(metric).counted_on == "mapping" and uses_reference_labels(results)


def started(request: RunRequest) -> str:
    """When the run was made, in local time: '2026-01-31 12:05'."""
    try:
        return f"{datetime.fromisoformat(request.created).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return request.run


def listed_name(run: RunSummary, longest: int = 70) -> str:
    """Its name, cut to so many characters, and when it was made, as one of a list.

    Nothing that changes: the browser sends this text back as the choice.
    """
    return f"{short(run_name(run), longest)} · {started(run.request)}"


def by_state(runs: list[RunSummary]) -> list[RunSummary]:
    """Running ones first, then those that wait, then the newest."""
    return sorted(runs, key=lambda run: _ORDER.get(run.status.state, 2))


def is_alive(status: RunStatus) -> bool:
    """Whether the run may still change by itself."""
    return status.state not in FINAL_STATES


def progress(request: RunRequest, status: RunStatus) -> float | None:
    """The done part of the budget in [0, 1]; None where it is not known yet."""
    steps = status.steps or request.steps
    if steps:
        return min(1.0, status.step / steps)
    return min(1.0, status.seconds / (60 * request.minutes)) if request.minutes else None


def seconds_left(
    request: RunRequest, status: RunStatus, images_per_second: float | None
) -> float | None:
    """Training time that is still to come, seconds; None where nothing can be said.

    By the speed of the last lines: the mean since the start would count the time of compiling.
    """
    found = []
    if request.minutes:
        found.append(60 * request.minutes - status.seconds)
    steps = status.steps or request.steps
    if steps and status.images_seen and images_per_second:
        images = (steps - status.step) * status.images_seen / status.step if status.step else 0
        found.append(images / images_per_second)
    left = min(found, default=0.0)
    return left if left > 0 else None


def budget(request: RunRequest) -> str:
    """'1200 steps' or '5 minutes'."""
    if request.minutes:
        return f"{request.minutes:g} min"
    return counted(request.steps or 0, "step")


def accuracy_text(
    accuracy: float | None, interval: tuple[float, float] | None, digits: int = 1
) -> str:
    """'91.2 % (87.5–94.0 %)': a share with its 95 % interval; a dash where unknown."""
    if accuracy is None:
        return "–"
    if interval is None:
        return share(accuracy, digits)
    return f"{share(accuracy, digits)} ({interval_text(interval, digits)})"


def interval_text(interval: tuple[float, float], digits: int = 1) -> str:
    """'87.5–94.0 %': the edges of an interval of shares."""
    low, high = interval
    return f"{100 * low:.{digits}f}–{share(high, digits)}"


def next_step_after(status: RunStatus) -> str:
    """What a person can do about a run that did not finish."""
    if status.state == "stopped":
        return status.message or "Stopped. Resume goes on from the last checkpoint."
    if status.state == "failed":
        return status.message or "Stopped unexpectedly. Resume goes on from the last checkpoint."
    return status.message


def left_text(request: RunRequest, status: RunStatus, images_per_second: float | None) -> str:
    """The time left in words; a dash where nothing can be said."""
    left = seconds_left(request, status, images_per_second)
    return "–" if left is None else duration(max(1.0, left))
