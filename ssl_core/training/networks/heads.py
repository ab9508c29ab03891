"""From features to answers, and the whole network that a run leaves behind."""

import keras
from keras import layers

from ssl_core.training.networks.backbones import Shape

DROPOUT = 0.3


def classifier_head(map_shape: Shape, classes: int, name: str = "classifier") -> keras.Model:
    """From a map (batch, h, w, features) to logits (batch, classes)."""
    features = keras.Input(map_shape, name="features")
    pooled = layers.GlobalAveragePooling2D()(features)
    dropped = layers.Dropout(DROPOUT)(pooled)
    # float32 whatever the policy: the loss and the softmax need the precision.
    logits = layers.Dense(classes, dtype="float32", name="logits")(dropped)
    return keras.Model(features, logits, name=name)


def inference_network(trunk: keras.Model, head: keras.Model) -> keras.Model:
    """Image (height, width, channels), float32 in [0, 1] -> probabilities (classes,).

    It shares its weights with `trunk` and `head`, and loads with `keras.models.load_model` alone.
    """
    images = keras.Input(trunk.input_shape[1:], name="images")
    probabilities = layers.Softmax(dtype="float32", name="probabilities")(head(trunk(images)))
    return keras.Model(images, probabilities, name="inference")
