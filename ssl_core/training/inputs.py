"""What a network is fed with: the images of a dataset, or its texts as numbers."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.files import replace_bytes
from ssl_core.methods.base import Hyperparameters, TextHyperparameters

VOCABULARY = "vocabulary.json"


def inputs_of(
    dataset: Dataset, configuration: Hyperparameters, folder: Path
) -> tuple[NDArray, list[str]]:
    """Images (count, height, width, channels), uint8, or tokens (count, length), int32.

    The second is the vocabulary of a text dataset, made of the texts outside the test split and
    kept in the run folder; empty for images. A method without settings for texts reads none of
    them: one empty token each.
    """
    if dataset.manifest.kind == "images":
        return dataset.images, []
    if not isinstance(configuration, TextHyperparameters):
        return np.zeros((dataset.manifest.count, 1), np.int32), []
    from ssl_core.training.texts import tokens_of

    texts = list(dataset.texts)
    known = np.flatnonzero(np.asarray(dataset.splits) != TEST)
    tokens, vocabulary = tokens_of(texts, known, configuration)
    replace_bytes(folder / VOCABULARY, json.dumps(vocabulary).encode())
    return tokens, vocabulary


def vocabulary_of(folder: Path) -> list[str]:
    """The vocabulary in a run folder; empty where the run read no texts."""
    try:
        return [str(word) for word in json.loads((folder / VOCABULARY).read_bytes())]
    except FileNotFoundError:
        return []
