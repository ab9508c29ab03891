"""From a map of features to one short vector."""

import keras
from keras import layers, ops

from ssl_core.training.networks.backbones import STATISTICS_MOMENTUM, Shape


def embedding_head(map_shape: Shape, size: int) -> keras.Model:
    """From a map (batch, h, w, features) to vectors (batch, size), float32, of length sqrt(size).

    Each number is first brought to mean 0 and deviation 1 over the batch, so that vectors point to
    all sides. The length is the same for all, so that no vector can grow to seem to say more, and
    a linear read-out looks at what cosines are made of.
    """
    features = keras.Input(map_shape, name="features")
    pooled = layers.GlobalAveragePooling2D()(features)
    vectors = layers.Dense(size, use_bias=False, dtype="float32")(pooled)
    vectors = layers.BatchNormalization(
        momentum=STATISTICS_MOMENTUM, center=False, scale=False, dtype="float32"
    )(vectors)
    # Not UnitNormalization: its gradient is 1e12 at a vector of zeros, as a trunk gives that has no
    # feature left.
    squares = ops.mean(ops.square(vectors), axis=-1, keepdims=True)
    vectors = vectors * ops.rsqrt(ops.maximum(squares, keras.config.epsilon()))
    return keras.Model(features, vectors, name="embedding_head")
