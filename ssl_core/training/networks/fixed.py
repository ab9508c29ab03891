"""What is behind a trained network and set without gradients, and how it is asked."""

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from ssl_core.training.parts import in_parts, joined


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


def answered(network: keras.Model, items: NDArray) -> NDArray[np.float32]:
    """What a network answers to n items in inference mode, (n, ...)."""
    return joined([network(part, training=False) for part in in_parts(items)])
