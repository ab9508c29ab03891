"""A router and experts that share nothing; the route is hard when they answer."""

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from ssl_core.methods.base import Task
from ssl_core.methods.hard_cascade.spec import (
    RIGHT_ROUTE,
    WRONG_ROUTE,
    HardCascadeConfiguration,
)
from ssl_core.training.losses.classification import masked_cross_entropy
from ssl_core.training.model import MethodModel, Outcome
from ssl_core.training.networks.backbones import backbone
from ssl_core.training.networks.branches import chosen_expert, expert
from ssl_core.training.networks.heads import classifier_head
from ssl_core.training.panels import Panel, histogram
from ssl_core.training.parts import in_parts, joined
from ssl_core.training.pipeline import Stream
from ssl_core.training.probe import Probe, Seen
from ssl_core.training.routing import (
    COUNTED,
    EDGES,
    LEAST,
    branch_panels,
    fine_and_coarse,
    gate_figures,
    gate_guides,
    gate_panels,
    route_figures,
)

MEMORY = 0.98  # of which classes were met in which group, per step


class HardCascadeModel(MethodModel):
    """Losses: `routing` of the router and `classification` of the experts, in nats.

    No variable is part of the router and of an expert, or of two experts: with an optimizer that
    treats every weight by itself, one step on the sum is a step of each apart.
    """

    configuration: HardCascadeConfiguration

    def __init__(self, configuration: HardCascadeConfiguration, task: Task) -> None:
        fine, coarse = fine_and_coarse(task)
        super().__init__(configuration, task, {"classification": 1.0, "routing": 1.0})
        self.fine, self.coarse = fine, coarse
        self.trunk = backbone(configuration.backbone, task.item_shape)
        self.router = classifier_head(self.trunk.output_shape[1:], coarse.classes)
        width, places = configuration.expert_width, range(coarse.classes)
        self.experts = [expert(task.item_shape, width, f"expert_{place}") for place in places]
        self.answers = [
            classifier_head(one.output_shape[1:], fine.classes, f"answer_{place}")
            for place, one in enumerate(self.experts)
        ]
        # How much each fine class was met in each group of late: (groups, classes), not learned.
        self.members = layers.Dense(
            fine.classes,
            use_bias=False,
            kernel_initializer="zeros",
            trainable=False,
            dtype="float32",
            name="members",
        )
        self.members.build((None, coarse.classes))

    def streams(self) -> tuple[Stream, ...]:
        size = self.configuration.batch_size
        return (Stream("labelled", "labelled", size, {"labelled": "weak"}),)

    def call(self, x, training=False):
        """x["labelled"]: (batch, height, width, channels) -> map of the router, of each expert."""
        images = x["labelled"]
        return [
            self.trunk(images, training=training),
            *(one(images, training=training) for one in self.experts),
        ]

    def outcome(self, x, y, features, training: bool) -> Outcome:
        gate, logits = self._said(features, training)
        fine, coarse = y["labelled"], y[f"labelled/{self.coarse.name}"]
        if training:
            self._meet(fine, coarse, gate)
        group = self._group_of(fine, coarse)
        own = ops.sum(ops.expand_dims(self._one_hot(group), -1) * logits, axis=1)
        taught = ops.where(group >= 0, fine, -1)
        terms = {
            "classification": masked_cross_entropy(own, taught),
            "routing": masked_cross_entropy(gate, coarse),
        }
        return Outcome(terms, self._routed(ops.argmax(gate, axis=-1), logits), fine)

    def _said(self, features, training: bool):
        """Logits of the router (batch, groups) and of every expert (batch, groups, classes)."""
        of_router, *of_experts = features
        pairs = zip(self.answers, of_experts, strict=True)
        logits = [answer(found, training=training) for answer, found in pairs]
        return self.router(of_router, training=training), ops.stack(logits, axis=1)

    def _meet(self, fine, coarse, gate) -> None:
        """Which classes are met in which group: by the coarse label, else by what the router says.

        Where the two heads have labels of different items, only the router knows both. What it
        said early is forgotten.
        """
        said = ops.stop_gradient(ops.softmax(gate, axis=-1))
        group = ops.where(ops.expand_dims(coarse >= 0, -1), self._one_hot(coarse), said)
        met = ops.matmul(ops.transpose(group), ops.one_hot(fine, self.fine.classes))
        self.members.kernel.assign(MEMORY * self.members.kernel + met)

    def _group_of(self, fine, coarse):
        """(batch,), int32: the coarse label; without one the group where the fine class was met
        most; -1 where neither is known."""
        met = ops.take(ops.transpose(self.members.kernel), ops.maximum(fine, 0), axis=0)
        likeliest = ops.cast(ops.argmax(met, axis=-1), "int32")
        known = ops.logical_and(fine >= 0, ops.max(met, axis=-1) > 0)
        return ops.where(coarse >= 0, ops.cast(coarse, "int32"), ops.where(known, likeliest, -1))

    def _one_hot(self, group):
        """(batch, groups), float32; a row of zeros for -1."""
        return ops.one_hot(group, self.coarse.classes, dtype="float32")

    def _routed(self, group, logits):
        """What the expert of `group` (batch,) says of the classes that belong to it."""
        way = self._one_hot(group)
        everywhere = self.members(ops.ones_like(way))
        return chosen_expert(way, logits, self.members(way) / ops.maximum(everywhere, 1e-6))

    def inference_model(self) -> keras.Model:
        images = keras.Input(self.task.item_shape, name="images")
        pairs = zip(self.answers, self.experts, strict=True)
        gate = self.router(self.trunk(images))
        logits = ops.stack([answer(one(images)) for answer, one in pairs], axis=1)
        softmax = layers.Softmax(dtype="float32")
        group = ops.top_k(gate, 1)[1][:, 0]  # ONNX has no word for a part of `ops.argmax`
        outputs = {
            "probabilities": softmax(self._routed(group, logits)),
            self.coarse.name: softmax(gate),
        }
        return keras.Model(images, outputs, name="inference")

    def look(self, probe: Probe) -> Seen:
        groups = tuple(known.name for known in probe.heads[1].classes)
        gate, logits = self._asked(probe.sample)
        weights = ops.convert_to_numpy(ops.softmax(gate, axis=-1))
        answers = ops.argmax(self._routed(ops.argmax(gate, axis=-1), logits), axis=-1)
        figures = gate_figures(weights, groups)
        panels = gate_panels(weights, ops.convert_to_numpy(answers), groups, probe.classes)
        known = probe.answered
        if known is None or len(known.items) == 0:
            return Seen(figures, panels)
        gate, logits = self._asked(known.items)
        fine, coarse = (known.labels[head.name][:COUNTED] for head in self.task.heads)
        route = ops.argmax(gate, axis=-1)
        said = ops.convert_to_numpy(ops.softmax(self._routed(route, logits), axis=-1))
        given = ops.convert_to_numpy(ops.argmax(self._routed(coarse, logits), axis=-1))
        route = ops.convert_to_numpy(route)
        answer = said.argmax(axis=-1)
        figures |= route_figures(self.fine.name, (fine, coarse), route, answer, given)
        taught = coarse >= 0
        sure = said.max(axis=-1)[taught], (route == coarse)[taught]
        of_branches = branch_panels((fine, coarse), answer, given, groups)
        figures |= confidence_figures(*sure)
        return Seen(figures, (*panels, *of_branches, confidence_panel(*sure)))

    def _asked(self, items: NDArray):
        """What is said of the first COUNTED items: see `_said`."""
        parts = in_parts(items[:COUNTED])
        return joined([self._said(self({"labelled": part}), False) for part in parts])

    @property
    def guides(self) -> dict[str, dict[str, float]]:
        return gate_guides(self.coarse.classes)


def confidence_figures(confidence: np.ndarray, route_right: np.ndarray) -> dict[str, float]:
    """Mean confidence of the experts by route, where at least LEAST items went it. Both (n,)."""
    parts = {RIGHT_ROUTE: confidence[route_right], WRONG_ROUTE: confidence[~route_right]}
    return {name: float(part.mean()) for name, part in parts.items() if len(part) >= LEAST}


def confidence_panel(confidence: np.ndarray, route_right: np.ndarray) -> Panel:
    """How sure the experts are on right and on wrong routes. Both (n,)."""
    return histogram(
        "confidence_by_route",
        "Confidence of the experts",
        "Validation images by the largest probability that their expert gives. An expert that is "
        "as sure on wrong routes as on right ones does not know what it was never shown.",
        {"right route": confidence[route_right], "wrong route": confidence[~route_right]},
        EDGES,
        "largest probability",
    )


def build(configuration: HardCascadeConfiguration, task: Task) -> HardCascadeModel:
    """The untrained model. Raises UserError where the heads do not fit."""
    return HardCascadeModel(configuration, task)
