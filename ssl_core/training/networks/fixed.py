"""What is behind a trained network and set without gradients, and how it is asked."""

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray


def fixed_dense(inputs: int, units: int, name: str, *, bias: bool = False) -> layers.Dense:
    """A linear layer whose kernel (inputs, units) is set and never trained; at first it is 0."""
    dense = layers.Dense(
        units,
        use_bias=bias,
        kernel_initializer="zeros",
        trainable=False,
        dtype="float32",
        name=name,
    )
    dense.build((None, inputs))
    return dense


def answered(network: keras.Model, items: NDArray, size: int = 256) -> NDArray[np.float32]:
    """What a network answers to n items in inference mode, (n, ...), a few at a time."""
    parts = [
        keras.ops.convert_to_numpy(network(items[first : first + size], training=False))
        for first in range(0, len(items), size)
    ]
    return np.concatenate(parts)
