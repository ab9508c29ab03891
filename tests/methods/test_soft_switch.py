"""The soft switch and the mixture of experts: what a gate opens, closes and learns."""

import math
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from ssl_core.errors import UserError
from ssl_core.methods import build_model, catalogue, validated
from ssl_core.methods.base import HeadTask, Task
from ssl_core.training.networks.backbones import backbone as build_backbone
from ssl_core.training.networks.branches import (
    lower_and_upper,
    mixture_of_experts,
    pulls_of_branches,
    soft_switch,
)
from ssl_core.training.routing import gate_figures, route_figures
from tests.support.history import history
from tests.support.training import batch_of, compiled, data_for, small_probe, task_for

SPEC = catalogue()["soft_switch"]
MIXTURE = {"variant": "mixture of experts"}
CLOSED = np.array([[2000.0, -2000.0]], np.float32)  # its softmax is exactly (1, 0)
MAP = (6, 6, 8)


@pytest.fixture(scope="module", params=[{}, MIXTURE], ids=["switch", "mixture"])
def model(request):
    return compiled(SPEC, **request.param)


def maps(rows: int = 5) -> np.ndarray:
    return np.random.default_rng(0).random((rows, *MAP)).astype(np.float32)


def gates(row: np.ndarray, rows: int = 5) -> np.ndarray:
    return np.repeat(row, rows, axis=0)


def branch_variables(network: keras.Model) -> list[list]:
    """The variables of the convolutions of each branch of two."""
    return [
        [v for depth in range(2) for v in network.get_layer(f"branch_{place}_{depth}").variables]
        for place in range(2)
    ]


def test_a_closed_gate_hides_its_branch_and_stops_its_gradient() -> None:
    keras.utils.set_random_seed(0)
    network = soft_switch(MAP, 2, 4, 16, scaled=False)
    first, second = branch_variables(network)
    with tf.GradientTape() as tape:
        logits = network([maps(), gates(CLOSED)])["logits"]
        loss = tf.reduce_sum(tf.square(logits))
    found = tape.gradient(loss, [*first, *second])
    kernels = [grad for grad, v in zip(found, [*first, *second], strict=True) if v.name == "kernel"]
    assert all((grad.numpy() != 0).any() for grad in kernels[:2])
    assert all((grad.numpy() == 0).all() for grad in kernels[2:]), "exactly 0"
    for variable in second:
        if variable.name == "kernel":
            variable.assign(variable + 1.0)
    again = network([maps(), gates(CLOSED)])["logits"].numpy()
    assert np.array_equal(logits.numpy(), again)
    opened = network([maps(), gates(np.zeros((1, 2), np.float32))])["logits"].numpy()
    assert not np.allclose(again, opened), "negative control: an open gate shows the branch"


def test_an_undecided_gate_passes_half_or_with_scaling_all() -> None:
    keras.utils.set_random_seed(0)
    halved, whole = (soft_switch(MAP, 2, 4, 16, scaled) for scaled in (False, True))
    whole.set_weights(halved.get_weights())
    even = gates(np.zeros((1, 2), np.float32))
    undecided = halved([2 * maps(), even])["logits"].numpy()
    assert np.allclose(undecided, whole([maps(), even])["logits"].numpy(), atol=1e-6)
    assert not np.allclose(undecided, halved([maps(), even])["logits"].numpy(), atol=1e-3)
    # Without biases a branch of ReLUs is homogeneous: half the map, half of what it gives.
    given = [network([maps(), even])["branches"].numpy() for network in (halved, whole)]
    assert np.allclose(2 * given[0], given[1], atol=1e-5)


def test_what_the_branches_pull_adds_up_to_what_the_joint_layer_reads() -> None:
    network = soft_switch(MAP, 2, 4, 16, scaled=True)
    branches = network([maps(), gates(np.zeros((1, 2), np.float32))])["branches"]
    joint = network.get_layer("joint")
    pulls = pulls_of_branches(network, branches).numpy()
    read = branches.numpy().reshape(5, -1) @ joint.kernel.numpy()
    assert np.allclose(pulls.sum(axis=1), read, atol=1e-5)


def test_a_mixture_with_a_sure_gate_is_that_expert() -> None:
    keras.utils.set_random_seed(0)
    network = mixture_of_experts(MAP, 2, 4, 16)
    for place, sign in ((0, 1), (1, -1)):
        found = network([maps(), gates(sign * CLOSED)])
        alone = keras.ops.log_softmax(found["experts"][:, place], axis=-1)
        assert np.allclose(found["logits"], alone, atol=1e-5)


def test_the_gate_learns_from_the_fine_loss_unless_it_is_switched_off() -> None:
    for variant in ({}, MIXTURE):
        moved = {}
        for flows in (True, False):
            model = compiled(SPEC, gate_gradient=flows, **variant)
            x, y = batch_of(model, data_for(SPEC))
            with tf.GradientTape(persistent=True) as tape:
                terms = model.outcome(x, y, model(x, training=False), training=False).terms
            gate = model.router.trainable_variables
            moved[flows] = tape.gradient(terms["classification"], gate)
            assert all(part is not None for part in tape.gradient(terms["routing"], gate))
        assert all(np.abs(part).max() > 0 for part in moved[True])
        assert all(part is None for part in moved[False])


def test_coarse_and_fine_labels_are_masked_apart(model) -> None:
    x, y = batch_of(model, data_for(SPEC))
    none = tf.fill(y["labelled"].shape, -1)
    for missing, silent, other in (
        ("labelled", "classification", "routing"),
        ("labelled/group", "routing", "classification"),
    ):
        labels = {**y, "labelled": y["labelled"] * 0, "labelled/group": y["labelled/group"] * 0}
        terms = model.outcome(x, labels | {missing: none}, model(x, training=False), False).terms
        assert float(terms[silent]) == 0.0
        assert float(terms[other]) > 0.0


def test_untrained_losses_are_the_logarithms() -> None:
    """With weights of 0 in the last layers: ln 2 groups, ln 3 classes."""
    for variant in ({}, MIXTURE):
        model = compiled(SPEC, **variant)
        zeroed = [model.router.layers[-1]]
        zeroed += [part for part in model.switch.layers if part.name == "logits"]
        if model.mixed:
            dense = [part for part in model.switch.layers if isinstance(part, keras.layers.Dense)]
            zeroed += [part for part in dense if part.units == 3]
        for layer in zeroed:
            layer.kernel.assign(0 * layer.kernel)
        x, y = batch_of(model, data_for(SPEC))
        y |= {"labelled": y["labelled"] * 0, "labelled/group": y["labelled/group"] * 0}
        terms = model.outcome(x, y, model(x, training=False), training=False).terms
        assert float(terms["classification"]) == pytest.approx(math.log(3), abs=1e-5)
        assert float(terms["routing"]) == pytest.approx(math.log(2), abs=1e-5)


def test_what_is_seen_of_gate_and_branches(model) -> None:
    seen = model.look(small_probe(data_for(SPEC)))
    gate = [seen.figures[f"gate/group_{place}"] for place in range(2)]
    branch = [seen.figures[f"branch/group_{place}"] for place in range(2)]
    assert sum(gate) == pytest.approx(1, abs=1e-5)
    assert sum(branch) == pytest.approx(1, abs=1e-5)
    assert 0 <= seen.figures["gate/entropy"] <= math.log(2) + 1e-6
    assert 0 <= seen.figures["router/accuracy"] <= 1
    assert "accuracy/class with the route given" in seen.figures
    assert {panel.name for panel in seen.panels} == {"gate", "gate_by_answer", "branch_accuracy"}
    assert model.guides == {"gate/entropy": {"ln 2": pytest.approx(0.6931, abs=1e-4)}}
    without = replace(small_probe(data_for(SPEC)), answered=None)
    unanswered = model.look(without)
    assert "router/accuracy" not in unanswered.figures
    assert "branch_accuracy" not in {panel.name for panel in unanswered.panels}


def test_figures_of_a_gate_by_hand() -> None:
    found = gate_figures(np.array([[1.0, 0.0], [0.5, 0.5]]), ("a", "b"))
    assert found == pytest.approx(
        {"gate/entropy": math.log(2) / 2, "gate/a": 0.75, "gate/b": 0.25}, abs=1e-6
    )


def test_figures_of_routes_by_hand() -> None:
    fine = np.array([0, 1, 2, 3, 0, 1, 2, 3, -1, -1])
    coarse = np.array([0, 0, 1, 1, 0, 0, 1, -1, 0, 1])
    route = np.array([0, 0, 1, 1, 0, 1, 0, 0, 0, 0])
    answer = np.array([0, 1, 2, 2, 1, 1, 2, 3, 0, 0])
    given = np.array([0, 1, 2, 3, 1, 1, 0, 3, 0, 0])
    found = route_figures("digit", (fine, coarse), route, answer, given)
    # Nine have a coarse label, and six of them go the right way; seven have both labels, and
    # five of these go the right way.
    assert found == pytest.approx(
        {
            "router/accuracy": 6 / 9,
            "accuracy/digit with the route given": 5 / 7,
            "accuracy/digit where the route is right": 3 / 5,
        }
    )
    few = route_figures("digit", (fine[:4], coarse[:4]), route[:4], answer[:4], given[:4])
    assert few == {}, "nothing is said of four items"


@pytest.mark.parametrize("shape", [(28, 28, 1), (33, 20, 3), (96, 96, 3)])
@pytest.mark.parametrize("variant", [{}, MIXTURE])
def test_any_size_of_image_passes(shape: tuple, variant: dict) -> None:
    model = build_model(
        "soft_switch", validated(SPEC, variant), replace(task_for(SPEC), item_shape=shape)
    )
    found = model.inference_model().predict_on_batch(np.zeros((2, *shape), np.float32))
    assert found["probabilities"].shape == (2, 3)
    assert found["group"].shape == (2, 2)


@pytest.mark.parametrize("backbone", ["vgg-small", "wrn-28-2"])
def test_branches_read_the_map_before_the_last_halving(backbone: str) -> None:
    task = replace(task_for(SPEC), item_shape=(32, 32, 3))
    model = build_model("soft_switch", validated(SPEC, {"backbone": backbone}), task)
    middle, last = model.trunk.output_shape[1:3], model.upper.output_shape[1:3]
    assert middle == (2 * last[0], 2 * last[1])
    # Both parts together are the backbone.
    keras.utils.set_random_seed(0)
    whole = build_backbone(backbone, (32, 32, 3))
    lower, upper = lower_and_upper(whole)
    images = np.random.default_rng(0).random((2, 32, 32, 3)).astype(np.float32)
    expected = whole(images, training=False)
    assert np.allclose(upper(lower(images, training=False), training=False), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (HeadTask("age", "regression"), "'age' is answered with numbers"),
        (HeadTask("kind", "categorical", 1), "'kind' has 1 class"),
    ],
)
def test_heads_that_do_not_fit_are_refused(second: HeadTask, words: str) -> None:
    task = Task((8, 8, 1), (HeadTask("class", "categorical", 3), second))
    with pytest.raises(UserError, match=words):
        build_model("soft_switch", validated(SPEC, {}), task)


def test_alarms() -> None:
    checks = {alarm.name: alarm.check for alarm in SPEC.alarms}
    guides = {"gate/entropy": {"ln 3": math.log(3)}}
    sure = {"gate/entropy": [0.05] * 5, "router/accuracy": [0.5] * 5}
    assert checks["gate-saturated"](history(sure, guides=guides))
    right = sure | {"router/accuracy": [0.95] * 5}
    assert not checks["gate-saturated"](history(right, guides=guides))
    dead = {"branch/round": [0.6] * 5, "branch/other": [0.001] * 5}
    assert checks["dead-branch"](history(dead))
    assert not checks["dead-branch"](history({"branch/round": [0.6] * 5}))
