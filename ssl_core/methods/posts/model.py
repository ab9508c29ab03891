"""Stacked one-dimensional convolutions over a text, with several heads."""

import keras
from keras import layers

from ssl_core.methods.base import Task
from ssl_core.methods.posts.spec import PostsConfiguration
from ssl_core.training.several_heads import SeveralHeadsModel

WIDTH = 128  # of the layer that all heads read


class PostsModel(SeveralHeadsModel):
    """Losses: one a head, see SeveralHeadsModel."""

    view = "none"

    def __init__(self, configuration: PostsConfiguration, task: Task) -> None:
        trunks = {"small": small_network, "published": published_network}
        super().__init__(configuration, task, trunks[configuration.network](task))


def small_network(task: Task) -> keras.Model:
    """Tokens (batch, length), int32 -> features (batch, 128); any length."""
    tokens, features = _words(task, 64)
    features = _convolution(features, 64, padding="same")
    features = layers.MaxPooling1D(5, padding="same")(features)
    features = _convolution(features, 128, padding="same")
    return _closed(tokens, features)


def published_network(task: Task) -> keras.Model:
    """Tokens (batch, length), int32, length of at least 269 -> features (batch, 128)."""
    tokens, features = _words(task, 256)
    for depth, width in enumerate((128, 256, 256, 256, 256)):
        features = _convolution(features, width, padding="valid")
        if depth in (0, 2):
            features = layers.MaxPooling1D(5)(features)
    return _closed(tokens, features)


def _words(task: Task, width: int):
    tokens = keras.Input(task.item_shape, dtype="int32", name="tokens")
    # The first argument is the number of words: tokens at or above it have no vector.
    return tokens, layers.Embedding(task.vocabulary, width)(tokens)


def _convolution(features, width: int, padding: str):
    return layers.Conv1D(width, 5, padding=padding, activation="relu")(features)


def _closed(tokens, features) -> keras.Model:
    features = layers.GlobalMaxPooling1D()(features)
    features = layers.Dense(WIDTH, activation="relu")(features)
    return keras.Model(tokens, features, name="text")


def build(configuration: PostsConfiguration, task: Task) -> PostsModel:
    """The untrained model."""
    return PostsModel(configuration, task)
