"""Verbs that label many items at once by what a run says: accept, clusters."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ssl_core.commands.command import Answer, Command, table
from ssl_core.commands.data import dataset_called
from ssl_core.workspace import Workspace

if TYPE_CHECKING:  # imported when a verb runs, so that --help is quick
    from ssl_core.datasets.dataset import Dataset
    from ssl_core.labels.store import LabelStore
    from ssl_core.runs.folder import RunFolder


def _accept_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="the run whose answers are accepted")
    parser.add_argument("--class", dest="name", required=True, metavar="CLASS", help="what it says")
    parser.add_argument(
        "--at-least",
        type=float,
        default=0.9,
        metavar="SHARE",
        help="only where it is as confident as this, 0 to 1 (default 0.9)",
    )


def _accept(workspace: Workspace, options: argparse.Namespace) -> Answer:
    """`labelled`: unlabelled items outside the test split that the run calls so, surely enough."""
    from ssl_core.labels.grid import offered
    from ssl_core.labels.together import class_called, give_together
    from ssl_core.runs.accepting import items_called

    dataset, store, folder = _opened(workspace, options.run)
    identifier = class_called(store, options.name)
    items, confidence = items_called(store, folder, identifier, offered(dataset, store))
    sure = items[confidence[items] >= options.at_least]
    labelled = give_together(store, sure.tolist(), identifier, "accepted", None)
    payload: dict[str, object] = {"run": folder.run, "class": options.name, "labelled": labelled}
    return Answer(
        payload, f"{labelled:,} {dataset.manifest.noun_plural} are labelled {options.name}."
    )


def _clusters_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="the run whose clusters are meant")
    parser.add_argument(
        "--groups",
        type=int,
        default=20,
        metavar="N",
        help="how many are made where the method finds none of its own (default 20)",
    )
    parser.add_argument(
        "--split", nargs="+", default=[], metavar="CLUSTER", help="clusters to be split in two"
    )
    parser.add_argument("--name", metavar="CLUSTER", help="label what is unlabelled of this one")
    parser.add_argument("--class", dest="class_name", metavar="CLASS", help="with this class")
    parser.add_argument("--head", metavar="HEAD", help="which head (default: the main one)")


def _clusters(workspace: Workspace, options: argparse.Namespace) -> Answer:
    """`clusters`: name, size and how many are open of each; with --name `labelled` too."""
    from ssl_core.errors import UserError
    from ssl_core.labels.grid import offered
    from ssl_core.labels.together import class_called, give_together
    from ssl_core.runs.clustering import group

    if (options.name is None) != (options.class_name is None):
        raise UserError("Expected --name CLUSTER and --class CLASS together, or neither.")
    dataset, store, folder = _opened(workspace, options.run)
    grouping = group(dataset, folder, options.groups, tuple(options.split))
    head = store.head(options.head).name
    open_items = set(offered(dataset, store, head).tolist())
    payload: dict[str, object] = {"run": folder.run}
    text = ""
    if options.name is not None:
        members = grouping.named(options.name).items.tolist()
        inside = [item for item in members if item in open_items]
        identifier = class_called(store, options.class_name, head)
        labelled = give_together(store, inside, identifier, "cluster", head)
        open_items -= set(inside)
        payload["labelled"] = labelled
        text = f"{labelled:,} {dataset.manifest.noun_plural} are labelled {options.class_name}.\n"
    found = [
        (one.name, len(one.items), sum(item in open_items for item in one.items.tolist()))
        for one in grouping.clusters
    ]
    payload["clusters"] = [
        {"name": name, "size": size, "unlabelled": left} for name, size, left in found
    ]
    rows = [[name, f"{size:,}", f"{left:,}"] for name, size, left in found]
    return Answer(payload, text + table(rows, ["cluster", "items", "unlabelled"]))


def _opened(workspace: Workspace, run: str) -> tuple[Dataset, LabelStore, RunFolder]:
    """The run, its dataset and the labels. Raises UserError where the data are others now."""
    from ssl_core.errors import UserError
    from ssl_core.labels.store import open_labels
    from ssl_core.runs.folder import open_run

    folder = open_run(workspace, run)
    request = folder.request()
    dataset = dataset_called(workspace, request.dataset)
    if request.fingerprint != dataset.manifest.fingerprint:
        raise UserError(
            f"The dataset {request.dataset!r} was imported again since the run {run!r}, so its "
            "answers are about other items. Train again."
        )
    return dataset, open_labels(dataset), folder


COMMANDS = (
    Command("accept", "label what a run surely calls a class", _accept_arguments, _accept),
    Command("clusters", "list the clusters of a run, or name one", _clusters_arguments, _clusters),
)
