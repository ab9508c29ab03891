"""From images to a map of features: the networks that all methods on images share."""

import keras
from keras import layers

from ssl_core.methods.base import Backbone

# The moving statistics must fit after a few hundred steps: with 0.95 the initial values weigh
# 0.6 % after 100 steps; with the 0.999 of the published long schedules it would be 90 %.
STATISTICS_MOMENTUM = 0.95
VGG_WIDTHS = {"vgg-small": (32, 64, 128, 128), "vgg-f": (64, 128, 256, 512)}

Shape = tuple[int, int, int]


def backbone(name: Backbone, image_shape: Shape) -> keras.Model:
    """From images (batch, height, width, channels), float32 in [0, 1], to a map of features.

    The map is (batch, h, w, features): h and w are the sides halved three times (VGG) or twice
    (WRN), rounded up, so that images of any size pass.
    """
    images = keras.Input(image_shape, name="images")
    features = _wide_residual(images) if name == "wrn-28-2" else _vgg(images, VGG_WIDTHS[name])
    return keras.Model(images, features, name="backbone")


def _vgg(images, widths: tuple[int, ...]):
    """3x3 convolutions with batch normalisation and ReLU, pooled after all but the last."""
    features = images
    for depth, width in enumerate(widths):
        features = layers.Conv2D(width, 3, padding="same", kernel_initializer="he_normal")(features)
        features = _normalised(features)
        features = layers.ReLU()(features)
        if depth < len(widths) - 1:
            features = layers.MaxPooling2D(2, padding="same")(features)
    return features


def _wide_residual(images):
    """WRN-28-2: pre-activation residual blocks, 3 stages of 4, leaky ReLU 0.1."""
    features = _convolution(images, 16, 3)
    for stage, width in enumerate((32, 64, 128)):
        for block in range(4):
            stride = 2 if stage > 0 and block == 0 else 1
            first = stage == 0 and block == 0
            features = _residual_block(features, width, stride, activate_shortcut=first)
    return _leaky(_normalised(features))


def _residual_block(features, width: int, stride: int, *, activate_shortcut: bool):
    """BN-lReLU-conv-BN-lReLU-conv plus a shortcut, 1x1 where the width changes."""
    active = _leaky(_normalised(features))
    shortcut = active if activate_shortcut else features
    inner = _leaky(_normalised(_convolution(active, width, 3, stride)))
    inner = _convolution(inner, width, 3)
    if shortcut.shape[-1] != width:
        shortcut = _convolution(shortcut, width, 1, stride)
    return layers.Add()([shortcut, inner])


def _convolution(features, width: int, size: int, stride: int = 1):
    return layers.Conv2D(
        width,
        size,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(features)


def _normalised(features):
    return layers.BatchNormalization(momentum=STATISTICS_MOMENTUM)(features)


def _leaky(features):
    return layers.LeakyReLU(negative_slope=0.1)(features)
