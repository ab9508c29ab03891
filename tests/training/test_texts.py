"""Texts as tokens."""

import numpy as np

from ssl_core.methods import catalogue, validated
from ssl_core.training.texts import tokens_by_vocabulary, tokens_of

TEXTS = ["The cat, the DOG!", "a cat", "", "zebra cat the", "yak yak yak yak"]


def test_words_are_numbered_by_how_often_they_stand_in_the_known_texts() -> None:
    configuration = validated(catalogue()["posts"], {"length": 4, "vocabulary_size": 10})
    tokens, vocabulary = tokens_of(TEXTS, np.arange(3), configuration)
    assert vocabulary[:2] == ["", "[UNK]"]
    assert set(vocabulary[2:4]) == {"cat", "the"}
    assert set(vocabulary) == {"", "[UNK]", "cat", "the", "dog", "a"}
    assert tokens.dtype == np.int32
    cat, the = vocabulary.index("cat"), vocabulary.index("the")
    assert tokens[0].tolist() == [the, cat, the, vocabulary.index("dog")]
    assert tokens[2].tolist() == [0, 0, 0, 0]
    # A word of no known text is the unknown word: the test split adds nothing.
    assert tokens[3].tolist() == [1, cat, the, 0]
    assert tokens.max() < len(vocabulary)


def test_new_texts_are_read_as_the_known_ones_were() -> None:
    configuration = validated(catalogue()["posts"], {"length": 4, "vocabulary_size": 10})
    tokens, vocabulary = tokens_of(TEXTS, np.arange(3), configuration)
    np.testing.assert_array_equal(tokens_by_vocabulary(TEXTS, vocabulary, 4), tokens)
    assert tokens_by_vocabulary(["a cat"], [], 3).tolist() == [[0, 0, 0]]
