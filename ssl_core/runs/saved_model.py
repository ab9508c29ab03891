"""What the saved network of a run takes in, read from `model.keras` without a framework."""

from dataclasses import dataclass

from ssl_core.errors import UserError
from ssl_core.files import DAMAGED_ARCHIVE
from ssl_core.methods import named_afterwards, uses_items
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.model_parts import read_parts

MODEL = "model.keras"
_DAMAGED = (OSError, LookupError, ValueError, TypeError, RecursionError)


@dataclass(frozen=True)
class NetworkInput:
    """shape: height, width, channels in pixels, or (length,) in tokens."""

    shape: tuple[int, ...]
    texts: bool
    means: tuple[float, ...] = ()  # of the numeric columns beside an item, in their units


def network_input(folder: RunFolder) -> NetworkInput:
    """What the network of a finished run is asked with.

    Raises UserError where there is none, and where it is made of parts that no method uses.
    """
    check_answers(folder)
    try:
        parts = read_parts(folder.path / MODEL, folder.run)
        inputs = [one["config"] for one in parts if one["class_name"] == "InputLayer"]
        scaled = [one["config"] for one in parts if one["class_name"] == "Normalization"]
        shape = tuple(int(side) for side in inputs[0]["batch_shape"][1:])
        means = tuple(float(mean) for mean in scaled[0]["mean"]) if scaled else ()
    except (*_DAMAGED, *DAMAGED_ARCHIVE) as error:
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
