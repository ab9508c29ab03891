"""Verbs about labels: label, labels."""

import argparse

from ssl_core.commands.command import Answer, Command, table, tell
from ssl_core.commands.data import dataset_called
from ssl_core.files import typed_path
from ssl_core.workspace import Workspace

_REASONS_TOLD = 20


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
    parser.add_argument("--head", metavar="HEAD", help="which head (default: the main one)")
    parser.add_argument(
        "--seed", type=int, default=0, metavar="S", help="which items are drawn (default 0)"
    )


def _label(workspace: Workspace, options: argparse.Namespace) -> Answer:
    """`labelled` and `per_class`: of --csv what the file says, else all labels of the head."""
    from ssl_core.labels.store import open_labels

    dataset = dataset_called(workspace, options.name)
    store = open_labels(dataset)
    head = store.head(options.head)
    if options.csv is not None:
        from ssl_core.labels.csv_files import import_csv

        report = import_csv(dataset, store, typed_path(options.csv), head.name)
        labelled, per_class = report.labelled, dict(report.per_class)
        for row in report.skipped[:_REASONS_TOLD]:
            tell(f"line {row.line}: {row.file}: {row.reason}")
        if report.skipped_count:
            tell(f"Rows left out: {report.skipped_count:,}.")
    else:
        from ssl_core.labels.draw import adopt_reference_labels, draw_labels

        if options.adopt:
            adopt_reference_labels(dataset, store, head.name)
        else:
            draw_labels(dataset, store, options.draw, options.seed, head.name)
        counts, labelled = store.counts(head.name), store.total(head.name)
        per_class = {one.name: counts[one.identifier] for one in store.classes(head.name)}
    rows = [[name, f"{count:,}"] for name, count in per_class.items()]
    text = f"{labelled:,} {dataset.manifest.noun_plural} are labelled."
    if rows:
        text += f"\n{table(rows, ['class', 'labels'])}"
    return Answer({"labelled": labelled, "per_class": per_class}, text)


def _labels_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the dataset")
    parser.add_argument("--out", required=True, metavar="FILE.csv", help="the file to write")


def _labels(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.labels.csv_files import export_csv
    from ssl_core.labels.store import open_labels

    dataset = dataset_called(workspace, options.name)
    path = typed_path(options.out)
    written = export_csv(dataset, open_labels(dataset), path)
    payload: dict[str, object] = {
        "dataset": dataset.identifier,
        "labelled": written,
        "file": str(path),
    }
    return Answer(payload, f"Wrote {written:,} labels to {path}.")


COMMANDS = (
    Command("label", "label items from reference labels or a CSV", _label_arguments, _label),
    Command("labels", "write the labels to a CSV file", _labels_arguments, _labels),
)
