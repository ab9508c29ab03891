"""Pseudo-labelling: the network's own sure answers become labels, at every step or in rounds."""

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from ssl_core.methods.base import Task
from ssl_core.methods.pseudo_label.spec import PseudoLabelConfiguration
from ssl_core.training.data import TrainingData
from ssl_core.training.losses.classification import masked_cross_entropy
from ssl_core.training.losses.pseudo_labels import (
    answers_of,
    coverage,
    pseudo_label_loss,
    pseudo_labels,
    ramp,
)
from ssl_core.training.model import Outcome, Predict, TrunkModel
from ssl_core.training.phases import Phase
from ssl_core.training.pipeline import Stream

COVERAGE, CONFIDENCE, RAMP = "pseudo/coverage", "pseudo/confidence", "pseudo/ramp"
FIRST = "training"
BOTH = ("classification", "pseudo")


class PseudoLabelModel(TrunkModel):
    """Losses: `classification` and `pseudo`, in nats; the latter with the ramp of online labels.

    Both streams pass the trunk as one batch. Its moving statistics are then those of the pool,
    which the finished network is asked about, and not of the few labelled images alone; and they
    fit the statistics that the weights were trained with.
    """

    def __init__(self, configuration: PseudoLabelConfiguration, task: Task) -> None:
        weights = {"classification": 1.0, "pseudo": configuration.unlabelled_weight}
        self.staged = configuration.mode == "staged"
        measures = (COVERAGE,) if self.staged else (COVERAGE, CONFIDENCE, RAMP)
        super().__init__(configuration, task, weights, measures)
        if self.staged:  # the pseudo-label of every item, -1 where it has none
            self.assigned = self.add_weight(
                shape=(task.count,),
                initializer=keras.initializers.Constant(-1),
                dtype="int32",
                trainable=False,
                name="assigned",
            )

    @property
    def phases(self) -> tuple[Phase, ...]:
        chosen = self.configuration
        if chosen.mode == "online":
            return super().phases
        share = (1.0 - chosen.first_share) / chosen.rounds
        later = [
            Phase("retraining" if chosen.rounds == 1 else f"retraining {number}", share, BOTH)
            for number in range(1, chosen.rounds + 1)
        ]
        return (Phase(FIRST, chosen.first_share, ("classification",)), *later)

    def streams(self) -> tuple[Stream, ...]:
        chosen = self.configuration
        labelled = Stream("labelled", "labelled", chosen.batch_size, {"labelled": "weak"})
        if self._labels_alone:
            return (labelled,)
        size = chosen.unlabelled_batch_size
        return (labelled, Stream("unlabelled", "pool", size, {"unlabelled": "weak"}))

    @property
    def _labels_alone(self) -> bool:
        return self.staged and self.phase.name == FIRST

    def call(self, x, training=False):
        """Labelled rows, then unlabelled ones where there are any -> map (rows, h, w, features)."""
        rows = x["labelled"]
        if not self._labels_alone:
            rows = ops.concatenate([rows, x["unlabelled"]], axis=0)
        return self.trunk(rows, training=training)

    def outcome(self, x, y, features, training: bool) -> Outcome:
        logits, labels = self.classifier(features, training=training), y["labelled"]
        if self._labels_alone:
            terms = {"classification": masked_cross_entropy(logits, labels)}
            return Outcome(terms, logits, labels)
        first = ops.shape(x["labelled"])[0]
        if self.staged:
            given, weight = ops.take(self.assigned, y["unlabelled_items"], axis=0), 1.0
            measures = {COVERAGE: coverage(given)}
        else:
            given, weight, measures = self._answered(x, features[first:])
        terms = {
            "classification": masked_cross_entropy(logits[:first], labels),
            "pseudo": weight * pseudo_label_loss(logits[first:], given),
        }
        return Outcome(terms, logits[:first], labels, measures)

    def _answered(self, x, features):
        """Pseudo-labels of now, what they weigh, and measures. Answered without dropout."""
        chosen = self.configuration
        asked = answers_of(self.classifier(features, training=False))
        labels, confidence = pseudo_labels(asked, ops.convert_to_tensor(self.thresholds))
        weight = ramp(x["done"][0], chosen.ramp_start, chosen.ramp_end)
        measures = {COVERAGE: coverage(labels), CONFIDENCE: ops.mean(confidence), RAMP: weight}
        return labels, weight, measures

    def begin(self, phase: Phase, data: TrainingData, predict: Predict) -> None:
        """Label the whole pool, then begin anew with other initial weights.

        What was labelled by hand keeps that label.
        """
        probabilities = predict(data.pool)
        sure = probabilities.max(axis=1) >= self.configuration.threshold
        assigned = np.full(self.task.count, -1, np.int32)
        assigned[data.pool] = np.where(sure, probabilities.argmax(axis=1), -1)
        assigned[data.labelled] = data.labels[data.labelled]
        self.assigned.assign(assigned)
        for network in (self.trunk, self.classifier):
            network.set_weights(keras.models.clone_model(network).get_weights())

    @property
    def thresholds(self) -> NDArray[np.float32]:
        return np.full(self.task.classes, self.configuration.threshold, np.float32)


def build(configuration: PseudoLabelConfiguration, task: Task) -> PseudoLabelModel:
    """The untrained model."""
    return PseudoLabelModel(configuration, task)
