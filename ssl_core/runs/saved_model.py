"""What the saved network of a run takes in, read from `model.keras` without a framework."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ssl_core.errors import UserError
from ssl_core.methods import named_afterwards, uses_items
from ssl_core.runs.folder import RunFolder

MODEL = "model.keras"
_CONFIGURATION = "config.json"  # inside the archive that a .keras file is
_READABLE = (OSError, KeyError, ValueError, IndexError, TypeError, zipfile.BadZipFile)


@dataclass(frozen=True)
class NetworkInput:
    """shape: height, width, channels in pixels, or (length,) in tokens."""

    shape: tuple[int, ...]
    texts: bool
    means: tuple[float, ...] = ()  # of the numeric columns beside an item, in their units


def network_input(folder: RunFolder) -> NetworkInput:
    """What the network of a finished run is asked with. Raises UserError where there is none."""
    check_answers(folder)
    try:
        with zipfile.ZipFile(folder.path / MODEL) as archive:
            layers = list(_layers(json.loads(archive.read(_CONFIGURATION))))
        inputs = [one["config"] for one in layers if one["class_name"] == "InputLayer"]
        scaled = [one["config"] for one in layers if one["class_name"] == "Normalization"]
        shape = tuple(int(side) for side in inputs[0]["batch_shape"][1:])
        means = tuple(float(mean) for mean in scaled[0]["mean"]) if scaled else ()
    except _READABLE as error:
        raise UserError(
            f"The model of run {folder.run!r} is missing or cannot be read. Train again."
        ) from error
    return NetworkInput(shape, texts=len(shape) == 1, means=means)


def check_answers(folder: RunFolder) -> None:
    """Raise UserError where a run has no network that can be asked about items."""
    request, status = folder.request(), folder.status()
    if status.state != "finished":
        raise UserError(
            f"The run {folder.run!r} is {status.state}, so it has no model yet. Choose one that "
            "has finished, or wait for its end."
        )
    if not uses_items(request.method):
        raise UserError(
            f"The run {folder.run!r} looked at no items of a dataset, so its model has nothing to "
            "say about them. Choose a run of another method."
        )


def names_classes(folder: RunFolder) -> bool:
    """Whether the answers of a finished run mean classes: not without any, nor unnamed ones."""
    request = folder.request()
    mapped = folder.status().results.mapping or not named_afterwards(request.method)
    return bool(request.classes) and bool(mapped)


def _layers(node: Any) -> Iterator[dict[str, Any]]:
    """Every layer in a saved configuration, those inside of others too, in order."""
    if isinstance(node, list):
        for one in node:
            yield from _layers(one)
    elif isinstance(node, dict):
        if "class_name" in node and isinstance(node.get("config"), dict):
            yield node
        for one in node.values():
            yield from _layers(one)
