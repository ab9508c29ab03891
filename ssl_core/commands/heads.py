"""The verb about heads: heads."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, get_args

from ssl_core.commands.command import Answer, Command, table
from ssl_core.commands.data import dataset_called
from ssl_core.errors import UserError
from ssl_core.heads import HeadKind
from ssl_core.workspace import Workspace

if TYPE_CHECKING:
    from ssl_core.datasets.dataset import Dataset
    from ssl_core.labels.store import LabelStore


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the dataset")
    parser.add_argument("--add", metavar="HEAD", help="add a head with this name")
    parser.add_argument(
        "--kind",
        choices=get_args(HeadKind),
        help="how the new head is answered (default categorical)",
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--classes", metavar="A,B,C", help="the classes of the new head")
    source.add_argument(
        "--from-classes",
        metavar="GROUPS",
        help="derive the reference answers from the reference classes of the main head, for "
        "example 'round=0,6,8,9; straight=1,4,7'",
    )
    source.add_argument("--unit", metavar="UNIT", help="what a regression head is measured in")


def _heads(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.labels.store import open_labels

    dataset = dataset_called(workspace, options.name)
    store = open_labels(dataset)
    added: dict[str, object] = {}
    if options.add is not None:
        added = _add(dataset, store, options)
    elif any((options.kind, options.classes, options.from_classes, options.unit)):
        raise UserError("--kind, --classes, --from-classes and --unit describe a head to --add.")
    heads = [
        {
            "name": head.name,
            "title": head.title,
            "kind": head.kind,
            "unit": head.unit,
            "classes": list(head.classes),
            "labelled": store.total(head.name),
        }
        for head in store.heads()
    ]
    rows = [
        [head.name, head.kind, head.unit or ", ".join(head.classes), f"{store.total(head.name):,}"]
        for head in store.heads()
    ]
    text = table(rows, ["head", "kind", "answers", "labels"])
    return Answer({"dataset": dataset.identifier, **added, "heads": heads}, text)


def _add(dataset: Dataset, store: LabelStore, options: argparse.Namespace) -> dict[str, object]:
    """Add the head that the options describe; what to say of it beside its place in the list."""
    from ssl_core.labels.new_head import add_derived_head, head_named, parsed_groups

    kind: HeadKind = options.kind or "categorical"
    if options.unit and kind != "regression":
        raise UserError(f"A {kind} head has no unit. Name its classes with --classes instead.")
    if options.from_classes is not None:
        groups = parsed_groups(options.from_classes)
        head = head_named(options.add, kind, [name for name, _ in groups])
        return {"added": head.name, "derived": add_derived_head(dataset, store, head, groups)}
    classes = [name for name in (options.classes or "").split(",") if name.strip()]
    head = head_named(options.add, kind, classes, options.unit or "")
    store.add_head(head)
    return {"added": head.name}


COMMANDS = (Command("heads", "list what is asked of every item, or add to it", _arguments, _heads),)
