"""The verb about new items: predict."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ssl_core.commands.command import Answer, Command
from ssl_core.commands.following import file_to_write, finished
from ssl_core.files import replace_bytes, typed_path
from ssl_core.workspace import Workspace

if TYPE_CHECKING:
    from ssl_core.predictions.result import PredictionResult

_REASONS_TOLD = 20


def _predict_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="a finished run, as 'runs' lists it")
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="an image file, a zip archive or a folder of images, or a CSV file of texts",
    )
    parser.add_argument("--out", required=True, metavar="FILE.csv", help="the file to write")
    parser.add_argument(
        "--text", metavar="COLUMN", help="the column of texts (default: the likely one)"
    )


def _predict(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.predictions.jobs import WHAT, prediction_folder, start_prediction
    from ssl_core.predictions.result import open_result

    out = file_to_write(options.out)
    location = str(typed_path(options.source))
    job = start_prediction(workspace, options.run, location, text_column=options.text)
    folder = prediction_folder(workspace, job)
    with finished(folder, WHAT):
        result = open_result(folder)
        replace_bytes(out, result.csv())
        return _answer(options.run, str(out), result)


def _answer(run: str, out: str, result: PredictionResult) -> Answer:
    description = result.description
    counts = {
        head.name: dict(zip(head.classes, result.counts(head), strict=True))
        for head in description.heads
        if head.kind != "regression"
    }
    payload: dict[str, object] = {
        "run": run,
        "count": result.count,
        "heads": [head.model_dump(mode="json") for head in description.heads],
        "counts": counts,
        "skipped": [one.model_dump(mode="json") for one in description.skipped],
        "skipped_count": description.skipped_count,
        "notes": list(description.notes),
        "file": out,
    }
    lines = [f"Wrote {result.count:,} predictions to {out}.", *description.notes]
    for name, of_head in counts.items():
        found = ", ".join(f"{title} ({number:,})" for title, number in of_head.items() if number)
        lines.append(f"{name}: {found}")
    if description.skipped_count:
        lines.append(f"{description.skipped_count:,} files or rows were left out:")
        lines += [f"  {one.file}: {one.reason}" for one in description.skipped[:_REASONS_TOLD]]
    return Answer(payload, "\n".join(lines))


COMMANDS = (Command("predict", "ask a finished run about new items", _predict_arguments, _predict),)
