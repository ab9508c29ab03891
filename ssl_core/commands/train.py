"""Verbs that let something train: train, resume."""

from __future__ import annotations

import argparse
import math
import time
from typing import TYPE_CHECKING

from ssl_core.commands.command import Answer, Command, tell
from ssl_core.commands.data import dataset_called
from ssl_core.errors import UserError
from ssl_core.workspace import Workspace

if TYPE_CHECKING:
    from ssl_core.runs.folder import RunFolder
    from ssl_core.runs.status import RunStatus

_LOOK_SECONDS = 0.3
_TELL_SECONDS = 2.0
_SHOWN = ("loss/total", "accuracy/train", "accuracy/validation", "throughput")


def _background(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--background", action="store_true", help="answer at once and let the run go on"
    )


def _train_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the dataset")
    parser.add_argument("--method", required=True, metavar="METHOD", help="see the verb 'methods'")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a hyperparameter; may be given several times",
    )
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--steps", type=int, metavar="N", help="how many steps (default 1000)")
    budget.add_argument("--minutes", type=float, metavar="M", help="how long to train")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="default 0")
    parser.add_argument("--device", metavar="DEVICE", help="cpu, gpu:0, ... (default: first GPU)")
    parser.add_argument(
        "--heads",
        metavar="A,B",
        help="which heads to learn, the main one first (default: the main head, or for a method "
        "with several all that have labels)",
    )
    parser.add_argument(
        "--labels-of",
        metavar="RUN",
        help="the labels that this earlier run was given (default: the labels of now)",
    )
    _background(parser)


def _train(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.runs.devices import list_devices
    from ssl_core.runs.folder import open_run
    from ssl_core.runs.launch import RunPlan, create_runs, warnings_of_plan
    from ssl_core.runs.plan import DEFAULT_STEPS

    steps = options.steps
    if steps is None and options.minutes is None:
        steps = DEFAULT_STEPS
    plan = RunPlan(
        dataset=dataset_called(workspace, options.name).identifier,
        method=options.method,
        configuration=_settings(options.set),
        steps=steps,
        minutes=options.minutes,
        seeds=(options.seed,),
        device=options.device or list_devices()[0].name,
        labels_of=options.labels_of,
        heads=tuple(_named(options.heads)),
    )
    (run,) = create_runs(workspace, plan)
    for warning in warnings_of_plan(workspace, plan):
        tell(warning)
    return _go_on(workspace, open_run(workspace, run), options.background)


def _named(heads: str | None) -> list[str]:
    """From "fine, coarse"."""
    return [name.strip() for name in (heads or "").split(",") if name.strip()]


def _settings(pairs: list[str]) -> dict[str, bool | int | float | str]:
    """From ["a=1", "b=x"]; the values stay text, the method's specification reads them."""
    settings: dict[str, bool | int | float | str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise UserError(f"--set: received {pair[:60]!r}, expected KEY=VALUE.")
        settings[key.strip()] = value.strip()
    return settings


def _resume_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="the run")
    _background(parser)


def _resume(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.runs.folder import open_run
    from ssl_core.runs.launch import resume_run

    folder = open_run(workspace, options.run)
    resume_run(workspace, options.run)
    return _go_on(workspace, folder, options.background)


def _go_on(workspace: Workspace, folder: RunFolder, background: bool) -> Answer:
    """Answer at once, or follow the run to its end; Ctrl-C stops it politely, twice by force."""
    from ssl_core.commands.run_answers import answer_for

    tell(f"Run {folder.run}")
    if background:
        return answer_for(folder)
    try:
        return answer_for(folder, _follow(folder))
    except KeyboardInterrupt:
        status = _stop(workspace, folder)
    answer = answer_for(folder, status)
    return Answer(answer.payload, answer.text, 130, answer.complaint or "Interrupted.")


def _follow(folder: RunFolder) -> RunStatus:
    """Tell the progress until the run ends."""
    from ssl_core.runs.status import FINAL_STATES
    from ssl_core.runs.supervision import true_status

    told, told_at = "", -math.inf
    cursor = folder.metrics()[1] if folder.status().step else 0
    values: dict[str, float] = {}
    while (status := true_status(folder)).state not in FINAL_STATES:
        lines, cursor = folder.metrics(cursor)
        for line in lines:
            values.update(line.values)
        text = _progress(status, values, lines[-1].step if lines else status.step)
        if text != told and time.monotonic() - told_at >= _TELL_SECONDS:
            tell(text)
            told, told_at = text, time.monotonic()
        time.sleep(_LOOK_SECONDS)
    return status


def _progress(status: RunStatus, values: dict[str, float], step: int) -> str:
    if status.state == "queued" or not values:
        return status.message or status.phase or status.state
    step = max(step, status.step)
    parts = [f"step {step:,}" + (f" of {status.steps:,}" if status.steps else "")]
    parts += [f"{name} {values[name]:.4g}" for name in _SHOWN if name in values]
    return ", ".join([*parts, *([status.message] if status.message else [])])


def _stop(workspace: Workspace, folder: RunFolder) -> RunStatus:
    """Stop and wait for the end. Another Ctrl-C meanwhile kills the run."""
    from ssl_core.runs.launch import stop_run
    from ssl_core.runs.process import PATIENCE_SECONDS, wait_for_end

    tell("Stopping at the next step. Once more Ctrl-C ends it without saving.")
    stop_run(workspace, folder.run)
    try:
        return wait_for_end(folder, PATIENCE_SECONDS + 10)
    except KeyboardInterrupt:
        stop_run(workspace, folder.run)
        return wait_for_end(folder, 10)


COMMANDS = (
    Command("train", "train a method on the labels there are", _train_arguments, _train),
    Command("resume", "let a stopped or failed run go on", _resume_arguments, _resume),
)
