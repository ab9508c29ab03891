"""The headline model: padding, numbers beside the text, and the auxiliary answer."""

import keras
import numpy as np
import pytest

from ssl_core.methods import build_model, catalogue, validated
from ssl_core.methods.base import Column, HeadTask, Task

SPEC = catalogue()["headline"]
HEADS = (HeadTask("shared", "binary", 2),)
COLUMNS = (Column("hour", 12.0, 6.0), Column("letters", 50.0, 10.0))
LENGTH, WORDS = 10, 40


def model_of(columns: tuple[Column, ...] = COLUMNS, **values: object):
    keras.utils.set_random_seed(3)
    configuration = validated(SPEC, {"length": LENGTH, **values})
    task = Task((LENGTH,), HEADS, columns=columns, vocabulary=WORDS)
    return build_model("headline", configuration, task)


def batch(rows: int = 8) -> tuple[dict, dict]:
    generator = np.random.default_rng(0)
    x = {
        "labelled": generator.integers(1, WORDS, (rows, LENGTH)).astype(np.int32),
        "labelled/numeric": generator.normal([12, 50], [6, 10], (rows, 2)).astype(np.float32),
    }
    y = {"labelled": generator.integers(0, 2, rows).astype(np.int32)}
    return keras.tree.map_structure(keras.ops.convert_to_tensor, (x, y))


def test_the_size_is_the_published_one_and_a_layer_for_the_numbers() -> None:
    """The source joins its five numbers as they are; here they pass 16 units first."""
    columns = tuple(Column(f"column {place}", 0.0, 1.0) for place in range(5))
    model = build_model(
        "headline",
        validated(SPEC, {"word_width": 512, "length": 100}),
        Task((100,), HEADS, columns=columns, vocabulary=10_000),
    )
    assert model.trunk.count_params() == 10_000 * 512 + 4 * 32 * (512 + 32 + 1)
    of_numbers = 5 * 16 + 16
    wider = (16 - 5) * 64
    found = model.trunk.count_params() + model.answers.count_params()
    assert found - of_numbers - wider == 5_200_610


def test_what_fills_a_text_up_is_not_read() -> None:
    model = model_of()
    words = np.array([[5, 6, 7, 0, 0, 0, 0, 0, 0, 0]], np.int32)
    short = keras.ops.convert_to_numpy(model.trunk(words))
    cell = model.trunk.layers[-1]
    vectors = model.trunk.layers[1](words[:, :3])
    assert np.allclose(short, keras.ops.convert_to_numpy(cell(vectors)), atol=1e-6)
    other = np.array([[5, 6, 7, 1, 0, 0, 0, 0, 0, 0]], np.int32)
    assert not np.allclose(short, keras.ops.convert_to_numpy(model.trunk(other)), atol=1e-4)


def test_the_auxiliary_answer_sees_the_text_alone() -> None:
    model, (x, y) = model_of(), batch()
    numbers = {**x, "labelled/numeric": x["labelled/numeric"] + 100}
    first, second = (
        model.outcome(part, y, model(part, training=False), training=False).terms
        for part in (x, numbers)
    )
    assert float(first["auxiliary"]) == float(second["auxiliary"])
    assert float(first["classification"]) != float(second["classification"])
    assert model.weights_of_terms["auxiliary"] == 0.2
    total = model.compute_loss(x, y, model(x, training=False), training=False)
    expected = float(first["classification"]) + 0.2 * float(first["auxiliary"])
    assert float(total) == pytest.approx(expected, rel=1e-6)


def test_without_numbers_there_is_no_auxiliary_answer() -> None:
    model = model_of(columns=())
    x, y = batch()
    terms = model.outcome(x, y, model(x, training=False), training=False).terms
    assert set(terms) == {"classification"}


def test_numbers_go_in_as_they_are() -> None:
    model, (x, _) = model_of(), batch()
    network = model.inference_model()
    answers = network.predict_on_batch([x["labelled"], x["labelled/numeric"]])
    inside = model.answers([model.trunk(x["labelled"]), x["labelled/numeric"]])
    chance = 1 / (1 + np.exp(-keras.ops.convert_to_numpy(inside["shared"])[:, 0]))
    assert np.allclose(answers["probabilities"][:, 1], chance, atol=1e-6)
