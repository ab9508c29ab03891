"""Images with something wrong about them, for a network that is to put it right."""

from typing import Literal

import keras
from keras import ops

Corruption = Literal["none", "gaussian", "cutout"]
Seed = int | keras.random.SeedGenerator  # an int gives the same draw every time


def corrupted(images, kind: Corruption, amount: float, seed: Seed):
    """images: (batch, height, width, channels), float32 in [0, 1]. Returns the same shape.

    amount: deviation of the noise in units of intensity, which leads out of [0, 1]; or the side
    of the hole as a share of that of the image.
    """
    if kind == "gaussian":
        return images + amount * keras.random.normal(ops.shape(images), seed=seed)
    return _with_hole(images, amount, seed) if kind == "cutout" else images


def _with_hole(images, side: float, seed: Seed):
    """A rectangle in the mean intensity of the image, around any place of it."""
    count, height, width, _ = ops.shape(images)
    centres = keras.random.uniform((2, count, 1), seed=seed)
    down, across = (
        ops.abs((ops.arange(length, dtype="float32") + 0.5) / length - centre) < side / 2
        for length, centre in zip((height, width), (centres[0], centres[1]), strict=True)
    )
    hole = ops.logical_and(down[:, :, None, None], across[:, None, :, None])
    return ops.where(hole, ops.mean(images, axis=(1, 2, 3), keepdims=True), images)
