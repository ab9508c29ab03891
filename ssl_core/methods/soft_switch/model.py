"""A gate taught by coarse labels weighs the branches that answer the fine question."""

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from ssl_core.methods.base import Task
from ssl_core.methods.soft_switch.spec import SoftSwitchConfiguration
from ssl_core.training.losses.classification import masked_cross_entropy
from ssl_core.training.model import MethodModel, Outcome
from ssl_core.training.networks.backbones import backbone
from ssl_core.training.networks.branches import (
    lower_and_upper,
    mixture_of_experts,
    pulls_of_branches,
    soft_switch,
)
from ssl_core.training.networks.heads import classifier_head
from ssl_core.training.parts import in_parts, joined
from ssl_core.training.pipeline import Stream
from ssl_core.training.probe import Probe, Seen
from ssl_core.training.routing import (
    COUNTED,
    branch_panels,
    fine_and_coarse,
    gate_figures,
    gate_guides,
    gate_panels,
    group_names,
    route_figures,
)

_SURE = 30.0  # a logit whose softmax is 1 to twelve digits


class SoftSwitchModel(MethodModel):
    """Losses: `classification` of the fine head and `routing` of the coarse one, in nats."""

    configuration: SoftSwitchConfiguration
    compared_terms = ("classification", "routing")

    def __init__(self, configuration: SoftSwitchConfiguration, task: Task) -> None:
        fine, coarse = fine_and_coarse(task)
        weights = {
            "classification": configuration.fine_weight,
            "routing": configuration.coarse_weight,
        }
        super().__init__(configuration, task, weights)
        self.fine, self.coarse = fine, coarse
        whole = backbone(configuration.backbone, task.item_shape)
        self.trunk, self.upper = lower_and_upper(whole)
        middle = self.trunk.output_shape[1:]
        groups, classes, width = coarse.classes, fine.classes, configuration.branch_width
        self.router = classifier_head(self.upper.output_shape[1:], groups)
        self.mixed = configuration.variant == "mixture of experts"
        if self.mixed:
            self.switch = mixture_of_experts(middle, groups, classes, width)
        else:
            self.switch = soft_switch(middle, groups, classes, width, configuration.gate_scale)

    def streams(self) -> tuple[Stream, ...]:
        size = self.configuration.batch_size
        return (Stream("labelled", "labelled", size, {"labelled": "weak"}),)

    def call(self, x, training=False):
        """x["labelled"]: (batch, height, width, channels) -> the map for gate and branches."""
        return self.trunk(x["labelled"], training=training)

    def outcome(self, x, y, features, training: bool) -> Outcome:
        gate = self.gate(features, training)
        passed = gate if self.configuration.gate_gradient else ops.stop_gradient(gate)
        logits = self.switch([features, passed], training=training)["logits"]
        labels = y["labelled"]
        terms = {
            "classification": masked_cross_entropy(logits, labels),
            "routing": masked_cross_entropy(gate, y[f"labelled/{self.coarse.name}"]),
        }
        return Outcome(terms, logits, labels)

    def gate(self, middle, training: bool = False):
        """(batch, groups): logits of the gate."""
        return self.router(self.upper(middle, training=training), training=training)

    def inference_model(self) -> keras.Model:
        images = keras.Input(self.task.item_shape, name="images")
        middle = self.trunk(images)
        gate = self.gate(middle)
        softmax = layers.Softmax(dtype="float32")
        outputs = {
            "probabilities": softmax(self.switch([middle, gate])["logits"]),
            self.coarse.name: softmax(gate),
        }
        return keras.Model(images, outputs, name="inference")

    def look(self, probe: Probe) -> Seen:
        groups = tuple(known.name for known in probe.heads[1].classes)
        gate, found = joined([self._asked(part) for part in in_parts(probe.sample[:COUNTED])])
        weights = ops.convert_to_numpy(ops.softmax(gate, axis=-1))
        figures = gate_figures(weights, groups) | self._branches(gate, found, groups)
        predicted = ops.convert_to_numpy(ops.argmax(found["logits"], axis=-1))
        panels = gate_panels(weights, predicted, groups, probe.classes)
        of_routes = self._routes(probe, groups)
        return Seen(figures | of_routes.figures, (*panels, *of_routes.panels))

    def _asked(self, items: NDArray):
        """Logits of the gate (batch, groups), and what the switch says."""
        middle = self.trunk(items, training=False)
        gate = self.gate(middle)
        return gate, self.switch([middle, gate], training=False)

    def _branches(self, gate, found, groups: tuple[str, ...]) -> dict[str, float]:
        """Share of each branch in the answers.

        Mixture: how likely it is that the branch gave the answer. Switch: the mean norm of what
        the branch adds to the dense layer that all share.
        """
        if self.mixed:
            best = ops.one_hot(ops.argmax(found["logits"], axis=-1), self.fine.classes)
            said = ops.sum(ops.softmax(found["experts"], axis=-1) * best[:, None], axis=-1)
            parts = ops.softmax(gate, axis=-1) * said
            shares = ops.mean(parts / ops.sum(parts, axis=-1, keepdims=True), axis=0)
        else:
            pulls = pulls_of_branches(self.switch, found["branches"])
            norms = ops.mean(ops.norm(pulls, axis=-1), axis=0)
            shares = norms / ops.maximum(ops.sum(norms), 1e-12)
        values = np.asarray(ops.convert_to_numpy(shares), np.float64)
        named = zip(group_names(groups), values, strict=True)
        return {f"branch/{name}": float(one) for name, one in named}

    def _routes(self, probe: Probe, groups: tuple[str, ...]) -> Seen:
        """Right routes and right answers on the validation items."""
        known = probe.answered
        if known is None or len(known.items) == 0:
            return Seen()
        items = known.items[:COUNTED]
        fine, coarse = (known.labels[head.name][:COUNTED] for head in self.task.heads)
        right = _SURE * np.eye(self.coarse.classes, dtype=np.float32)[np.maximum(coarse, 0)]
        pairs = zip(in_parts(items), in_parts(right, items.shape[1:3]), strict=True)
        chosen = joined([self._chosen(part, way) for part, way in pairs])
        figures = route_figures(self.fine.name, (fine, coarse), *chosen)
        return Seen(figures, branch_panels((fine, coarse), *chosen[1:], groups))

    def _chosen(self, items: NDArray, right: NDArray):
        """The route, the answer, and the answer where the route is `right`: (batch,) each.

        right: (batch, groups), logits in place of those of the gate.
        """
        middle = self.trunk(items, training=False)
        gate = self.gate(middle)
        ways = (gate, ops.convert_to_tensor(right))  # a call may not mix tensors and NumPy
        found = [self.switch([middle, way], training=False) for way in ways]
        return [ops.argmax(said, axis=-1) for said in (gate, *(one["logits"] for one in found))]

    @property
    def guides(self) -> dict[str, dict[str, float]]:
        return gate_guides(self.coarse.classes)


def build(configuration: SoftSwitchConfiguration, task: Task) -> SoftSwitchModel:
    """The untrained model. Raises UserError where the heads do not fit."""
    return SoftSwitchModel(configuration, task)
