"""From images to a map whose pooled features tell the classes, and real from generated."""

import keras
from keras import layers

from ssl_core.training.networks.backbones import STATISTICS_MOMENTUM, VGG_WIDTHS, Shape

SLOPE = 0.2  # of leaky ReLU below 0


def norm_free_discriminator(backbone: str, image_shape: Shape, dropout: float) -> keras.Model:
    """From images (batch, height, width, channels) in [0, 1] to a map (batch, h, w, features).

    The VGG backbone of that name without batch normalisation: with it, the mean of a feature over
    a batch is a constant, and nothing is left to match. dropout: share of the features after the
    second pooling that are left out in training.
    """
    images = features = keras.Input(image_shape, name="images")
    widths = VGG_WIDTHS[backbone]
    for depth, width in enumerate(widths):
        features = _convolution(features, width)
        if depth < len(widths) - 1:
            features = layers.MaxPooling2D(2, padding="same")(features)
        if depth == 1:
            features = layers.Dropout(dropout)(features)
    return keras.Model(images, features, name="discriminator")


def seed_discriminator(width: int, image_shape: Shape, dropout: float) -> keras.Model:
    """From images (batch, height, width, channels) in [0, 1] to a map (batch, h, w, features).

    Seven 3x3 convolutions of images in [-1, 1], four of them halving the sides, with batch
    normalisation on all but the first and the last. width: features of the first three; the others
    have twice as many. dropout: of the features; 0.4 of it of the pixels.
    """
    images = keras.Input(image_shape, name="images")
    features = layers.Dropout(0.4 * dropout)(layers.Rescaling(2.0, -1.0)(images))
    features = layers.Dropout(dropout)(_convolution(features, width, 2))
    features = _convolution(features, width, 2, normalised=True)
    features = _convolution(features, width, 2, normalised=True)
    features = layers.Dropout(dropout)(features)
    for stride in (1, 1, 2):
        features = _convolution(features, 2 * width, stride, normalised=True)
    features = _convolution(layers.Dropout(dropout)(features), 2 * width)
    return keras.Model(images, features, name="discriminator")


def _convolution(features, width: int, stride: int = 1, *, normalised: bool = False):
    features = layers.Conv2D(
        width, 3, strides=stride, padding="same", kernel_initializer="he_normal"
    )(features)
    if normalised:
        features = layers.BatchNormalization(momentum=STATISTICS_MOMENTUM)(features)
    return layers.LeakyReLU(negative_slope=SLOPE)(features)
