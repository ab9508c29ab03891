"""The averaged network: its predictions, and how often they are right."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from ssl_core.stats import confusion_matrix, wilson_interval
from ssl_core.training.data import TrainingData, as_network_input
from ssl_core.training.model import MethodModel
from ssl_core.training.parts import batch_size

PROBABILITIES = "probabilities"
_SMALLEST = 1e-12  # of a probability, before its logarithm


@dataclass(frozen=True)
class Score:
    """How predictions compare with labels."""

    accuracy: float  # share in [0, 1]
    interval: tuple[float, float]  # 95 % Wilson interval
    count: int
    loss: float  # mean cross-entropy, nats
    confusion: NDArray[np.int64]  # (classes, classes), row = label


class AveragedNetwork:
    """A copy of the inference network that holds the averaged weights of a model.

    Moving statistics are taken as they are: their memory (0.95) is shorter than that of the
    weights (0.99), so they describe slightly newer weights, and both stand still as the learning
    rate falls to zero.
    """

    def __init__(self, model: MethodModel) -> None:
        self._source = model.inference_model()
        self._model = model
        self.network = keras.models.clone_model(self._source)
        self.network.jit_compile = keras.backend.backend() != "tensorflow"
        self._takes_numbers = len(self.network.inputs) > 1

    def refresh(self) -> None:
        """Copy the averaged weights of now; without averaging, the weights themselves.

        Through NumPy, because JAX gives the memory of what a network predicts with away.
        """
        averages = self._model.optimizer.averages()
        for target, source in zip(self.network.weights, self._source.weights, strict=True):
            weight = averages.get(id(source), source)
            target.assign(np.array(keras.ops.convert_to_numpy(weight)))

    def answers(
        self,
        data: TrainingData,
        items: NDArray[np.int64],
        each_batch: Callable[[], None] = lambda: None,
    ) -> dict[str, NDArray[np.float32]]:
        """What `inference_model` answers to `items`: name of the output -> (n, ...).

        `each_batch` is called before every batch; what it raises ends the prediction.
        """
        if not self._model.answers_items:
            return {PROBABILITIES: np.empty((len(items), 0), np.float32)}
        size = batch_size(len(items), data.inputs.shape[1:3])
        parts: dict[str, list[NDArray[np.float32]]] = {}
        for first, chosen in _in_batches(items, size):
            each_batch()
            known = min(size, len(items) - first)
            for name, rows in self._answer(data, chosen).items():
                parts.setdefault(name, []).append(rows[:known])
        nothing = np.empty((len(items), self._model.task.classes), np.float32)
        answers = {name: np.concatenate(rows) for name, rows in parts.items()}
        return {PROBABILITIES: nothing} | answers

    def probabilities(self, data: TrainingData, items: NDArray[np.int64]) -> NDArray[np.float32]:
        """(n, classes), float32, of the main head."""
        return self.answers(data, items)[PROBABILITIES]

    def _answer(self, data: TrainingData, chosen: NDArray[np.int64]) -> dict[str, NDArray]:
        batch = as_network_input(data.inputs[chosen])
        if self._takes_numbers and data.numeric is not None:
            batch = [batch, data.numeric[chosen]]
        found = self.network.predict_on_batch(batch)
        return found if isinstance(found, dict) else {PROBABILITIES: found}


def _in_batches(items: NDArray[np.int64], size: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Batches of exactly `size`, the last filled up, so that one shape is compiled."""
    for first in range(0, len(items), size):
        chosen = items[first : first + size]
        yield first, np.resize(chosen, size)


def score(
    probabilities: NDArray[np.floating], labels: NDArray[np.int32], classes: int
) -> Score | None:
    """Compare (n, classes) probabilities with (n,) class indices; None without any."""
    if len(labels) == 0 or probabilities.shape[1] == 0:
        return None
    predicted = np.argmax(probabilities, axis=1)
    right = int(np.count_nonzero(predicted == labels))
    chosen = np.maximum(probabilities[np.arange(len(labels)), labels], _SMALLEST)
    return Score(
        accuracy=right / len(labels),
        interval=wilson_interval(right, len(labels)),
        count=len(labels),
        loss=float(-np.mean(np.log(chosen))),
        confusion=confusion_matrix(labels, predicted, classes),
    )
