"""Runs made to know their classes by reference labels, in either way there is."""

from pathlib import Path
from typing import Literal

from ssl_core.files import write_json
from ssl_core.runs.folder import REQUEST, STATUS, RunFolder

Way = Literal["trained", "mapped"]
WAYS: tuple[Way, ...] = ("trained", "mapped")


def tell_by_reference(path: Path, way: Way) -> None:
    """trained: the labels it was given came with the data. mapped: its clusters were named so."""
    folder = RunFolder(path)
    if way == "trained":
        request = folder.request()
        labels = request.labels.model_copy(update={"reference": True})
        changed = request.model_copy(update={"labels": labels})
        write_json(path / REQUEST, changed.model_dump(mode="json"))
        return
    status = folder.status()
    mapping = "reference labels of the training split"
    results = status.results.model_copy(update={"mapping": mapping})
    write_json(
        path / STATUS, status.model_copy(update={"results": results}).model_dump(mode="json")
    )
