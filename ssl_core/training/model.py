"""What the models of all methods have in common: named losses, counted rows, one answer."""

from typing import NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from ssl_core.methods.base import Hyperparameters
from ssl_core.training import losses, networks
from ssl_core.training.panels import Panel
from ssl_core.training.pipeline import Stream

Batch = tuple[dict, dict]  # x and y as `pipeline.batches` brings them


class Outcome(NamedTuple):
    """What one batch gives: unweighted loss terms, and the rows that accuracy is counted on."""

    terms: dict  # name -> scalar
    logits: object = None  # (batch, classes), or None where nothing is classified
    labels: object = None  # (batch,), int32, -1 = unlabelled


class MethodModel(keras.Model):
    """A method: `call` brings a batch to the trunk output, `outcome` the trunk output to losses.

    Trained by `fit` on `(x, y)` of `pipeline.batches`. A subclass sets `weights_of_terms`, and
    implements `streams`, `call`, `outcome` and `inference_model`.
    """

    def __init__(
        self,
        configuration: Hyperparameters,
        image_shape: tuple[int, int, int],
        classes: int,
        weights_of_terms: dict[str, float],
    ) -> None:
        super().__init__()
        self.configuration = configuration
        self.image_shape = image_shape
        self.classes = classes
        self.weights_of_terms = dict(weights_of_terms)
        self.means = {name: keras.metrics.Mean(name=name) for name in weights_of_terms}
        self.hits = keras.metrics.Mean(name="accuracy")
        self.rows = keras.metrics.Sum(name="rows")

    def streams(self) -> tuple[Stream, ...]:
        """The streams of images that a step of this method takes."""
        raise NotImplementedError

    def outcome(self, x: dict, y: dict, features, training: bool) -> Outcome:
        """Loss terms of a batch, given the trunk output `features` that `call(x)` returned.

        It changes no variable when `training` is False, so that it can be looked at any time.
        """
        raise NotImplementedError

    def inference_model(self) -> keras.Model:
        """Images (height, width, channels), float32 in [0, 1] -> probabilities (classes,).

        Shares its weights with this model.
        """
        raise NotImplementedError

    def panels(self, probe: NDArray[np.float32]) -> list[Panel]:
        """Pictures of what the method does with fixed images, at any moment of a training.

        probe: (n, height, width, channels), float32 in [0, 1], n <= 16.
        """
        return []

    @property
    def images_per_step(self) -> int:
        """How many images go through a training step, every view counted."""
        return sum(stream.batch_size * len(stream.views) for stream in self.streams())

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The weighted sum of the terms; each term and the labelled rows are counted."""
        outcome = self.outcome(x, y, y_pred, training)
        total = 0.0
        for name, value in outcome.terms.items():
            self.means[name].update_state(value)
            total = total + self.weights_of_terms[name] * value
        if outcome.logits is not None:
            hits, mask = losses.hits_of_rows(outcome.logits, outcome.labels)
            self.hits.update_state(hits, sample_weight=mask)
            self.rows.update_state(mask)
        return total

    def build_for(self, batch: Batch) -> None:
        """Make all variables, in inference mode, so that no random state is used up."""
        x, y = batch
        self.outcome(x, y, self(x, training=False), training=False)


class TrunkModel(MethodModel):
    """A backbone with a classifier on its map of features: what most methods stand on."""

    def __init__(
        self,
        configuration: Hyperparameters,
        image_shape: tuple[int, int, int],
        classes: int,
        weights_of_terms: dict[str, float],
    ) -> None:
        super().__init__(configuration, image_shape, classes, weights_of_terms)
        self.trunk = networks.backbone(configuration.backbone, image_shape)
        self.classifier = networks.classifier_head(self.trunk.output_shape[1:], classes)

    def inference_model(self) -> keras.Model:
        return networks.inference_network(self.trunk, self.classifier)
