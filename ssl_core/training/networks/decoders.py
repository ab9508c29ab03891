"""From a map of features back to images."""

import math

import keras
from keras import layers

from ssl_core.training.networks.backbones import Shape

DECODER_WIDTHS = (64, 32, 16)


def decoder(map_shape: Shape, image_shape: Shape) -> keras.Model:
    """From a map (batch, h, w, features) to images (batch, height, width, channels), linear.

    One doubling and convolution for each halving of the backbone; what a doubling has too much,
    because an odd side was rounded up, is cut off.
    """
    features = keras.Input(map_shape, name="features")
    sides = halvings(image_shape[:2], map_shape[:2])
    drawn = features
    for depth, (height, width) in enumerate(reversed(sides[:-1])):
        drawn = layers.UpSampling2D(2)(drawn)
        excess = (drawn.shape[1] - height, drawn.shape[2] - width)
        if any(excess):
            drawn = layers.Cropping2D(((0, excess[0]), (0, excess[1])))(drawn)
        filters = DECODER_WIDTHS[min(depth, len(DECODER_WIDTHS) - 1)]
        drawn = layers.Conv2D(
            filters, 3, padding="same", activation="relu", kernel_initializer="he_normal"
        )(drawn)
    drawn = layers.Conv2D(image_shape[2], 3, padding="same", dtype="float32")(drawn)
    return keras.Model(features, drawn, name="decoder")


def vector_decoder(map_shape: Shape, image_shape: Shape, size: int) -> keras.Model:
    """A `decoder` that knows of the map only `size` numbers, a linear function of it.

    A map can hold more numbers than the image has pixels, and then has nothing to leave out.
    """
    features = keras.Input(map_shape, name="features")
    vector = layers.Dense(size, name="vector")(layers.Flatten()(features))
    spread = layers.Dense(math.prod(map_shape), activation="relu", kernel_initializer="he_normal")
    drawn = decoder(map_shape, image_shape)(layers.Reshape(map_shape)(spread(vector)))
    return keras.Model(features, drawn, name="vector_decoder")


def halvings(start: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    """The sides from `start` to `end`, halved and rounded up at each step, both included.

    Raises ValueError where halving never arrives at `end`.
    """
    sides = [start]
    while sides[-1] != end:
        height, width = sides[-1]
        if (height, width) == (1, 1):
            # Halving no longer changes anything, but the backbone may still have halved.
            raise ValueError(f"halving {start} never gives {end}")
        sides.append((-(-height // 2), -(-width // 2)))
    return sides
