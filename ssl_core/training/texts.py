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
    return _read(reader, texts), reader.get_vocabulary()


def tokens_by_vocabulary(
    texts: Sequence[str], vocabulary: Sequence[str], length: int
) -> NDArray[np.int32]:
    """Tokens (count, length), int32, of texts that the vocabulary was not made of.

    vocabulary: words with token k at place k; without any, all tokens are 0.
    """
    if not vocabulary:
        return np.zeros((len(texts), length), np.int32)
    reader = keras.layers.TextVectorization(
        vocabulary=list(vocabulary), output_sequence_length=length
    )
    return _read(reader, texts)


def _read(reader: keras.layers.TextVectorization, texts: Sequence[str]) -> NDArray[np.int32]:
    parts = [
        np.asarray(reader(list(texts[first : first + TEXTS_TOGETHER])), np.int32)
        for first in range(0, len(texts), TEXTS_TOGETHER)
    ]
    return np.concatenate(parts)
