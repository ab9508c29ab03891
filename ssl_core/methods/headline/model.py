"""A recurrent network over a short text, joined with numbers beside it."""

import keras
from keras import layers

from ssl_core.methods.base import Task
from ssl_core.methods.headline.spec import HeadlineConfiguration
from ssl_core.training.several_heads import SeveralHeadsModel

MEMORY = 32
DENSE = (64, 64, 64)


class HeadlineModel(SeveralHeadsModel):
    """Losses: one a head and `auxiliary`, see SeveralHeadsModel."""

    view = "none"

    def __init__(self, configuration: HeadlineConfiguration, task: Task) -> None:
        trunk = reading_network(task, configuration.word_width)
        super().__init__(configuration, task, trunk, hidden=DENSE)


def reading_network(task: Task, width: int) -> keras.Model:
    """Tokens (batch, length), int32, 0 = filled up -> what is remembered, (batch, 32)."""
    tokens = keras.Input(task.item_shape, dtype="int32", name="tokens")
    words = layers.Embedding(task.vocabulary, width, mask_zero=True)(tokens)
    # The fused kernels of GPUs take no mask in the middle of a text; filling up is at its end.
    return keras.Model(tokens, layers.LSTM(MEMORY)(words), name="text")


def build(configuration: HeadlineConfiguration, task: Task) -> HeadlineModel:
    """The untrained model."""
    return HeadlineModel(configuration, task)
