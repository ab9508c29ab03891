"""Run folders with other fields than they were made with."""

from pathlib import Path

from ssl_core.files import write_json
from ssl_core.runs.folder import REQUEST, STATUS, RunFolder


def change_request(folder: Path, **fields: object) -> None:
    """Put these fields in place of those of request.json."""
    request = RunFolder(folder).request().model_copy(update=fields)
    write_json(folder / REQUEST, request.model_dump(mode="json"))


def change_labels(folder: Path, **fields: object) -> None:
    """Put these fields in place of those of the labels in request.json."""
    labels = RunFolder(folder).request().labels
    change_request(folder, labels=labels.model_copy(update=fields))


def change_status(folder: Path, **fields: object) -> None:
    """Put these fields in place of those of status.json."""
    status = RunFolder(folder).status().model_copy(update=fields)
    write_json(folder / STATUS, status.model_dump(mode="json"))


def change_results(folder: Path, **fields: object) -> None:
    """Put these fields in place of those of the results in status.json."""
    results = RunFolder(folder).status().results
    change_status(folder, results=results.model_copy(update=fields))
