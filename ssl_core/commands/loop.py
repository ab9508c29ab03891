"""The verb loop: follow the labels of a dataset and train whenever enough new ones are there."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from ssl_core.commands.command import Answer, Command, tell
from ssl_core.commands.data import dataset_called
from ssl_core.errors import UserError
from ssl_core.workspace import Workspace

if TYPE_CHECKING:
    from ssl_core.datasets.dataset import Dataset
    from ssl_core.loop.advice import Advice, Training

_LOOK_SECONDS = 2.0


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the dataset")
    parser.add_argument(
        "--every", type=int, metavar="N", help="new labels between two trainings (default 20)"
    )
    parser.add_argument(
        "--method", metavar="METHOD", help="see the verb 'methods' (default: as the loop page says)"
    )
    parser.add_argument(
        "--steps", type=int, metavar="N", help="of each training (default: as the last run's)"
    )
    parser.add_argument(
        "--trainings", type=int, metavar="N", help="end after so many (default: until Ctrl-C)"
    )


def _loop(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.loop.settings import change_loop, read_loop

    dataset = dataset_called(workspace, options.name)
    _check(dataset, options)
    if options.method is not None:  # another method begins with the steps of its own last run
        change_loop(workspace, dataset, method=options.method, steps=options.steps)
    elif options.steps is not None:
        change_loop(workspace, dataset, steps=options.steps)
    every = options.every or read_loop(dataset).every
    try:
        tell(
            f"Trains after every {every} new labels of {dataset.identifier}. Ctrl-C ends the "
            "waiting; a training that has begun goes on."
        )
        _follow(workspace, dataset, every, options.trainings)
    except KeyboardInterrupt:
        return _answer(workspace, dataset, 130)
    return _answer(workspace, dataset, 0)


def _check(dataset: Dataset, options: argparse.Namespace) -> None:
    """Raises UserError for values that no training could be made with."""
    from ssl_core.loop.turn import fitting_methods

    for name in ("every", "steps", "trainings"):
        number = getattr(options, name)
        if number is not None and number < 1:
            raise UserError(f"--{name}: received {number}, expected 1 or more.")
    known = fitting_methods(dataset)
    if options.method is not None and options.method not in known:
        raise UserError(
            f"--method: received {options.method[:60]!r}, expected one that learns from "
            f"{dataset.manifest.noun_plural}: {', '.join(known)}."
        )


def _follow(workspace: Workspace, dataset: Dataset, every: int, most: int | None) -> None:
    """Look every 2 s and tell what happens, until `most` trainings have ended."""
    from ssl_core.loop.turn import take_turn
    from ssl_core.runs.folder import open_run
    from ssl_core.runs.supervision import true_status

    going = told = ""
    ended = 0
    while most is None or ended < most:
        turn = take_turn(workspace, dataset, every)
        if turn.started:
            labels = open_run(workspace, turn.started).request().labels
            tell(f"Run {turn.started} on {labels.title}")
        if going and turn.going != going:
            status = true_status(open_run(workspace, going))
            tell(f"Run {going} {status.state}. {status.message}".rstrip())
            tell(_headline(*_figures(workspace, dataset)))
            ended += 1
        going = turn.going
        if turn.reason != told:
            tell(turn.reason or "What kept it from training is put right.")
            told = turn.reason
        if most is None or ended < most:
            time.sleep(_LOOK_SECONDS)


def _figures(workspace: Workspace, dataset: Dataset) -> tuple[list[Training], Advice]:
    """The trainings so far, the oldest first, and what they say about more labels."""
    from ssl_core.labels.store import open_labels
    from ssl_core.loop.advice import advise
    from ssl_core.loop.history import trainings, truth_of
    from ssl_core.loop.settings import read_loop
    from ssl_core.loop.turn import finished_trainings, runs_on
    from ssl_core.runs.folder import RunFolder

    state, runs, store = read_loop(dataset), runs_on(workspace, dataset), open_labels(dataset)
    finished = finished_trainings(dataset, state, runs)
    folders = [RunFolder(workspace.runs / run.run) for run in reversed(finished)]
    history = trainings(dataset, store.class_table(), truth_of(dataset, store), folders)
    return history, advise(history)


def _answer(workspace: Workspace, dataset: Dataset, code: int) -> Answer:
    history, advice = _figures(workspace, dataset)
    payload: dict[str, object] = {
        "dataset": dataset.identifier,
        "trainings": [
            {
                "run": one.run,
                "labels": one.labels,
                "accuracy": one.accuracy,
                "interval": one.interval,
                "items": one.count,
                "changed": one.changed,
            }
            for one in history
        ],
        "verdict": advice.verdict,
        "advice": advice.text,
        "grounds": list(advice.grounds),
    }
    text = "\n- ".join([_headline(history, advice), *advice.grounds])
    return Answer(payload, text, code)


def _headline(history: list[Training], advice: Advice) -> str:
    """The newest figure, then the advice."""
    newest = history[-1] if history else None
    if newest is None or newest.accuracy is None or newest.interval is None:
        return advice.text
    low, high = newest.interval
    return (
        f"{newest.labels:,} labels: accuracy {100 * newest.accuracy:.1f} % "
        f"({100 * low:.1f} to {100 * high:.1f} %) on the held-out part\n{advice.text}"
    )


COMMANDS = (Command("loop", "train whenever enough new labels are there", _arguments, _loop),)
