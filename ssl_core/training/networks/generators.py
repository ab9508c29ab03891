"""From noise to images."""

import keras
from keras import layers

from ssl_core.training.networks.backbones import STATISTICS_MOMENTUM, Shape

SMALLEST_SIDE = 4  # pixels, of the map that the noise is spread over
SLOPE = 0.2  # of leaky ReLU below 0
WIDEST = 4  # times the width of the last hidden map


def generator(image_shape: Shape, noise_size: int, width: int) -> keras.Model:
    """From noise (batch, noise_size) to images (batch, height, width, channels) in [0, 1], float32.

    A dense layer to a map of at most 4 x 4, then transposed 5x5 convolutions of stride 2 until the
    size is reached, with batch normalisation between: DCGAN (Radford et al. 2016,
    arXiv:1511.06434), section 3. What a doubling has too much, because an odd side was rounded
    up, is cut off. width: features before the last convolution, doubled towards the noise.
    """
    sides = doublings(image_shape[:2])
    widths = [width * min(2**depth, WIDEST) for depth in range(len(sides) - 1)]
    height, across = sides[0]
    noise = keras.Input((noise_size,), name="noise")
    drawn = layers.Dense(height * across * widths[-1])(noise)
    drawn = _active(layers.Reshape((height, across, widths[-1]))(drawn))
    for side, features in zip(sides[1:-1], reversed(widths[:-1]), strict=True):
        drawn = _active(_doubled(drawn, features, side))
    drawn = layers.Activation("tanh", dtype="float32")(_doubled(drawn, image_shape[2], sides[-1]))
    images = layers.Rescaling(0.5, 0.5, dtype="float32")(drawn)
    return keras.Model(noise, images, name="generator")


def doublings(sides: tuple[int, int]) -> list[tuple[int, int]]:
    """(height, width) of the map after each step, the last being `sides`: at least two.

    Each is half of the next, rounded up; the first is at most 4 x 4.
    """
    found = [sides]
    while len(found) < 2 or max(found[0]) > SMALLEST_SIDE:
        height, width = found[0]
        found.insert(0, (-(-height // 2), -(-width // 2)))
    return found


def _doubled(drawn, features: int, sides: tuple[int, int]):
    drawn = layers.Conv2DTranspose(features, 5, strides=2, padding="same")(drawn)
    excess = (drawn.shape[1] - sides[0], drawn.shape[2] - sides[1])
    if any(excess):
        drawn = layers.Cropping2D(((0, excess[0]), (0, excess[1])))(drawn)
    return drawn


def _active(drawn):
    drawn = layers.BatchNormalization(momentum=STATISTICS_MOMENTUM)(drawn)
    return layers.LeakyReLU(negative_slope=SLOPE)(drawn)
