"""The posts model: lengths, sizes known from elsewhere, first losses, and masks of its heads."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ssl_core.errors import UserError
from ssl_core.methods import build_model, catalogue, validated
from ssl_core.methods.base import HeadTask, Task

SPEC = catalogue()["posts"]
HEADS = (
    HeadTask("income", "categorical", 10),
    HeadTask("gender", "binary", 2),
    HeadTask("age", "regression", mean=40.0, deviation=12.0),
)
LENGTH, WORDS = 30, 50


def model_of(length: int = LENGTH, words: int = WORDS, **values: object):
    keras.utils.set_random_seed(3)
    configuration = validated(SPEC, {"length": length, **values})
    return build_model("posts", configuration, Task((length,), HEADS, vocabulary=words))


def batch(rows: int = 16) -> tuple[dict, dict]:
    generator = np.random.default_rng(0)
    tokens = generator.integers(1, WORDS, (rows, LENGTH)).astype(np.int32)
    y = {
        "labelled": generator.integers(0, 10, rows).astype(np.int32),
        "labelled/gender": generator.integers(0, 2, rows).astype(np.int32),
        "labelled/age": generator.normal(40.0, 12.0, rows).astype(np.float32),
    }
    return {"labelled": tokens}, y


def terms_of(model, x: dict, y: dict) -> dict[str, float]:
    terms = model.outcome(x, y, model(x, training=False), training=False).terms
    return {name: float(value) for name, value in terms.items()}


def test_the_published_network_wants_269_words_and_has_the_published_size() -> None:
    with pytest.raises(UserError, match="expected at least 269 words"):
        validated(SPEC, {"network": "published", "length": 268})
    model = model_of(269, 50_000, network="published")
    assert model.trunk.count_params() + model.answers.count_params() == 14_146_316
    features = model.trunk(np.zeros((1, 269), np.int32))
    assert tuple(features.shape) == (1, 128)


def test_every_word_of_the_vocabulary_has_a_vector() -> None:
    model = model_of()
    embedding = next(la for la in model.trunk.layers if isinstance(la, keras.layers.Embedding))
    assert embedding.input_dim == WORDS
    assert embedding.output_dim == 64


def test_the_first_losses_are_those_of_knowing_nothing() -> None:
    model, (x, y) = model_of(), batch(512)
    model(x)
    for layer in model.answers.layers:
        layer.set_weights([np.zeros_like(weight) for weight in layer.get_weights()])
    found = terms_of(model, x, y)
    assert found["classification"] == pytest.approx(np.log(10), rel=1e-6)
    assert found["gender"] == pytest.approx(np.log(2), rel=1e-6)
    assert found["age"] == pytest.approx(float(np.mean(((y["labelled/age"] - 40) / 12) ** 2)))
    assert found["age"] == pytest.approx(1.0, abs=0.2)


def test_the_total_is_the_weighted_sum() -> None:
    model, (x, y) = model_of(regression_weight=0.25, binary_weight=10.0), batch()
    terms = terms_of(model, x, y)
    expected = terms["classification"] + 10 * terms["gender"] + 0.25 * terms["age"]
    total = model.compute_loss(x, y, model(x, training=False), training=False)
    assert float(total) == pytest.approx(expected, rel=1e-6)
    assert float(total) != pytest.approx(sum(terms.values()), rel=1e-3)


@pytest.mark.parametrize("head", ["gender", "age"])
def test_a_head_without_labels_adds_nothing_and_the_others_stay(head: str) -> None:
    model, (x, y) = model_of(), batch()
    before = terms_of(model, x, y)
    nothing = np.nan if head == "age" else -1
    y[f"labelled/{head}"] = np.full_like(y[f"labelled/{head}"], nothing)
    after = terms_of(model, x, y)
    assert after.pop(head) == 0.0
    assert before.pop(head) > 0.0
    assert after == before


def test_numbers_come_back_in_their_unit() -> None:
    model, (x, _) = model_of(), batch()
    answers = model.inference_model().predict_on_batch(x["labelled"])
    inside = model.answers(model.trunk(x["labelled"]))
    assert np.allclose(
        answers["age"], 40 + 12 * keras.ops.convert_to_numpy(inside["age"]), rtol=1e-5
    )
    assert answers["gender"].shape == (16, 2)
    assert np.allclose(answers["gender"].sum(axis=1), 1)
    assert np.allclose(answers["probabilities"].sum(axis=1), 1, atol=1e-5)


def test_learned_weights_follow_the_formula_and_settle_where_it_says() -> None:
    model, (x, y) = model_of(learned_weights=True, regression_weight=0.25), batch()
    fixed = {"classification": 1.0, "gender": 1.0, "age": 0.25}
    found = {"classification": 0.3, "gender": -0.2, "age": 1.1}
    for name, value in found.items():
        model.log_variances[name].assign(value)
    terms = terms_of(model, x, y)
    expected = sum(fixed[n] * np.exp(-s) * terms[n] + s / 2 for n, s in found.items())
    total = model.compute_loss(x, y, model(x, training=False), training=False)
    assert float(total) == pytest.approx(expected, rel=1e-5)
    # d/ds (exp(-s) l + s / 2) is 0 at s = ln(2 l).
    for name, value in terms.items():
        model.log_variances[name].assign(np.log(2 * fixed[name] * value))
    variables = list(model.log_variances.values())
    with tf.GradientTape() as tape:
        total = model.compute_loss(x, y, model(x, training=False), training=False)
    slopes = tape.gradient(total, [variable.value for variable in variables])
    assert np.allclose([float(slope) for slope in slopes], 0.0, atol=1e-5)


def test_without_learned_weights_there_are_none() -> None:
    model = model_of()
    assert model.log_variances == {}
    assert not any("log_variance" in variable.name for variable in model.variables)
