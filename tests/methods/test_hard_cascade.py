"""The hard cascade: networks that share nothing, a hard route, and the product rule."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from ssl_core.methods import catalogue
from ssl_core.methods.hard_cascade.model import MEMORY, confidence_figures
from ssl_core.training.evaluation import AveragedNetwork
from ssl_core.training.networks.branches import NEVER, chosen_expert, expert
from tests.support.history import history
from tests.support.training import batch_of, compiled, data_for, fitted, small_probe

SPEC = catalogue()["hard_cascade"]
ROWS = 12


@pytest.fixture(scope="module")
def model():
    return compiled(SPEC, batch_size=ROWS)


def parts(model) -> dict[str, list]:
    """The trainable variables of the router and of each expert."""
    found = {"router": [*model.trunk.trainable_variables, *model.router.trainable_variables]}
    for place, (one, answer) in enumerate(zip(model.experts, model.answers, strict=True)):
        found[f"expert {place}"] = [*one.trainable_variables, *answer.trainable_variables]
    return found


def labels_of(y: dict, fine: list[int], coarse: list[int]) -> dict:
    rows = len(y["labelled"])
    both = {"labelled": fine, "labelled/group": coarse}
    return y | {name: tf.constant(np.resize(one, rows), tf.int32) for name, one in both.items()}


def gradients(model, y: dict, term: str) -> dict[str, list]:
    x, _ = batch_of(model, data_for(SPEC))
    variables = parts(model)
    with tf.GradientTape() as tape:
        terms = model.outcome(x, y, model(x, training=False), training=False).terms
    found = tape.gradient(terms[term], variables)
    return {
        name: [0.0 if part is None else float(np.abs(part.numpy()).max()) for part in of_part]
        for name, of_part in found.items()
    }


def test_every_variable_belongs_to_one_network(model) -> None:
    every = [id(variable) for of_part in parts(model).values() for variable in of_part]
    assert len(every) == len(set(every)) == len(model.trainable_variables)


def test_experts_and_router_do_not_move_each_other(model) -> None:
    _, y = batch_of(model, data_for(SPEC))
    y = labels_of(y, [0, 1, 2], [0, 1, 1])
    of_experts, of_router = (gradients(model, y, term) for term in ("classification", "routing"))
    assert max(of_experts["router"]) == 0.0
    assert min(map(max, (of_experts["expert 0"], of_experts["expert 1"]))) > 0
    assert max(of_router["router"]) > 0
    assert max(of_router["expert 0"] + of_router["expert 1"]) == 0.0


def test_rows_of_another_group_do_not_move_an_expert(model) -> None:
    _, y = batch_of(model, data_for(SPEC))
    found = gradients(model, labels_of(y, [1, 2], [1, 1]), "classification")
    assert max(found["expert 0"]) == 0.0, "exactly 0"
    assert max(found["expert 1"]) > 0


def test_an_expert_learns_the_same_whatever_lies_beside_its_rows(model) -> None:
    """Batch normalisation would break this: the rows of other groups would move its statistics."""
    x, y = batch_of(model, data_for(SPEC))
    y = labels_of(y, [0, 1], [0, 1])
    changed = np.array(x["labelled"])
    changed[1::2] = 1 - changed[1::2]
    found = []
    for images in (x["labelled"], tf.constant(changed)):
        with tf.GradientTape() as tape:
            features = model({**x, "labelled": images}, training=True)
            loss = model.outcome(x, y, features, training=False).terms["classification"]
        kernel = model.experts[0].trainable_variables[0]
        found.append(tape.gradient(loss, kernel).numpy())
    assert np.allclose(found[0], found[1], atol=1e-6)
    assert np.abs(found[0]).max() > 1e-4
    assert not any("BatchNorm" in type(layer).__name__ for layer in model.experts[0].layers)


def test_one_step_together_is_one_step_apart() -> None:
    """Adam scales every weight by itself: the router moves the same without the experts' loss."""
    data = data_for(SPEC)
    together, apart = (compiled(SPEC, batch_size=ROWS) for _ in range(2))
    apart.weights_of_terms["classification"] = 0.0
    for model in (together, apart):
        fitted(model, data, range(2))
    pairs = zip(parts(together)["router"], parts(apart)["router"], strict=True)
    assert all(np.allclose(a.numpy(), b.numpy(), atol=1e-6) for a, b in pairs)
    pairs = zip(parts(together)["expert 0"], parts(apart)["expert 0"], strict=True)
    assert not all(np.allclose(a.numpy(), b.numpy(), atol=1e-6) for a, b in pairs)


def test_which_classes_belong_to_a_group_is_learned_in_training_only() -> None:
    model = compiled(SPEC, batch_size=ROWS)
    x, y = batch_of(model, data_for(SPEC))
    y = labels_of(y, [0, 1, 2, 2, -1, 0], [0, 1, 1, 1, 1, 0])
    features = model(x, training=False)
    model.outcome(x, y, features, training=False)
    assert not model.members.kernel.numpy().any()
    model.outcome(x, y, features, training=True)
    assert model.members.kernel.numpy().tolist() == [[4, 0, 0], [0, 2, 4]]
    group = model._group_of(np.int32([0, 2, 1, -1]), np.int32([-1, -1, 0, -1]))
    assert ops.convert_to_numpy(group).tolist() == [0, 1, 0, -1]
    model.outcome(x, y, features, training=True)
    assert model.members.kernel.numpy()[0, 0] == pytest.approx(4 * MEMORY + 4)


def test_an_item_without_a_coarse_label_is_met_where_the_router_sends_it() -> None:
    model = compiled(SPEC, batch_size=ROWS)
    x, y = batch_of(model, data_for(SPEC))
    model.router.layers[-1].kernel.assign(0 * model.router.layers[-1].kernel)
    model.router.layers[-1].bias.assign([0.0, np.log(3.0)])
    model.outcome(x, labels_of(y, [2], [-1]), model(x, training=False), training=True)
    expected = np.zeros((2, 3))
    expected[:, 2] = ROWS / 4, 3 * ROWS / 4
    assert np.allclose(model.members.kernel.numpy(), expected, atol=1e-4)


def test_an_expert_answers_with_the_classes_of_its_group() -> None:
    way = np.array([[1, 0], [0, 1], [0, 1]], np.float32)
    logits = np.arange(18, dtype=np.float32).reshape(3, 2, 3)
    shares = np.array([[1, 0.05, 0], [0, 1, 0.2], [0, 0, 0]], np.float32)
    found = ops.convert_to_numpy(chosen_expert(way, logits, shares))
    # Row 0: expert 0, class 0 alone. Row 1: expert 1, classes 1, 2. Row 2: nothing was met yet.
    assert found.tolist() == [[0, NEVER, NEVER], [NEVER, 10, 11], [15, 16, 17]]


@pytest.mark.parametrize("width", [5, 6, 8])
def test_an_expert_of_any_width_can_be_built(width: int) -> None:
    found = expert((8, 8, 1), width, "expert")
    assert found.output_shape[-1] == 4 * width
    normal = [one for one in found.layers if isinstance(one, keras.layers.GroupNormalization)]
    assert normal[0].groups == {5: 1, 6: 2, 8: 4}[width]


@pytest.fixture(scope="module")
def trained():
    model = compiled(SPEC, batch_size=ROWS, learning_rate=5e-3)
    data = data_for(SPEC)
    fitted(model, data, range(40))
    model.router.layers[-1].bias.assign([0.0, 1.0])  # so that some routes are wrong
    return model, data


def test_accuracy_is_that_of_the_router_times_that_of_the_experts(trained) -> None:
    model, data = trained
    truth = np.arange(len(data.inputs)) % 3
    coarse = np.minimum(truth, 1)
    found = model.inference_model().predict_on_batch(data.inputs / np.float32(255))
    routes, answers = found["group"].argmax(axis=1), found["probabilities"].argmax(axis=1)
    total = 0.0
    for group in (0, 1):
        of_group = coarse == group
        routed = of_group & (routes == group)
        if routed.any():
            expert_right = np.mean(answers[routed] == truth[routed])
            total += of_group.mean() * (routed.sum() / of_group.sum()) * expert_right
    assert np.mean(answers == truth) == pytest.approx(total, abs=1e-12)
    assert np.mean(answers == truth) <= np.mean(routes == coarse)


def test_with_the_right_routes_it_is_the_mean_of_the_experts(trained) -> None:
    model, data = trained
    truth = np.arange(len(data.inputs)) % 3
    coarse = np.minimum(truth, 1)
    _, logits = model._said(model({"labelled": data.inputs / np.float32(255)}), False)
    given = ops.convert_to_numpy(ops.argmax(model._routed(coarse, logits), axis=-1))
    weighted = sum(
        np.mean(coarse == group) * np.mean(given[coarse == group] == truth[coarse == group])
        for group in (0, 1)
    )
    assert np.mean(given == truth) == pytest.approx(weighted, abs=1e-12)


def test_an_answer_is_that_of_the_expert_of_its_route_row_by_row(trained) -> None:
    """The rows keep their order: each answer alone is the answer in the batch."""
    model, data = trained
    network = AveragedNetwork(model)
    network.refresh()
    together = network.answers(data, np.arange(9))
    alone = [network.answers(data, np.array([item])) for item in range(9)]
    for name, rows in together.items():
        assert np.allclose(rows, np.concatenate([one[name] for one in alone]), atol=1e-5)


def test_what_is_seen(model) -> None:
    seen = model.look(small_probe(data_for(SPEC)))
    assert {panel.name for panel in seen.panels} == {
        "gate",
        "gate_by_answer",
        "confidence_by_route",
        "branch_accuracy",
    }
    assert {"router/accuracy", "accuracy/class with the route given", "gate/entropy"} <= set(
        seen.figures
    )
    without = replace(small_probe(data_for(SPEC)), answered=None)
    assert "router/accuracy" not in model.look(without).figures


def test_alarms() -> None:
    checks = {alarm.name: alarm.check for alarm in SPEC.alarms}
    experts = "accuracy/digit where the route is right"
    curves = {"router/accuracy": [0.7] * 5, experts: [0.95] * 5}
    assert checks["router-limits"](history(curves, share_done=0.9))
    assert not checks["router-limits"](history(curves, share_done=0.2))
    assert not checks["router-limits"](history(curves | {experts: [0.6] * 5}, share_done=0.9))
    unused = {"gate/a": [0.999] * 5, "gate/b": [0.001] * 5, "gate/entropy": [0.001] * 5}
    assert checks["expert-unused"](history(unused))
    assert not checks["expert-unused"](history({**unused, "gate/b": [0.2] * 5}))


def test_confidence_on_wrong_routes_is_counted_and_told() -> None:
    (check,) = [one.check for one in SPEC.alarms if one.name == "sure-on-wrong-routes"]
    sure = np.array([0.9] * 6 + [0.5] * 4)
    right = np.array([True] * 5 + [False] * 5)
    found = confidence_figures(sure, right)
    assert found == pytest.approx(
        {"confidence/right route": 0.9, "confidence/wrong route": (0.9 + 4 * 0.5) / 5}
    )
    assert list(confidence_figures(sure[:9], right[:9])) == ["confidence/right route"], "four"
    alike = {"confidence/right route": [0.95] * 5, "confidence/wrong route": [0.93] * 5}
    assert check(history(alike, share_done=0.9))
    assert not check(history(alike, share_done=0.2))
    assert not check(history(alike | {"confidence/wrong route": [0.7] * 5}, share_done=0.9))
    assert not check(history({"confidence/right route": [0.95] * 5}, share_done=0.9))


def test_the_saved_model_needs_nothing_of_this_program(model, tmp_path) -> None:
    network = model.inference_model()
    network.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    images = np.random.default_rng(0).random((4, 8, 8, 1)).astype(np.float32)
    expected, found = network.predict_on_batch(images), loaded.predict_on_batch(images)
    assert all(np.allclose(expected[name], found[name], atol=1e-6) for name in expected)
    used = {type(layer).__module__.split(".")[0] for layer in loaded._flatten_layers()}
    assert used == {"keras"}
