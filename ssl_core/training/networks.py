"""The networks that all methods share: backbones, the classifier head, the decoder.

Everything is built of plain Keras layers, so that a saved model loads without this package.
"""

import keras
from keras import layers

from ssl_core.methods.base import Backbone

# The moving statistics must fit after a few hundred steps: with 0.95 the initial values weigh
# 0.6 % after 100 steps; with the 0.999 of the published long schedules it would be 90 %.
STATISTICS_MOMENTUM = 0.95
VGG_WIDTHS = {"vgg-small": (32, 64, 128, 128), "vgg-f": (64, 128, 256, 512)}
DECODER_WIDTHS = (64, 32, 16)
DROPOUT = 0.3

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


def classifier_head(map_shape: Shape, classes: int) -> keras.Model:
    """From a map (batch, h, w, features) to logits (batch, classes)."""
    features = keras.Input(map_shape, name="features")
    pooled = layers.GlobalAveragePooling2D()(features)
    dropped = layers.Dropout(DROPOUT)(pooled)
    # float32 whatever the policy: the loss and the softmax need the precision.
    logits = layers.Dense(classes, dtype="float32", name="logits")(dropped)
    return keras.Model(features, logits, name="classifier")


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


def inference_network(trunk: keras.Model, head: keras.Model) -> keras.Model:
    """Image (height, width, channels), float32 in [0, 1] -> probabilities (classes,).

    It shares its weights with `trunk` and `head`, and loads with `keras.models.load_model` alone.
    """
    images = keras.Input(trunk.input_shape[1:], name="images")
    probabilities = layers.Softmax(dtype="float32", name="probabilities")(head(trunk(images)))
    return keras.Model(images, probabilities, name="inference")
