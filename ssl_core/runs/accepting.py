"""What a run calls unlabelled items, to be accepted a class at a time."""

import numpy as np
from numpy.typing import NDArray

from ssl_core.errors import UserError
from ssl_core.labels.grid import called
from ssl_core.labels.store import LabelStore
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.predictions import Predictions, read_predictions
from ssl_core.runs.told import told_by_reference

Items = NDArray[np.int64]


def items_called(
    store: LabelStore, folder: RunFolder, identifier: int, items: Items, surest_first: bool = True
) -> tuple[Items, NDArray[np.float32]]:
    """Those of `items` (n,) that a run calls a class, sorted by confidence; and that of all items.

    identifier: of a live class of the main head. Confidence: (count,), float32 in [0, 1]. Raises
    UserError where the run knows no classes, or only by reference labels.
    """
    predictions = _with_classes(folder)
    indices = set(_indices_of_classes(store, folder).get(identifier, []))
    confidence = predictions.confidence
    if confidence is None:
        raise ValueError("expected a run with classes")
    return called(predictions.predicted, confidence, indices, items, surest_first), confidence


def counts_called(store: LabelStore, folder: RunFolder, items: Items) -> dict[int, int]:
    """Live class -> how many of `items` (n,) a run calls so. Raises UserError as `items_called`."""
    said = _with_classes(folder).predicted[items]
    classes = _indices_of_classes(store, folder).items()
    return {identifier: int(np.isin(said, indices).sum()) for identifier, indices in classes}


def _with_classes(folder: RunFolder) -> Predictions:
    predictions = read_predictions(folder)
    if predictions is None or predictions.confidence is None:
        raise UserError(
            f"The run {folder.run!r} knows no classes. Choose a finished run that was trained "
            "with labels, or look at its clusters."
        )
    if told_by_reference(folder.request(), folder.status().results):
        raise UserError(
            f"The run {folder.run!r} knows its classes by reference labels, which labelling is not "
            "to see. Choose a run that was trained on labels that people gave, or look at clusters."
        )
    return predictions


def _indices_of_classes(store: LabelStore, folder: RunFolder) -> dict[int, list[int]]:
    """Live class -> the indices that the run knows it by, several after a merge."""
    table = store.class_table()
    live = {one.identifier for one in table.live}
    found: dict[int, list[int]] = {}
    for index, trained in enumerate(folder.request().classes):
        identifier = table.resolve(trained.identifier)
        if identifier in live:
            found.setdefault(identifier, []).append(index)
    return found
