"""FixMatch: what a weak view is surely answered with, a strong view has to be answered with."""

import numpy as np
from keras import ops
from keras.initializers import Constant
from numpy.typing import NDArray

from ssl_core.methods.base import Task
from ssl_core.methods.fixmatch.spec import TRAINING_USE, FixmatchConfiguration
from ssl_core.training.augmentation.strong import strong
from ssl_core.training.augmentation.weak import weak
from ssl_core.training.losses.classification import masked_cross_entropy
from ssl_core.training.losses.mutual_information import entropy_of_use
from ssl_core.training.losses.pseudo_labels import (
    answers_of,
    class_thresholds,
    coverage,
    pseudo_label_loss,
    pseudo_labels,
)
from ssl_core.training.model import Outcome, TrunkModel
from ssl_core.training.panels import image_grid
from ssl_core.training.pipeline import Stream
from ssl_core.training.probe import Probe, Seen

COVERAGE, CONFIDENCE, THRESHOLD = "pseudo/coverage", "pseudo/confidence", "pseudo/threshold"


class FixmatchModel(TrunkModel):
    """Losses: `classification` and `pseudo`, in nats.

    All views pass the trunk as one batch, so that its statistics are those of a mix of them.
    """

    def __init__(self, configuration: FixmatchConfiguration, task: Task) -> None:
        weights = {"classification": 1.0, "pseudo": configuration.unlabelled_weight}
        measures = (COVERAGE, CONFIDENCE, THRESHOLD, TRAINING_USE)
        super().__init__(configuration, task, weights, measures)
        self.adaptive = configuration.thresholds == "freematch"
        if self.adaptive:
            equal = Constant(1.0 / task.classes)
            self.level = self.add_weight((), equal, trainable=False, name="level")
            self.use = self.add_weight((task.classes,), equal, trainable=False, name="use")

    def streams(self) -> tuple[Stream, ...]:
        chosen = self.configuration
        views = {"weak": "weak", "strong": "strong"}
        return (
            Stream("labelled", "labelled", chosen.batch_size, {"labelled": "weak"}),
            Stream("unlabelled", "pool", chosen.unlabelled_batch_size, views),
        )

    def call(self, x, training=False):
        """Labelled, weak and strong rows in this order -> map (rows, h, w, features)."""
        rows = ops.concatenate([x["labelled"], x["weak"], x["strong"]], axis=0)
        return self.trunk(rows, training=training)

    def outcome(self, x, y, features, training: bool) -> Outcome:
        first, count = ops.shape(x["labelled"])[0], ops.shape(x["weak"])[0]
        taught = ops.concatenate([features[:first], features[first + count :]], axis=0)
        logits = self.classifier(taught, training=training)
        # Answered as the finished network would: without dropout.
        asked = answers_of(self.classifier(features[first : first + count], training=False))
        if training and self.adaptive:
            self._adapt(asked)
        limits = self._thresholds()
        labels, confidence = pseudo_labels(asked, limits)
        terms = {
            "classification": masked_cross_entropy(logits[:first], y["labelled"]),
            "pseudo": pseudo_label_loss(logits[first:], labels),
        }
        measures = {
            COVERAGE: coverage(labels),
            CONFIDENCE: ops.mean(confidence),
            THRESHOLD: ops.mean(limits),
            TRAINING_USE: entropy_of_use(asked[:, None])[0],
        }
        return Outcome(terms, logits[:first], y["labelled"], measures)

    def _adapt(self, probabilities) -> None:
        """FreeMatch, section 4.1: moving means of the confidence and of the answer."""
        memory = self.configuration.threshold_momentum
        confidence = ops.mean(ops.max(probabilities, axis=-1))
        use = ops.mean(probabilities, axis=0)
        self.level.assign(memory * self.level + (1.0 - memory) * confidence)
        self.use.assign(memory * self.use + (1.0 - memory) * use)

    def _thresholds(self):
        """(classes,), float32."""
        largest = self.configuration.threshold
        if not self.adaptive:
            return ops.full((self.task.classes,), largest, "float32")
        return class_thresholds(self.level, self.use, largest)

    @property
    def thresholds(self) -> NDArray[np.float32]:
        return np.asarray(ops.convert_to_numpy(self._thresholds()))

    def look(self, probe: Probe) -> Seen:
        images = np.round(255.0 * probe.few).astype(np.uint8)
        views = {"image": probe.few}
        for name, change in (("weak", weak), ("strong", strong)):
            views[name] = change(images, (0, 1), self.configuration).numpy() / 255.0
        grid = image_grid(
            "views",
            "Views",
            "The same images as they are, weakly changed (these get the pseudo-labels) and "
            "strongly changed (these learn them). A person should still know the class of each.",
            views,
        )
        return Seen(panels=(grid,))


def build(configuration: FixmatchConfiguration, task: Task) -> FixmatchModel:
    """The untrained model."""
    return FixmatchModel(configuration, task)
