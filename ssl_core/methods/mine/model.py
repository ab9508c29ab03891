"""Embeddings of an image and of its partner, trained to tell as much of each other as can be."""

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from ssl_core.methods.base import Task
from ssl_core.methods.mine.spec import BOUND, HELD_OUT, InformationConfiguration
from ssl_core.training.augmentation.pairs import Partners
from ssl_core.training.embedding import embedded
from ssl_core.training.logistic import logistic_regression
from ssl_core.training.losses.mutual_information import donsker_varadhan
from ssl_core.training.model import MethodModel, Outcome
from ssl_core.training.networks.backbones import backbone
from ssl_core.training.networks.critics import (
    Estimate,
    cosine_scores,
    lag_guides,
    most_of_cosines,
    published,
)
from ssl_core.training.networks.embeddings import embedding_head
from ssl_core.training.networks.fixed import answered, fixed_dense
from ssl_core.training.pipeline import Stream
from ssl_core.training.probe import Probe, Seen
from ssl_core.training.scorepanel import score_panel

EMBEDDING = "embedding"  # the layer of the inference network


class InformationModel(MethodModel):
    """Loss: `information`, minus the estimate in nats.

    Image and partner pass the trunk as one batch, so that batch statistics are of both.
    """

    configuration: InformationConfiguration

    def __init__(self, configuration: InformationConfiguration, task: Task) -> None:
        measures = published(corrected=configuration.corrected_gradient)
        super().__init__(configuration, task, {"information": 1.0}, measures)
        self.trunk = backbone(configuration.backbone, task.item_shape)
        size = configuration.embedding_size
        self.embedding = embedding_head(self.trunk.output_shape[1:], size)
        self.estimate = Estimate(corrected=configuration.corrected_gradient)
        self.readout = fixed_dense(size, max(1, task.classes), "logits", bias=True)
        self.partners = Partners(configuration)

    @property
    def answers_items(self) -> bool:
        return self.task.classes > 0

    def streams(self) -> tuple[Stream, ...]:
        size = self.configuration.batch_size
        return (Stream("pool", "pool", size, {"image": "none", "partner": "pair"}),)

    def call(self, x, training=False):
        """Images above their partners -> map (2 * batch, h, w, features)."""
        return self.trunk(ops.concatenate([x["image"], x["partner"]], axis=0), training=training)

    def outcome(self, x, y, features, training: bool) -> Outcome:
        rows = ops.shape(x["image"])[0]
        vectors = self.embedding(features, training=training)
        scores = cosine_scores(vectors[:rows], vectors[rows:], self.configuration.temperature)
        loss, measures = self.estimate(scores, training=training)
        return Outcome({"information": loss}, measures=measures)

    def inference_model(self) -> keras.Model:
        images = keras.Input(self.trunk.input_shape[1:], name="images")
        vectors = self.embedding(self.trunk(images))
        vectors = layers.Identity(dtype="float32", name=EMBEDDING)(vectors)
        answers = layers.Softmax(dtype="float32", name="probabilities")(self.readout(vectors))
        return keras.Model(images, answers, name="inference")

    def settle(self, network, known, pool) -> dict[str, float]:
        """Fit the linear classifier behind the embedding on the known labels alone."""
        if not self.answers_items or len(known) == 0:
            return {}
        inner = keras.Model(network.inputs[0], network.get_layer(EMBEDDING).output)
        fitted = logistic_regression(answered(inner, known.items), known.labels, self.task.classes)
        for variable, value in zip(self.readout.weights, fitted, strict=True):
            variable.assign(value)
        return {}

    def embed(self, items: NDArray):
        vectors = self.embedding(self.trunk(items, training=False), training=False)
        return vectors, self.readout(vectors)

    def look(self, probe: Probe) -> Seen:
        found, changed = embedded(self, probe.sample), self.partners.of(probe.sample)
        second, _ = embedded(self, changed)
        scores = cosine_scores(found[0], second, self.configuration.temperature)
        figures = {HELD_OUT: float(donsker_varadhan(*scores))}
        panel = score_panel(*map(ops.convert_to_numpy, scores), "pairs")
        return Seen(figures, (panel,), found)

    @property
    def guides(self) -> dict[str, dict[str, float]]:
        """Of the two bounds of an estimate the lower one."""
        chosen, rows = self.configuration, self.configuration.batch_size
        bounds = {
            BOUND: most_of_cosines(chosen.embedding_size, chosen.temperature),
            f"ln {rows}": float(np.log(rows)),
        }
        name = min(bounds, key=lambda name: bounds[name])
        return {"mi": {name: bounds[name]}} | lag_guides(corrected=chosen.corrected_gradient)


def build(configuration: InformationConfiguration, task: Task) -> InformationModel:
    """The untrained model."""
    return InformationModel(configuration, task)
