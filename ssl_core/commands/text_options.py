"""Options of `import` that say what the columns of a CSV file of texts are for."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ssl_core.errors import UserError
from ssl_core.files import typed_path

if TYPE_CHECKING:
    from ssl_core.datasets.text_columns import TextColumns
    from ssl_core.datasets.text_preview import TextPreview

_OPTIONS = ("text", "item_name", "numeric", "target", "split", "ignore")


def text_arguments(parser: argparse.ArgumentParser) -> None:
    """Every use that a column can have. What is not said is as the file looks like."""
    group = parser.add_argument_group(
        "columns of a CSV file of texts",
        "Without these options each column is used as its content suggests. --numeric and "
        "--target replace all that was suggested of their kind.",
    )
    group.add_argument("--text", metavar="COLUMN", help="the texts")
    group.add_argument("--item-name", metavar="COLUMN", help="what each text is called")
    group.add_argument(
        "--numeric", metavar="A,B", action="append", help="numbers that are given beside the text"
    )
    group.add_argument(
        "--target",
        metavar="COLUMN:KIND",
        action="append",
        help="answers to a question, categorical or binary, or COLUMN:regression:UNIT; the first "
        "that is no regression is the main one",
    )
    group.add_argument("--split", metavar="COLUMN", help="train, test or unlabelled")
    group.add_argument("--ignore", metavar="A,B", action="append", help="columns to leave out")


def chosen_columns(options: argparse.Namespace) -> TextColumns | None:
    """The uses of the columns; None where no option was given. Raises UserError."""
    from ssl_core.datasets.catalogue import catalogue_entry
    from ssl_core.datasets.readers.detect import open_source
    from ssl_core.datasets.readers.source import TextSource
    from ssl_core.datasets.text_preview import preview_texts

    if all(getattr(options, name) is None for name in _OPTIONS):
        return None
    if catalogue_entry(options.source) is not None:
        raise UserError("The columns of a ready-made set are fixed: leave the options out.")
    source = open_source(typed_path(options.source), texts=True)
    if not isinstance(source, TextSource):
        raise UserError(
            f"{options.source} holds images, which have no columns. Expected a CSV file with a "
            "text in each row: leave the options for columns out."
        )
    return _with_options(preview_texts(source), options)


def _with_options(preview: TextPreview, options: argparse.Namespace) -> TextColumns:
    """What is likely, as far as the options do not say otherwise."""
    from ssl_core.datasets.text_columns import TextColumns, check_columns, parsed_target

    ignored = _listed(options.ignore, preview)
    numeric = _listed(options.numeric, preview)
    targets = [parsed_target(text) for text in options.target or []]
    moved = [options.text, options.item_name, options.split, *numeric]
    moved += [target.column for target in targets]
    likely = preview.likely.without([column for column in moved if column] + ignored)
    text = options.text or likely.text
    if text in ignored:
        raise UserError(f"The texts are in {text!r}, which cannot be ignored. Choose with --text.")
    chosen = TextColumns(
        text=text,
        name=options.item_name or likely.name,
        numeric=likely.numeric if options.numeric is None else tuple(numeric),
        targets=likely.targets if options.target is None else tuple(targets),
        split=options.split or likely.split,
    )
    check_columns(chosen, preview.header, "The file")
    return chosen


def _listed(values: list[str] | None, preview: TextPreview) -> list[str]:
    """Columns out of "a,b"; a column with a comma in its name is given alone."""
    from ssl_core.datasets.text_columns import check_known

    listed: list[str] = []
    for value in values or []:
        parts = [value] if value in preview.header else value.split(",")
        listed += [part.strip() for part in parts if part.strip()]
    check_known(listed, preview.header, "The file")
    return listed
