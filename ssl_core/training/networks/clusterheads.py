"""Heads that put an item into clusters, and what stands behind them: one head, and its classes."""

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from ssl_core.training.networks.backbones import Shape
from ssl_core.training.networks.fixed import answered

EVERY_HEAD = "every_head"  # the layer of an inference network with the answers of all heads


def cluster_heads(map_shape: Shape, heads: int, clusters: int, name: str) -> keras.Model:
    """From a map (batch, h, w, features) to probabilities (batch, heads, clusters), float32."""
    features = keras.Input(map_shape, name="features")
    flat = layers.Flatten()(features)
    logits = layers.Dense(heads * clusters, dtype="float32", name="logits")(flat)
    logits = layers.Reshape((heads, clusters), dtype="float32")(logits)
    return keras.Model(features, layers.Softmax(dtype="float32")(logits), name=name)


def kernel_of_choice(heads: int, clusters: int, head: int) -> NDArray[np.float32]:
    """(heads * clusters, clusters): takes the probabilities of one head out of those of all."""
    kernel = np.zeros((heads, clusters, clusters), np.float32)
    kernel[head] = np.eye(clusters)
    return kernel.reshape(heads * clusters, clusters)


def kernel_of_mapping(meant: NDArray[np.integer], classes: int) -> NDArray[np.float32]:
    """(clusters, classes): adds up the clusters of each class. meant: (clusters,), their class."""
    return np.eye(classes, dtype=np.float32)[meant]


def clustering_network(
    trunk: keras.Model, heads: keras.Model, choice: layers.Dense, mapping: layers.Dense | None
) -> keras.Model:
    """Image (height, width, channels), float32 in [0, 1] -> `clusters`, and with classes
    `probabilities`. It shares its weights with its parts and loads with Keras alone.
    """
    images = keras.Input(trunk.input_shape[1:], name="images")
    count = heads.output_shape[1] * heads.output_shape[2]
    every = layers.Reshape((count,), dtype="float32", name=EVERY_HEAD)(heads(trunk(images)))
    answers = {"clusters": choice(every)}
    if mapping is not None:
        answers["probabilities"] = mapping(answers["clusters"])
    return keras.Model(images, answers, name="inference")


def of_every_head(network: keras.Model, items: NDArray, heads: int) -> NDArray[np.float32]:
    """(n, heads, clusters): what all heads of a `clustering_network` answer to n items."""
    inner = keras.Model(network.inputs[0], network.get_layer(EVERY_HEAD).output)
    rows = answered(inner, items)
    return rows.reshape(len(rows), heads, -1)
