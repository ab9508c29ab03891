"""Texts as numbers: one token a word."""

from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from ssl_core.methods.base import TextHyperparameters

TEXTS_TOGETHER = 4096


def tokens_of(
    texts: Sequence[str], known: NDArray[np.int64], configuration: TextHyperparameters
) -> tuple[NDArray[np.int32], list[str]]:
    """Tokens (count, length), int32, and the vocabulary, whose places they are.

    Lower case, without punctuation, split at white space. 0 fills up, 1 is any word that is not
    among the most frequent of the `known` texts.
    """
    reader = keras.layers.TextVectorization(
        max_tokens=configuration.vocabulary_size, output_sequence_length=configuration.length
    )
    reader.adapt([texts[item] for item in known.tolist()])
    parts = [
        np.asarray(reader(list(texts[first : first + TEXTS_TOGETHER])), np.int32)
        for first in range(0, len(texts), TEXTS_TOGETHER)
    ]
    return np.concatenate(parts), reader.get_vocabulary()
