"""What a network makes of every item: vectors that are near each other where items are alike."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ssl_core.training.data import TrainingData, as_network_input
from ssl_core.training.embedding import embedded
from ssl_core.training.model import MethodModel
from ssl_core.training.parts import batch_size

_LARGEST = float(np.finfo(np.float16).max)


def item_features(
    model: MethodModel, data: TrainingData, each_batch: Callable[[], None]
) -> NDArray[np.float16] | None:
    """(count, d), float16: `embed` of every item with the weights of now.

    None for a method without one vector an item. `each_batch` is called before every batch; what
    it raises ends the work.
    """
    count, parts = len(data.inputs), []
    size = batch_size(count, data.inputs.shape[1:3])
    for first in range(0, count, size):
        each_batch()
        found = embedded(model, as_network_input(data.inputs[first : first + size]))
        if found is None:
            return None
        parts.append(np.clip(found[0], -_LARGEST, _LARGEST).astype(np.float16))
    return np.concatenate(parts)
