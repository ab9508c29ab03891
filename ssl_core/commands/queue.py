"""The verb about what is labelled next: queue."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ssl_core.commands.command import Answer, Command, table
from ssl_core.commands.data import dataset_called
from ssl_core.errors import UserError
from ssl_core.labels.strategies.catalogue import STRATEGIES, Choice
from ssl_core.workspace import Workspace, checked_identifier

if TYPE_CHECKING:
    from ssl_core.labels.queue import Queue

LIMIT = 20
MOST = 10_000


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the dataset")
    parser.add_argument(
        "--strategy", choices=list(STRATEGIES), help="default: as chosen for the dataset"
    )
    parser.add_argument("--run", metavar="RUN", help="the run to choose by (default the newest)")
    parser.add_argument("--limit", type=int, default=LIMIT, help=f"items (default {LIMIT})")
    parser.add_argument(
        "--keep", action="store_true", help="choose so from now on, on the label page as well"
    )


def _queue(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.labels.queue import queue_for
    from ssl_core.labels.store import open_labels
    from ssl_core.runs.folder import open_run

    if not 1 <= options.limit <= MOST:
        raise UserError(f"Received the limit {options.limit}. Expected 1 to {MOST:,}.")
    if options.strategy is None and (options.run or options.keep):
        raise UserError("--run and --keep say how a --strategy works. Name one.")
    dataset = dataset_called(workspace, options.name)
    store, choice = open_labels(dataset), None
    if options.strategy is not None:
        run = open_run(workspace, checked_identifier(options.run)).run if options.run else None
        choice = Choice(strategy=options.strategy, run=run)
        if options.keep:
            store.set_strategy(choice.strategy, choice.run)
    queue = queue_for(dataset, store, options.limit, choice=choice)
    names = dataset.names_of(queue.items)
    payload: dict[str, object] = {
        "dataset": dataset.identifier,
        "strategy": queue.ordering.strategy.name,
        "runs": [run.name for run in queue.ordering.runs],
        "items": [
            {"item": item, "name": name} for item, name in zip(queue.items, names, strict=True)
        ],
    }
    return Answer(payload, _text(queue, names, dataset.manifest.noun))


def _text(queue: Queue, names: list[str], noun: str) -> str:
    rows = [
        [str(item), name, queue.asked_again.get(item, "")]
        for item, name in zip(queue.items, names, strict=True)
    ]
    items = table(rows, ["item", "name", "why first"]) if rows else "Nothing is left to label."
    return f"{queue.ordering.strategy.title}. {queue.ordering.sentence(noun)}\n\n{items}"


COMMANDS = (Command("queue", "the items to label next, by a strategy", _arguments, _queue),)
