"""One trunk with several heads: weights, masks, numbers beside the items, answers in their unit."""

import re
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from ssl_core.heads import HEAD_NAME, RESERVED_NAMES
from ssl_core.methods import build_model, catalogue, validated
from ssl_core.methods.base import Column, HeadTask, Task
from ssl_core.runs.figures import group_of
from ssl_core.runs.metrics import GROUPS
from ssl_core.training.gradients import gradient_figures, gradient_shares
from ssl_core.training.optimizer import CosineToZero, make_optimizer
from ssl_core.training.pipeline import Stream, batches
from tests.support.training import (
    COLUMNS,
    HEADS,
    batch_of,
    cases,
    compiled,
    data_for,
    fitted,
    small_configuration,
    small_data,
    task_for,
    with_heads,
)

SPEC = cases()["supervised with several heads"]
OTHERS = ("group", "urgent", "age")


@pytest.fixture(scope="module")
def model():
    return compiled(SPEC, batch_size=16)


def gradients(model, term_weights: dict[str, float], variables: list) -> list:
    """Of the weighted sum of the terms, by variable."""
    x, y = batch_of(model, data_for(SPEC))
    with tf.GradientTape() as tape:
        terms = model.outcome(x, y, model(x, training=False), training=False).terms
        total = sum(weight * terms[name] for name, weight in term_weights.items())
    return tape.gradient(total, variables)


def kernel_of(model, name: str) -> list:
    return model.answers.get_layer(name).trainable_variables


def test_the_total_is_the_weighted_sum() -> None:
    weights = {"binary_weight": 10.0, "regression_weight": 0.25, "categorical_weight": 2.0}
    model = compiled(SPEC, batch_size=8, **weights)
    expected = {"classification": 1, "group": 2, "urgent": 10, "age": 0.25, "auxiliary": 0.2}
    assert model.weights_of_terms == pytest.approx(expected)
    logs = fitted(model, data_for(SPEC), range(1))
    assert logs["loss"] == pytest.approx(
        sum(weight * logs[name] for name, weight in expected.items()), rel=1e-5
    )


TYPED = "group=3, age=0.25, class=0.5"


@pytest.mark.parametrize("name", ["supervised", "headline", "posts"])
def test_a_weight_by_name_goes_before_the_weight_by_kind(name: str) -> None:
    spec = cases()[f"{name} with several heads"]
    weights = {"binary_weight": 10.0, "regression_weight": 5.0, "categorical_weight": 2.0}
    model = build_model(name, small_configuration(spec, **weights), task_for(spec))
    usual = {"classification": 1, "group": 2, "urgent": 10, "age": 5, "auxiliary": 0.2}
    assert model.weights_of_terms == pytest.approx(usual)
    named = small_configuration(spec, head_weights=TYPED, **weights)
    model = build_model(name, named, task_for(spec))
    own = {"classification": 0.5, "group": 3, "urgent": 10, "age": 0.25, "auxiliary": 0.2}
    assert model.weights_of_terms == pytest.approx(own)


def test_two_heads_of_one_kind_can_weigh_differently() -> None:
    heads = (HEADS[0], HEADS[1], replace(HEADS[1], name="colour"))
    model = build_model(
        "supervised", validated(SPEC, {"head_weights": "colour=4"}), Task((8, 8, 1), heads)
    )
    assert model.weights_of_terms == {"classification": 1, "group": 1, "colour": 4}


@pytest.mark.parametrize("name", ["supervised", "headline", "posts"])
def test_the_weight_of_the_only_head_counts_too(name: str) -> None:
    spec = catalogue()[name]
    configuration = small_configuration(spec, head_weights="class=0.5")
    model = build_model(name, configuration, task_for(spec))
    assert model.weights_of_terms == {"classification": 0.5}


def test_a_loss_by_name_goes_before_the_one_of_all() -> None:
    heads = (*HEADS, replace(HEADS[3], name="size"))
    task = Task((8, 8, 1), heads)

    def losses(**values: str) -> dict[str, float]:
        keras.utils.set_random_seed(0)
        model = build_model("supervised", validated(SPEC, values), task)
        x = {"labelled": np.zeros((4, 8, 8, 1), np.float32)}
        ages = np.full(4, 90.0, np.float32)  # five deviations off
        y = {"labelled": np.zeros(4, np.int32), "labelled/age": ages, "labelled/size": ages}
        y |= {f"labelled/{head}": np.zeros(4, np.int32) for head in ("group", "urgent")}
        terms = model.outcome(x, y, model(x, training=False), training=False).terms
        return {head: float(terms[head]) for head in ("age", "size")}

    squared, huber = losses(), losses(regression_loss="huber")
    assert huber["age"] < 0.5 * squared["age"]
    assert losses(head_losses="age=huber") == {"age": huber["age"], "size": squared["size"]}
    kept = losses(regression_loss="huber", head_losses="age=squared error")
    assert kept == {"age": squared["age"], "size": huber["size"]}


def test_a_head_of_weight_0_stays_and_does_not_move_the_trunk(model) -> None:
    trunk = model.trunk.trainable_variables
    alone = gradients(model, {"classification": 1.0}, trunk)
    beside = gradients(model, {"classification": 1.0, "age": 0.0}, trunk)
    weighed = gradients(model, {"classification": 1.0, "age": 1.0}, trunk)
    assert all(np.allclose(one, other, atol=1e-7) for one, other in zip(alone, beside, strict=True))
    assert not all(np.allclose(a, b, atol=1e-7) for a, b in zip(alone, weighed, strict=True))
    settings = {"weight_decay": 0.0, "regression_weight": 0.0}
    still = compiled(SPEC, batch_size=8, **settings)
    before = [part.numpy().copy() for part in kernel_of(still, "logits_age")]
    fitted(still, data_for(SPEC), range(3))
    after = [part.numpy() for part in kernel_of(still, "logits_age")]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_a_head_moves_no_other_head(model) -> None:
    for name in ("logits_class", "logits_group", "logits_urgent", "auxiliary"):
        assert all(part is None for part in gradients(model, {"age": 1.0}, kernel_of(model, name)))
    moved = gradients(model, {"age": 1.0}, kernel_of(model, "logits_age"))
    assert all(np.abs(part).max() > 0 for part in moved)


def test_a_head_without_labels_in_a_batch_gives_exactly_nothing(model) -> None:
    x, y = batch_of(model, data_for(SPEC))
    y = {**y, "labelled/age": tf.fill(y["labelled/age"].shape, np.float32(np.nan))}
    variables = model.trunk.trainable_variables
    with tf.GradientTape() as tape:
        outcome = model.outcome(x, y, model(x, training=False), training=False)
        loss = outcome.terms["age"]
    assert float(loss) == 0.0
    assert all((part.numpy() == 0).all() for part in tape.gradient(loss, variables))
    assert float(outcome.measures["rows/age"]) == 0


def test_rows_and_hits_are_counted_by_head() -> None:
    model = compiled(SPEC, batch_size=12)
    logs = fitted(model, data_for(SPEC), range(1))
    _, y = batch_of(model, data_for(SPEC))
    for head in ("group", "urgent"):
        assert logs[f"rows/{head}"] == np.sum(y[f"labelled/{head}"].numpy() >= 0)
        assert 0 <= logs[f"accuracy/{head} training"] <= 1
    assert logs["rows/age"] == np.isfinite(y["labelled/age"].numpy()).sum() < 12
    assert 0 < logs["mae/age training"] < 60


def test_answers_are_probabilities_and_numbers_in_their_unit(model) -> None:
    data = data_for(SPEC)
    network = model.inference_model()
    assert [part.name for part in network.inputs] == ["images", "numeric"]
    found = network.predict_on_batch([data.inputs[:6] / np.float32(255), data.numeric[:6]])
    assert found["group"].shape == found["urgent"].shape == (6, 2)
    assert np.allclose(found["urgent"].sum(axis=1), 1, atol=1e-6)
    x = {"labelled": data.inputs[:6] / np.float32(255)}
    inputs = [model.trunk(x["labelled"]), tf.constant(data.numeric[:6])]
    outputs = model.answers(inputs, training=False)
    odds = 1 / (1 + np.exp(-outputs["urgent"].numpy()))
    assert np.allclose(found["urgent"], np.concatenate([1 - odds, odds], axis=1), atol=1e-5)
    assert np.allclose(found["age"], 40 + 10 * outputs["age"].numpy(), atol=1e-4)


def test_numbers_are_standardised_inside_the_network() -> None:
    """The same model in other units of the columns answers the same."""
    model = compiled(SPEC)
    scaled = replace(
        model.task,
        columns=tuple(Column(c.name, 100 * c.mean + 7, 100 * c.deviation) for c in COLUMNS),
    )
    other = build_model("supervised", model.configuration, scaled)
    other.set_weights(model.get_weights()[: len(other.get_weights())])
    data = data_for(SPEC)
    images = data.inputs[:4] / np.float32(255)
    first = model.inference_model().predict_on_batch([images, data.numeric[:4]])
    units = [images, 100 * data.numeric[:4] + 7]
    again = other.inference_model().predict_on_batch(units)
    raw = other.inference_model().predict_on_batch([images, data.numeric[:4]])
    assert np.allclose(first["age"], again["age"], atol=1e-2)
    assert not np.allclose(first["age"], raw["age"], atol=1e-2)


def test_the_auxiliary_answer_does_not_see_the_numbers(model) -> None:
    x, y = batch_of(model, data_for(SPEC))
    other = {**x, "labelled/numeric": x["labelled/numeric"] + 3.0}
    terms = [
        model.outcome(one, y, model(one, training=False), training=False).terms
        for one in (x, other)
    ]
    assert float(terms[0]["auxiliary"]) == float(terms[1]["auxiliary"])
    assert float(terms[0]["age"]) != float(terms[1]["age"])


def test_a_known_linear_rule_is_learned() -> None:
    """The age is a sum of two columns: it is told to a tenth of a deviation."""
    generator = np.random.default_rng(0)
    data = small_data(count=600, labelled=500)
    numbers = generator.normal(size=(600, 2)).astype(np.float32)
    ages = (40 + 6 * numbers[:, 0] - 8 * numbers[:, 1]).astype(np.float32)
    data = with_heads(data, 4)
    data.others["age"].labels[:500] = ages[:500]
    data = replace(data, numeric=numbers)
    columns = (Column("first", 0.0, 1.0), Column("second", 0.0, 1.0))
    task = Task((8, 8, 1), HEADS, columns, count=600)
    keras.utils.set_random_seed(0)
    configuration = validated(SPEC, {"batch_size": 64, "learning_rate": 5e-3})
    model = build_model("supervised", configuration, task)
    model.compile(optimizer=make_optimizer(configuration, CosineToZero(5e-3, 300)))
    model.build_for(batch_of(model, data))
    fitted(model, data, range(300))
    images = data.inputs[506:].astype(np.float32) / 255
    found = model.inference_model().predict_on_batch([images, numbers[506:]])["age"][:, 0]
    assert np.abs(found - ages[506:]).mean() < 0.1 * ages.std()


def test_the_cosine_says_whether_two_heads_pull_the_same_way(model) -> None:
    batch = batch_of(model, data_for(SPEC))
    figures = gradient_figures(model, batch)
    assert -1 <= figures["gradient/cosine"] <= 1
    shares = gradient_shares(model, batch)
    assert {f"share/{name}" for name in shares} | {"gradient/cosine"} == set(figures)
    x, y = batch
    features = model(x, training=False)
    found = {}
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(features)
        terms = model.outcome(x, y, features, training=False).terms
    for name in ("classification", *OTHERS):
        of_rows = tape.gradient(terms[name], features).numpy().astype(np.float64)
        found[name] = of_rows.sum(axis=0).ravel()
    names = list(found)
    cosines = [
        found[a] @ found[b] / np.linalg.norm(found[a]) / np.linalg.norm(found[b])
        for place, a in enumerate(names)
        for b in names[place + 1 :]
    ]
    assert figures["gradient/cosine"] == pytest.approx(min(cosines), abs=1e-6)
    single = compiled(catalogue()["supervised"])
    assert "gradient/cosine" not in gradient_figures(single, batch_of(single, small_data()))


def test_heads_with_labels_of_other_items_get_equal_parts_of_a_batch() -> None:
    data = with_heads(small_data(count=600, labelled=500), 2)
    few = data.others["group"]
    few.labels[:] = -1
    few.labels[590:595] = 1
    stream = (Stream("labelled", "labelled", 10, {"labelled": "weak"}),)
    configuration = validated(SPEC, {})
    taken = list(batches(data, stream, configuration, 3, range(20)).as_numpy_iterator())
    assert all((y["labelled/group"] >= 0).sum() == 5 for _, y in taken)
    assert all((y["labelled"] >= 0).sum() == 5 for _, y in taken)
    again = list(batches(data, stream, configuration, 3, range(7, 9)).as_numpy_iterator())
    assert np.array_equal(again[0][1]["labelled_items"], taken[7][1]["labelled_items"])


def test_heads_with_labels_of_the_same_items_are_drawn_as_one() -> None:
    data = with_heads(small_data(), 2)
    labels = data.others["group"].labels
    labels[:] = np.where(data.labels >= 0, 1, -1)
    data = replace(data, labelled=np.flatnonzero(data.labels >= 0))
    stream = (Stream("labelled", "labelled", 12),)
    (_, y), *_ = batches(data, stream, validated(SPEC, {}), 3, range(1)).as_numpy_iterator()
    assert sorted(y["labelled_items"]) == sorted(data.labelled)


TAKEN = [metric.removeprefix("loss/") for group in GROUPS for metric in group.lines]
FREE = [name for name in TAKEN if re.fullmatch(HEAD_NAME, name) and name not in RESERVED_NAMES]


@pytest.mark.parametrize("name", FREE)
def test_a_head_called_like_a_term_of_a_method_is_in_the_chart_of_heads(name: str) -> None:
    heads = (HEADS[0], replace(HEADS[1], name=name))
    model = build_model("supervised", validated(SPEC, {}), Task((8, 8, 1), heads))
    published = {term: model.loss_name(term) for term in model.weights_of_terms}
    assert published == {"classification": "loss/classification", name: f"head_loss/{name}"}
    assert group_of(published[name]).title == "Loss by question"
    assert group_of(f"share/{name}").title == "Gradient share"


def test_terms_that_a_head_may_be_called_like_are_known() -> None:
    assert {"real", "generated", "generator", "entropy", "pseudo", "reconstruction"} <= set(FREE)


def test_a_binary_main_head_has_one_logit_and_two_probabilities() -> None:
    spec = SPEC
    heads = (HeadTask("urgent", "binary", 2), HEADS[3])
    keras.utils.set_random_seed(0)
    model = build_model("supervised", validated(spec, {}), Task((8, 8, 1), heads))
    assert model.answers.output["urgent"].shape[-1] == 1
    found = model.inference_model().predict_on_batch(np.zeros((3, 8, 8, 1), np.float32))
    assert found["probabilities"].shape == (3, 2)
    assert np.allclose(found["probabilities"].sum(axis=1), 1, atol=1e-6)
