"""Verbs about labels: label, labels."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ssl_core.commands.command import Answer, Command, table, tell
from ssl_core.commands.data import dataset_called
from ssl_core.files import typed_path
from ssl_core.workspace import Workspace

if TYPE_CHECKING:  # imported when a verb runs, so that --help is quick
    from ssl_core.datasets.dataset import Dataset
    from ssl_core.labels.store import LabelStore

_REASONS_TOLD = 20
_TOLD_EVERY = 5000  # items


def _label_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the dataset")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--draw",
        type=int,
        metavar="K",
        help="label K items of each class of the training split from the reference labels; of a "
        "regression head K in all",
    )
    source.add_argument(
        "--adopt",
        action="store_true",
        help="take all reference labels outside the test split as labels",
    )
    source.add_argument(
        "--csv",
        metavar="FILE",
        help="a table with columns 'file' and 'label', and 'head' where there are several",
    )
    source.add_argument(
        "--label-studio",
        metavar="FILE",
        help="tasks as Label Studio exports them (JSON), or as `labels --out FILE.json` wrote them",
    )
    source.add_argument(
        "--class-folders",
        metavar="FILE",
        help="a zip with one folder a class, as `labels --out FILE.zip` wrote it: the names of its "
        "files say which items are meant",
    )
    parser.add_argument("--head", metavar="HEAD", help="which head (default: the main one)")
    parser.add_argument(
        "--seed", type=int, default=0, metavar="S", help="which items are drawn (default 0)"
    )


def _label(workspace: Workspace, options: argparse.Namespace) -> Answer:
    """`labelled` and `per_class`: of a file what it says, else all labels of the head."""
    from ssl_core.labels.store import open_labels

    dataset = dataset_called(workspace, options.name)
    store = open_labels(dataset)
    head = store.head(options.head)
    if any(one is not None for one in (options.csv, options.label_studio, options.class_folders)):
        labelled, per_class = _from_file(dataset, store, head.name, options)
        text = f"{labelled:,} labels taken over."
    else:
        from ssl_core.labels.draw import adopt_reference_labels, draw_labels

        if options.adopt:
            adopt_reference_labels(dataset, store, head.name)
        else:
            draw_labels(dataset, store, options.draw, options.seed, head.name)
        counts, labelled = store.counts(head.name), store.total(head.name)
        per_class = {one.name: counts[one.identifier] for one in store.classes(head.name)}
        text = f"{labelled:,} {dataset.manifest.noun_plural} are labelled."
    rows = [[name, f"{count:,}"] for name, count in per_class.items()]
    if rows:
        text += f"\n{table(rows, ['class', 'labels'])}"
    return Answer({"labelled": labelled, "per_class": per_class}, text)


def _from_file(
    dataset: Dataset, store: LabelStore, head: str, options: argparse.Namespace
) -> tuple[int, dict[str, int]]:
    """How many labels a file brought, and of which classes; tells what was left out of it."""
    from ssl_core.labels.class_folders_import import import_class_folders
    from ssl_core.labels.csv_files import import_csv
    from ssl_core.labels.label_studio_import import import_label_studio

    if options.csv is not None:
        place, report = "line", import_csv(dataset, store, typed_path(options.csv), head)
    elif options.label_studio is not None:
        path = typed_path(options.label_studio)
        place, report = "task", import_label_studio(dataset, store, path, head)
    else:
        path = typed_path(options.class_folders)
        place, report = "entry", import_class_folders(dataset, store, path, head)
    for row in report.skipped[:_REASONS_TOLD]:
        tell(f"{place} {row.line}: {row.file}: {row.reason}")
    if report.skipped_count:
        tell(f"Answers left out: {report.skipped_count:,}.")
    return report.labelled, dict(report.per_class)


def _labels_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the dataset")
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument(
        "--out",
        metavar="FILE",
        help="write them to FILE.csv, FILE.json (tasks of Label Studio) or FILE.zip (a folder a "
        "class)",
    )
    wanted.add_argument(
        "--cost", action="store_true", help="what a label costs in seconds, by person and class"
    )
    wanted.add_argument(
        "--agreement", action="store_true", help="how far people agree who labelled the same"
    )
    parser.add_argument("--head", metavar="HEAD", help="which head (default: the main one)")
    parser.add_argument(
        "--with-test", action="store_true", help="of a zip: labelled items of the test split too"
    )


def _labels(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.commands.label_tables import agreement_answer, cost_answer
    from ssl_core.labels.exports import export_labels
    from ssl_core.labels.store import open_labels

    dataset = dataset_called(workspace, options.name)
    store = open_labels(dataset)
    if options.cost:
        return cost_answer(store, store.head(options.head))
    if options.agreement:
        return agreement_answer(store, store.head(options.head))
    path = typed_path(options.out)
    written = export_labels(dataset, store, path, options.head, options.with_test, _tell_progress)
    payload: dict[str, object] = {
        "dataset": dataset.identifier,
        "labelled": written,
        "file": str(path),
    }
    return Answer(payload, f"Wrote {written:,} labels to {path}.")


def _tell_progress(done: int, total: int) -> None:
    if done == total or done % _TOLD_EVERY == 0:
        tell(f"{done:,} of {total:,}")


COMMANDS = (
    Command("label", "label items from reference labels or a file", _label_arguments, _label),
    Command("labels", "write the labels to a file, or what they cost", _labels_arguments, _labels),
)
