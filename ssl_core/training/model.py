"""What the models of all methods have in common: named losses, counted rows, one answer."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from ssl_core.methods.base import Hyperparameters, ImageHyperparameters, Task
from ssl_core.training.data import TrainingData
from ssl_core.training.losses.classification import hits_of_rows
from ssl_core.training.networks.backbones import backbone
from ssl_core.training.networks.heads import classifier_head, inference_network
from ssl_core.training.phases import Phase
from ssl_core.training.pipeline import Stream
from ssl_core.training.probe import Known, Probe, Seen

Batch = tuple[dict, dict]  # x and y as `pipeline.batches` brings them
Predict = Callable[[NDArray[np.int64]], NDArray[np.float32]]  # items -> (n, classes)


class Outcome(NamedTuple):
    """What one batch gives: unweighted loss terms, and the rows that accuracy is counted on."""

    terms: dict  # name -> scalar
    logits: object = None  # (batch, classes), or None where nothing is classified
    labels: object = None  # (batch,), int32, -1 = unlabelled
    # Published name -> a scalar, or (batch,) values and their weights; no part of the loss.
    measures: Mapping = MappingProxyType({})


class MethodModel(keras.Model, ABC):
    """A method: `call` brings a batch to the trunk output, `outcome` the trunk output to losses.

    Trained by `fit` on `(x, y)` of `pipeline.batches`.
    """

    # Whether it finds clusters, which it answers with.
    answers_clusters = False
    # Whether classes come in by labels, after steps without any: `build_model` sets it, by the
    # needs of the method.
    named_afterwards = False
    # Whether `inference_model` can be asked about the items of a dataset.
    answers_items = True
    # Terms whose gradients at the trunk are compared: `gradient/cosine` is the least agreement.
    compared_terms: tuple[str, ...] = ()

    def __init__(
        self,
        configuration: Hyperparameters,
        task: Task,
        weights_of_terms: dict[str, float],
        measures: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        self.configuration = configuration
        self.task = task
        self.weights_of_terms = dict(weights_of_terms)
        self.measures = measures
        self.phase = self.phases[0]
        self.means = {
            name: keras.metrics.Mean(name=name) for name in (*weights_of_terms, *measures)
        }
        self.hits = keras.metrics.Mean(name="accuracy")
        self.rows = keras.metrics.Sum(name="rows")

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases in order; their shares sum to 1."""
        return (Phase("training", 1.0, tuple(self.weights_of_terms)),)

    @abstractmethod
    def streams(self) -> tuple[Stream, ...]:
        """The streams of items that a step of `self.phase` takes."""

    @abstractmethod
    def call(self, x: dict, training: bool = False):
        """What the trunk makes of the batch `x` in `self.phase`: tensors of any structure."""

    @abstractmethod
    def outcome(self, x: dict, y: dict, features, training: bool) -> Outcome:
        """Loss terms of a batch in `self.phase`, given `features`, which `call(x)` returned.

        It changes no variable when `training` is False, so that it can be looked at any time.
        """

    @abstractmethod
    def inference_model(self) -> keras.Model:
        """Items -> answers. Shares its weights with this model.

        In: images (height, width, channels), float32 in [0, 1], or tokens (length,), int32; a
        second input called `numeric` takes (columns,) float32. Out: probabilities (classes,), or
        a dictionary with `probabilities` and for each further head its probabilities (classes,)
        or its number (1,) in its unit. What finds clusters answers `clusters` (clusters,), and
        `probabilities` only where there are classes.
        """

    def begin(self, phase: Phase, data: TrainingData, predict: Predict) -> None:
        """Prepare the phases after the first: called once, before the first step of each.

        predict: answers of the averaged weights of now. Initial weights drawn here are a function
        of the seed of the run and the phase.
        """

    def settle(self, network: keras.Model, known: Known, pool: NDArray) -> dict[str, float]:
        """Fit what is fitted without gradients, before an evaluation: a mapping, a read-out.

        network: the averaged twin of `inference_model`, with the same names of layers. known:
        items with labels, maybe none. pool: items without. Changes only variables that no step
        depends on. Returns figures under published names.
        """
        return {}

    def look(self, probe: Probe) -> Seen:
        """Figures and pictures of what the method does, at any moment of a training."""
        return Seen()

    def embed(self, items: NDArray):
        """Features (n, d) and logits of classes or clusters (n, answers) of network inputs.

        In inference mode, for a map of the items; None for a method without one vector an item.
        """

    @property
    def thresholds(self) -> NDArray[np.float32] | None:
        """(classes,): confidence from which an answer becomes a pseudo-label; None without any."""
        return None

    @property
    def guides(self) -> dict[str, dict[str, float]]:
        """Lines that curves are read against: group of metrics -> name -> value."""
        return {}

    @property
    def images_per_step(self) -> int:
        """How many items go through a training step, every view counted."""
        return sum(stream.batch_size * len(stream.views) for stream in self.streams())

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The weighted sum of the terms; each term and the labelled rows are counted."""
        outcome = self.outcome(x, y, y_pred, training)
        terms = {name: outcome.terms[name] for name in self.phase.terms}
        for name, value in terms.items():
            self.means[name].update_state(value)
        for name, value in outcome.measures.items():
            value, weights = value if isinstance(value, tuple) else (value, None)
            self.means[name].update_state(value, sample_weight=weights)
        if outcome.logits is not None:
            hits, mask = hits_of_rows(outcome.logits, outcome.labels)
            self.hits.update_state(hits, sample_weight=mask)
            self.rows.update_state(mask)
        return self.total_of(terms)

    def total_of(self, terms: dict):
        """The loss of the terms of a phase: their sum with their weights."""
        return sum(self.weight_of(name) * value for name, value in terms.items())

    def loss_name(self, term: str) -> str:
        """What the loss of a term is called where it is published."""
        return f"loss/{term}"

    def weight_of(self, name: str):
        """By how much the unweighted term counts in the loss now."""
        return self.weights_of_terms[name]

    def build_for(self, batch: Batch) -> None:
        """Make all variables, in inference mode, so that no random state is used up."""
        x, y = batch
        self.outcome(x, y, self(x, training=False), training=False)


def classes_known(model: MethodModel, probe: Probe) -> bool:
    """Whether answers in classes mean anything yet; where labels only name them, with labels."""
    return not model.named_afterwards or len(probe.labelled) > 0


class TrunkModel(MethodModel):
    """A backbone with a classifier on its map of features: what most methods stand on."""

    configuration: ImageHyperparameters

    def __init__(
        self,
        configuration: ImageHyperparameters,
        task: Task,
        weights_of_terms: dict[str, float],
        measures: tuple[str, ...] = (),
    ) -> None:
        super().__init__(configuration, task, weights_of_terms, measures)
        self.trunk = backbone(configuration.backbone, task.item_shape)
        self.classifier = classifier_head(self.trunk.output_shape[1:], task.classes)

    def inference_model(self) -> keras.Model:
        return inference_network(self.trunk, self.classifier)

    def embed(self, items: NDArray):
        features = self.trunk(items, training=False)
        return ops.mean(features, axis=(1, 2)), self.classifier(features, training=False)
