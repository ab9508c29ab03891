"""Many items through a network, a part at a time: memory grows with their pixels."""

import math
from collections.abc import Iterator, Sequence

import keras
import numpy as np
from numpy.typing import NDArray

BATCH = 256
SMALL_BATCH = 64
PIXELS_TOGETHER = 2**20  # in one batch: 256 images of 64 x 64; larger ones go in fewer at a time


def batch_size(count: int, sides: tuple[int, ...]) -> int:
    """How many of `count` images of `sides` (height, width) in pixels pass a network together.

    Bounded by their pixels, because memory grows with them, and a training that went well must
    not run out of it at its end.
    """
    wanted = SMALL_BATCH if count <= SMALL_BATCH else BATCH
    return max(1, min(wanted, PIXELS_TOGETHER // math.prod(sides)))


def in_parts(items: NDArray, sides: tuple[int, ...] = ()) -> Iterator[NDArray]:
    """`items` (n, ...) as many at a time as go through a network together, in their order.

    sides: of the images that they are or stand for, by default their own.
    """
    size = batch_size(len(items), sides or items.shape[1:3])
    for first in range(0, len(items), size):
        yield items[first : first + size]


def joined(parts: Sequence):
    """What was said of each part, one after the other: of the same structure, in NumPy arrays."""
    arrays = [keras.tree.map_structure(keras.ops.convert_to_numpy, part) for part in parts]
    return keras.tree.map_structure(lambda *rows: np.concatenate(rows), *arrays)
