"""From features to the vectors that a contrastive loss compares."""

import keras
from keras import layers

from ssl_core.training.networks.backbones import Shape


def projection_head(map_shape: Shape, width: int) -> keras.Model:
    """From a map (batch, h, w, features) to vectors (batch, width), float32.

    Two dense layers with a ReLU between, the first as wide as the features. SimCLR, section 2.1.
    """
    features = keras.Input(map_shape, name="features")
    pooled = layers.GlobalAveragePooling2D()(features)
    hidden = layers.Dense(map_shape[-1], activation="relu", kernel_initializer="he_normal")(pooled)
    projected = layers.Dense(width, dtype="float32")(hidden)
    return keras.Model(features, projected, name="projection")
