"""SimCLR: a trunk that tells views apart, then a classifier on it."""

import numpy as np
from keras import ops
from numpy.typing import NDArray

from ssl_core.methods.base import Task
from ssl_core.methods.simclr.spec import READ_OUT, SimclrConfiguration
from ssl_core.training.augmentation.contrastive import contrastive
from ssl_core.training.embedding import embedded
from ssl_core.training.losses.classification import masked_cross_entropy
from ssl_core.training.losses.contrastive import nt_xent, partners_found, spread
from ssl_core.training.model import Outcome, TrunkModel
from ssl_core.training.networks.projection import projection_head
from ssl_core.training.panels import Panel, image_grid
from ssl_core.training.phases import Phase
from ssl_core.training.pipeline import Stream
from ssl_core.training.probe import Probe, Seen
from ssl_core.training.readout import left_out_accuracy

PRETRAINING, FINETUNING, READOUT = "pretraining", "fine-tuning", "reading out"
FOUND, SPREAD = "contrast/accuracy", "embedding/deviation"
NEIGHBOURS = 4
PRETRAINING_RATE = 3.0  # times the configured rate: nothing can be memorised yet


class SimclrModel(TrunkModel):
    """Losses: `contrastive` and `probe` in pretraining, `classification` after it, all in nats.

    The classifier learns during pretraining too, from features that feel nothing of it, so that
    there is an answer, and a figure of it, at any moment.
    """

    def __init__(self, configuration: SimclrConfiguration, task: Task) -> None:
        weights = {"contrastive": 1.0, "probe": 1.0, "classification": 1.0}
        super().__init__(configuration, task, weights, measures=(FOUND, SPREAD))
        self.projection = projection_head(
            self.trunk.output_shape[1:], configuration.projection_size
        )

    @property
    def phases(self) -> tuple[Phase, ...]:
        share = self.configuration.pretraining_share
        last = FINETUNING if self.configuration.readout == "finetune" else READOUT
        return (
            Phase(PRETRAINING, share, ("contrastive", "probe"), PRETRAINING_RATE),
            Phase(last, 1.0 - share, ("classification",)),
        )

    def streams(self) -> tuple[Stream, ...]:
        chosen = self.configuration
        labelled = Stream("labelled", "labelled", chosen.batch_size, {"labelled": "weak"})
        if self.phase.name != PRETRAINING:
            return (labelled,)
        views = {"first": "contrastive", "second": "contrastive"}
        return (labelled, Stream("pool", "pool", chosen.contrast_batch_size, views))

    def call(self, x, training=False):
        """Maps (rows, h, w, features) of the `labelled` images and, in pretraining, of `views`.

        The labelled images leave no trace in the statistics of pretraining.
        """
        if self.phase.name != PRETRAINING:
            learns = training and self.phase.name == FINETUNING
            return {"labelled": self.trunk(x["labelled"], training=learns)}
        views = ops.concatenate([x["first"], x["second"]], axis=0)
        return {
            "labelled": self.trunk(x["labelled"], training=False),
            "views": self.trunk(views, training=training),
        }

    def outcome(self, x, y, features, training: bool) -> Outcome:
        of_labelled, labels = features["labelled"], y["labelled"]
        if self.phase.name != FINETUNING:
            of_labelled = ops.stop_gradient(of_labelled)
        logits = self.classifier(of_labelled, training=training)
        classification = masked_cross_entropy(logits, labels)
        if self.phase.name != PRETRAINING:
            return Outcome({"classification": classification}, logits, labels)
        projected = self.projection(features["views"], training=training)
        first, second = ops.split(projected, 2, axis=0)
        terms = {
            "contrastive": nt_xent(first, second, self.configuration.temperature),
            "probe": classification,
        }
        measures = {FOUND: partners_found(first, second), SPREAD: spread(projected)}
        return Outcome(terms, logits, labels, measures)

    @property
    def guides(self) -> dict[str, dict[str, float]]:
        return {"embedding": {"no collapse": 1.0}}

    def look(self, probe: Probe) -> Seen:
        found = embedded(self, probe.sample)
        neighbours = self._neighbours(probe, found[0])
        if self.phase.name != PRETRAINING:
            return Seen(panels=(neighbours,), embedded=found)
        known = probe.labelled
        accuracy = left_out_accuracy(embedded(self, known.items)[0], known.labels)
        figures = {} if accuracy is None else {READ_OUT: accuracy}
        return Seen(figures, (self._views(probe), neighbours), found)

    def _views(self, probe: Probe) -> Panel:
        images = np.round(255.0 * probe.few).astype(np.uint8)
        drawn = [contrastive(images, (0, seed), self.configuration) for seed in (1, 2)]
        first, second = (view.numpy() / 255.0 for view in drawn)
        return image_grid(
            "views",
            "Views",
            "Images of the pool and two random views of each, as pretraining sees them. A person "
            "should still know what is in a view.",
            {"image": probe.few, "view": first, "another view": second},
        )

    def _neighbours(self, probe: Probe, sample: NDArray) -> Panel:
        """sample: features of `probe.sample`."""
        few, _ = embedded(self, probe.few)
        similar = _unit(few) @ _unit(sample).T
        same = [np.all(probe.sample == image, axis=(1, 2, 3)) for image in probe.few]
        order = np.argsort(np.where(same, 2.0, -similar), axis=1, kind="stable")
        rows = {"image": probe.few}
        for place in range(min(NEIGHBOURS, len(sample))):
            rows[f"nearest {place + 1}"] = probe.sample[order[:, place]]
        return image_grid(
            "neighbours",
            "Nearest neighbours",
            "Images of the pool and, under each, those whose features point most nearly the same "
            "way: they should come to be of the same class.",
            rows,
        )


def _unit(vectors: NDArray) -> NDArray:
    """Rows at length 1."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def build(configuration: SimclrConfiguration, task: Task) -> SimclrModel:
    """The untrained model."""
    return SimclrModel(configuration, task)
