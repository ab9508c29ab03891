"""Verbs about studies of label costs: study, studies, delete-study."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from ssl_core.commands.command import Answer, Command, no_arguments, table, tell
from ssl_core.commands.data import dataset_called
from ssl_core.errors import UserError
from ssl_core.workspace import Workspace

if TYPE_CHECKING:
    from ssl_core.studies.progress import Progress
    from ssl_core.studies.results import Difference, Findings

_LOOK_SECONDS = 1.0


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the dataset")
    parser.add_argument("--methods", required=True, metavar="A,B", help="beside the baseline")
    parser.add_argument("--budgets", required=True, metavar="20,50", help="numbers of labels")
    parser.add_argument("--draws", type=int, default=3, metavar="N", help="default 3")
    parser.add_argument("--seeds", default="0", metavar="0,1", help="default 0")
    parser.add_argument("--steps", type=int, default=1000, metavar="N", help="default 1000")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="METHOD.KEY=VALUE",
        help="a hyperparameter of a method, or its own steps; without METHOD for all that have it; "
        "may be given several times",
    )
    parser.add_argument("--device", metavar="DEVICE", help="cpu, gpu:0, ... (default: first GPU)")
    parser.add_argument(
        "--labels",
        choices=("reference", "hand"),
        default="reference",
        help="simulated labelling from reference labels, or the labels there are, the oldest "
        "first (default: reference)",
    )
    parser.add_argument(
        "--ceiling", action="store_true", help="also the baseline on all reference labels"
    )
    parser.add_argument("--study", default="", metavar="STUDY", help="a name for the study")
    ending = parser.add_mutually_exclusive_group()
    ending.add_argument(
        "--background", action="store_true", help="answer at once and let the study go on"
    )
    ending.add_argument("--pause", action="store_true", help="stop its runs and make no more")


def _study(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.runs.devices import list_devices
    from ssl_core.studies.progress import advance, continue_study, pause_study
    from ssl_core.studies.settings import StudySettings, settings_from_text
    from ssl_core.studies.study import create_study

    settings = StudySettings(
        dataset=dataset_called(workspace, options.name).identifier,
        kind=options.labels,
        methods=tuple(name.strip() for name in options.methods.split(",") if name.strip()),
        budgets=_numbers("--budgets", options.budgets),
        draws=options.draws,
        seeds=_numbers("--seeds", options.seeds),
        steps=options.steps,
        device=options.device or list_devices()[0].name,
        ceiling=options.ceiling,
    )
    configurations, own_steps = settings_from_text(options.set, settings.all_methods)
    changes = {"configurations": configurations, "own_steps": own_steps}
    settings = settings.model_copy(update=changes)
    study = create_study(workspace, settings, options.study)
    if options.pause:
        return _answer(workspace, pause_study(workspace, study.name))
    go_on = continue_study if study.paused else advance
    progress = go_on(workspace, study.name)
    tell(f"Study {study.name}, {progress.total} runs")
    if not options.background:
        try:
            progress = _follow(workspace, progress)
        except KeyboardInterrupt:
            tell("The study goes on in the background; --pause stops it.")
            raise
    return _answer(workspace, progress)


def _numbers(option: str, text: str) -> tuple[int, ...]:
    """From "20, 50"."""
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise UserError(
            f"{option}: received {text[:60]!r}, expected whole numbers such as 20,50,100."
        ) from None


def _follow(workspace: Workspace, progress: Progress) -> Progress:
    """Tell the progress until nothing goes on any more."""
    from ssl_core.studies.progress import advance

    told = -1
    while not progress.is_over:
        ended = len(progress.runs) - len(progress.alive)
        if ended != told:
            tell(f"{ended} of {progress.total} runs have ended")
            told = ended
        time.sleep(_LOOK_SECONDS)
        progress = advance(workspace, progress.study.name)
    return progress


def _answer(workspace: Workspace, progress: Progress) -> Answer:
    from ssl_core.datasets.dataset import open_dataset
    from ssl_core.labels.cost import pace_of
    from ssl_core.labels.store import open_labels
    from ssl_core.studies.results import find

    asked = progress.study.settings
    dataset = open_dataset(workspace, asked.dataset)
    found = find(progress, pace_of(open_labels(dataset)))
    failed = len(progress.ended("failed"))
    payload: dict[str, object] = {
        "study": progress.study.name,
        "runs": progress.total,
        "finished": len(progress.ended("finished")),
        "failed": failed,
        "steps": {method: asked.steps_of(method) for method in asked.all_methods},
        "settings": asked.configurations,
        "curves": {
            method: [
                {
                    "labels": point.budget,
                    "seconds_of_labelling": found.seconds.get(point.budget),
                    "accuracy": point.spread.mean,
                    "interval": point.spread.interval,
                    "shares": list(point.shares.values()),
                }
                for point in points
            ]
            for method, points in found.curves.items()
        },
        "ceiling": found.ceiling.mean if found.ceiling else None,
        "differences": [_difference(one) for one in found.differences],
    }
    complaint = f"{failed} runs of the study failed; 'runs' tells why." if failed else ""
    return Answer(payload, _text(progress, found), 1 if failed else 0, complaint)


def _difference(one: Difference) -> dict[str, object]:
    return {
        "labels": one.budget,
        "first": one.first,
        "second": one.second,
        "difference": one.spread.mean,
        "interval": one.spread.interval,
        "verdict": one.verdict,
    }


def _text(progress: Progress, found: Findings) -> str:
    """A table, methods by budgets, and the ties."""
    asked = progress.study.settings
    rows = []
    for method, points in found.curves.items():
        known = {point.budget: point.spread for point in points}
        cells = [f"{known[b].mean:.1%}" if b in known else "-" for b in asked.budgets]
        rows.append([method, *cells])
    lines = [
        f"{progress.study.name}: {len(progress.ended('finished'))} of {progress.total} runs have "
        f"finished. Mean test accuracy over {found.unit}, by number of labels:",
        table(rows, ["method", *map(str, asked.budgets)]),
    ]
    lines += [
        f"{method}: {', '.join(f'{key} {value}' for key, value in changes.items())}"
        for method in asked.all_methods
        if (changes := asked.changes_of(method))
    ]
    if found.ceiling:
        lines.append(f"Baseline on all reference labels: {found.ceiling.mean:.1%}")
    words = {"first": "is better than", "second": "is worse than", "tie": "ties with"}
    lines += [
        f"{one.budget} labels: {one.first} {words[one.verdict]} {one.second} "
        f"({100 * one.spread.mean:+.1f} points)"
        for one in found.differences
        if one.verdict in words
    ]
    if any(one.verdict == "unknown" for one in found.differences):
        lines.append(f"One of the {found.unit} cannot tell a difference from chance.")
    return "\n".join(lines)


def _studies(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.studies.progress import study_progress
    from ssl_core.studies.study import list_studies

    listed = [study_progress(workspace, study) for study in list_studies(workspace)]
    payload: dict[str, object] = {
        "studies": [
            {
                "study": one.study.name,
                "dataset": one.study.settings.dataset,
                "runs": one.total,
                "finished": len(one.ended("finished")),
                "failed": len(one.ended("failed")),
                "paused": one.study.paused,
            }
            for one in listed
        ]
    }
    rows = [
        [one.study.name, one.study.settings.dataset, f"{len(one.ended('finished'))}/{one.total}"]
        for one in listed
    ]
    return Answer(payload, table(rows, ["study", "dataset", "runs finished"]))


def _delete_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="the study, as 'studies' lists it")
    parser.add_argument(
        "--runs",
        action="store_true",
        help="also delete the runs that have trained (default: they stay in the list of runs)",
    )


def _delete(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.studies.removal import delete_study

    tell("Its runs that wait are withdrawn; those that train are stopped.")
    removal = delete_study(workspace, options.study, with_runs=options.runs)
    payload: dict[str, object] = {
        "study": options.study,
        "runs_deleted": list(removal.deleted),
        "runs_kept": list(removal.kept),
    }
    text = (
        f"Deleted {options.study}: {len(removal.deleted)} of its runs deleted, "
        f"{len(removal.kept)} kept."
    )
    return Answer(payload, text)


COMMANDS = (
    Command("study", "what labels cost against what they bring, by method", _arguments, _study),
    Command("studies", "list the studies", no_arguments, _studies),
    Command("delete-study", "delete a study, its runs by choice", _delete_arguments, _delete),
)
