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
    curriculum_thresholds,
    learning_effects,
    pseudo_label_loss,
    pseudo_labels,
    sharpened,
    soft_label_loss,
    with_answers,
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
        self.kind = configuration.thresholds
        if self.kind == "freematch":
            equal = Constant(1.0 / task.classes)
            self.level = self.add_weight((), equal, trainable=False, name="level")
            self.use = self.add_weight((task.classes,), equal, trainable=False, name="use")
        if self.kind == "flexmatch":
            none = Constant(-1)  # the last sure answer to every item, -1 where there was none
            self.last = self.add_weight((task.count,), none, "int32", trainable=False, name="last")
            self.effects = self.add_weight(
                (task.classes,), "zeros", trainable=False, name="effects"
            )

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
        if training and self.kind == "freematch":
            self._adapt(asked)
        limits = self._thresholds()
        if training and self.kind == "flexmatch":  # for the next step: FlexMatch, algorithm 1
            self._note(asked, y["unlabelled_items"], y["unlabelled_count"][0])
        labels, confidence = pseudo_labels(asked, limits)
        terms = {
            "classification": masked_cross_entropy(logits[:first], y["labelled"]),
            "pseudo": self._pseudo_loss(logits[first:], asked, labels),
        }
        measures = {
            COVERAGE: coverage(labels),
            CONFIDENCE: ops.mean(confidence),
            THRESHOLD: ops.mean(limits),
            TRAINING_USE: entropy_of_use(asked[:, None])[0],
        }
        return Outcome(terms, logits[:first], y["labelled"], measures)

    def _pseudo_loss(self, logits, asked, labels):
        """What the strong rows cost. labels: (rows,), -1 where the weak one is not sure."""
        if self.configuration.targets == "hard":
            return pseudo_label_loss(logits, labels)
        return soft_label_loss(logits, sharpened(asked, self.configuration.temperature), labels)

    def _adapt(self, probabilities) -> None:
        """FreeMatch, section 4.1: moving means of the confidence and of the answer."""
        memory = self.configuration.threshold_momentum
        confidence = ops.mean(ops.max(probabilities, axis=-1))
        use = ops.mean(probabilities, axis=0)
        self.level.assign(memory * self.level + (1.0 - memory) * confidence)
        self.use.assign(memory * self.use + (1.0 - memory) * use)

    def _note(self, probabilities, items, pool) -> None:
        """FlexMatch, section 3: how far each class is, by the items surely answered with it.

        An answer counts from the fixed threshold on, however low that of its class is now.
        """
        sure, _ = pseudo_labels(probabilities, self._largest)
        last = with_answers(ops.convert_to_tensor(self.last), items, sure)
        self.last.assign(last)
        self.effects.assign(learning_effects(last, self.task.classes, pool))

    @property
    def _largest(self):
        """(classes,), float32: the threshold of every class where it is fixed."""
        return ops.full((self.task.classes,), self.configuration.threshold, "float32")

    def _thresholds(self):
        """(classes,), float32."""
        if self.kind == "freematch":
            return class_thresholds(self.level, self.use, self.configuration.threshold)
        if self.kind == "flexmatch":
            return curriculum_thresholds(self.effects, self.configuration.threshold)
        return self._largest

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
