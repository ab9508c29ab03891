"""What a run leaves behind: figures, predictions for every item, a model that loads anywhere."""

import logging
import os
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.errors import UserError
from ssl_core.files import sync_folder
from ssl_core.labels.reference import reference_indices
from ssl_core.labels.store import open_labels
from ssl_core.runs.request import RunRequest
from ssl_core.runs.status import Results
from ssl_core.runs.writer import RunWriter
from ssl_core.training.data import LabelledItems, TrainingData
from ssl_core.training.evaluation import Score, score
from ssl_core.training.lifecycle import StopFlag
from ssl_core.training.state import set_weights_of
from ssl_core.training.watch import Watch

MODEL = "model.keras"
FROM_TEST_SPLIT = "reference labels of the test split"
FROM_HELD_OUT = "held-out hand labels"
log = logging.getLogger(__name__)


def finished(
    watch: Watch,
    data: TrainingData,
    truth: tuple[LabelledItems, str],
    writer: RunWriter,
    stop: StopFlag,
) -> Results:
    """Predict every item with the averaged weights, save the model, and count.

    truth: the items of the test figure and where their labels come from. The selected weights are
    only asked about those items. Raises Stopped between batches.
    """
    test, source = truth
    averaged = watch.averaged
    averaged.refresh()
    everything = np.arange(len(data.images), dtype=np.int64)
    probabilities = averaged.probabilities(data.images, everything, stop.check)
    writer.predictions(probabilities)
    save_network(averaged.network, writer.path / MODEL)
    classes = probabilities.shape[1]
    at_end = score(probabilities[test.items], test.values, classes)
    validation = data.validation
    at_validation = score(probabilities[validation.items], validation.values, classes)
    return Results(
        test_accuracy=_accuracy(at_end),
        test_interval=at_end.interval if at_end else None,
        test_count=len(test),
        test_source=source if at_end else "",
        validation_accuracy=_accuracy(at_validation),
        validation_interval=at_validation.interval if at_validation else None,
        selected_step=watch.best_step,
        selected_test_accuracy=_selected(watch, data, test, stop),
    )


def _selected(
    watch: Watch, data: TrainingData, test: LabelledItems, stop: StopFlag
) -> float | None:
    """Test accuracy of the weights that were best on validation."""
    if watch.best is None or len(test) == 0:
        return None
    set_weights_of(watch.averaged.network, watch.best)
    probabilities = watch.averaged.probabilities(data.images, test.items, stop.check)
    watch.averaged.refresh()
    return _accuracy(score(probabilities, test.values, probabilities.shape[1]))


def _accuracy(found: Score | None) -> float | None:
    return found.accuracy if found else None


def save_network(network: keras.Model, path: Path) -> None:
    """Save an inference network so that a kill leaves the old file or the new one."""
    temporary = path.with_name(f".{path.stem}-{os.getpid()}.keras")
    try:
        network.save(temporary)
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def figure_truth(
    dataset: Dataset, request: RunRequest, data: TrainingData
) -> tuple[LabelledItems, str]:
    """The items of the test figure: the test split where there is one, else held-out labels.

    Reference labels are read here, after training, and never before.
    """
    items = np.flatnonzero(np.asarray(dataset.splits) == TEST)
    if len(items) == 0:
        return data.held_out, FROM_HELD_OUT
    try:
        reference: NDArray[np.int32] = reference_indices(
            dataset, open_labels(dataset), request.classes
        )
    except UserError as error:
        log.warning("There is no test figure: %s", error)
        return LabelledItems(np.empty(0, np.int64), np.empty(0, np.int32)), ""
    known = items[reference[items] >= 0]
    return LabelledItems(known, reference[known]), FROM_TEST_SPLIT
