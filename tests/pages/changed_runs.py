"""Run folders with other fields than they were made with."""

from pathlib import Path

from pydantic import BaseModel

from ssl_core.files import write_json
from ssl_core.runs.folder import REQUEST, STATUS, RunFolder


def change_request(folder: Path, **fields: object) -> None:
    """Put these fields in place of those of request.json."""
    _change(folder / REQUEST, RunFolder(folder).request(), fields)


def change_labels(folder: Path, **fields: object) -> None:
    """Put these fields in place of those of the labels in request.json."""
    labels = RunFolder(folder).request().labels
    change_request(folder, labels=labels.model_copy(update=fields))


def change_status(folder: Path, **fields: object) -> None:
    """Put these fields in place of those of status.json."""
    _change(folder / STATUS, RunFolder(folder).status(), fields)


def change_results(folder: Path, **fields: object) -> None:
    """Put these fields in place of those of the results in status.json."""
    results = RunFolder(folder).status().results
    change_status(folder, results=results.model_copy(update=fields))


def _change(file: Path, known: BaseModel, fields: dict[str, object]) -> None:
    write_json(file, known.model_copy(update=fields).model_dump(mode="json"))
