"""What a run leaves behind: figures, answers and features of every item, a model to load."""

import os
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from ssl_core.files import sync_folder
from ssl_core.runs.status import Results
from ssl_core.runs.writer import RunWriter
from ssl_core.training.data import LabelledItems, TrainingData
from ssl_core.training.evaluation import PROBABILITIES, Score, score
from ssl_core.training.item_features import item_features
from ssl_core.training.lifecycle import StopFlag
from ssl_core.training.probe import Known
from ssl_core.training.state import set_weights_of
from ssl_core.training.truth import Truth, area_figure, figures_of_heads
from ssl_core.training.watch import Watch

MODEL = "model.keras"


def finished(
    watch: Watch,
    data: TrainingData,
    truth: Truth,
    mapping: tuple[Known, str],
    writer: RunWriter,
    stop: StopFlag,
) -> Results:
    """Predict every item with the averaged weights, save the model, and count.

    mapping: labels for what the method fits without gradients, and where they come from; where a
    method is named by them and there are none, nothing is answered in classes. The selected
    weights are only asked about the items of the test figure. Raises Stopped between batches.
    """
    averaged = watch.averaged
    averaged.refresh()
    figures = watch.settle(mapping[0])
    everything = np.arange(len(data.inputs), dtype=np.int64)
    answers = averaged.answers(data, everything, stop.check)
    if watch.named_afterwards and len(mapping[0]) == 0:
        answers[PROBABILITIES] = np.empty((len(everything), 0), np.float32)
    writer.predictions(answers)
    features = item_features(watch.model, data, stop.check)
    if features is not None:
        writer.embeddings(features)
    save_network(averaged.network, writer.path / MODEL)
    test, probabilities = truth.test, answers[PROBABILITIES]
    at_end = validated = None
    if truth.classes:
        at_end = _score(probabilities, test, truth.classes)
        figures |= area_figure(truth.head, probabilities[test.items], test.values)
        validated = _score(probabilities, data.validation, truth.classes)
    figures |= figures_of_heads(answers, tuple(data.others), truth.others)
    return Results(
        test_accuracy=_accuracy(at_end),
        test_interval=at_end.interval if at_end else None,
        test_count=at_end.count if at_end else 0,
        test_source=truth.source if at_end else "",
        validation_accuracy=_accuracy(validated),
        validation_interval=validated.interval if validated else None,
        selected_step=watch.best_step,
        selected_test_accuracy=_selected(watch, data, test),
        figures=figures,
        mapping=mapping[1],
    )


def _selected(watch: Watch, data: TrainingData, test: LabelledItems) -> float | None:
    """Test accuracy of the weights that were best on validation."""
    if watch.best is None or len(test) == 0:
        return None
    set_weights_of(watch.averaged.network, watch.best)
    probabilities = watch.averaged.probabilities(data, test.items)
    watch.averaged.refresh()
    return _accuracy(score(probabilities, test.values, probabilities.shape[1]))


def _score(probabilities: NDArray, known: LabelledItems, classes: int) -> Score | None:
    return score(probabilities[known.items], known.values, classes)


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
