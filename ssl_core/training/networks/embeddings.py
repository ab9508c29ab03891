"""From a map of features to one short vector."""

import keras
from keras import layers

from ssl_core.training.networks.backbones import STATISTICS_MOMENTUM, Shape


def embedding_head(map_shape: Shape, size: int) -> keras.Model:
    """From a map (batch, h, w, features) to vectors (batch, size), float32.

    Each number is brought to mean 0 and deviation 1 over the batch and has no scale of its own, so
    that a vector cannot grow without bound, as it otherwise would to seem to say more.
    """
    features = keras.Input(map_shape, name="features")
    pooled = layers.GlobalAveragePooling2D()(features)
    vectors = layers.Dense(size, use_bias=False, dtype="float32")(pooled)
    vectors = layers.BatchNormalization(
        momentum=STATISTICS_MOMENTUM, center=False, scale=False, dtype="float32"
    )(vectors)
    return keras.Model(features, vectors, name="embedding_head")
