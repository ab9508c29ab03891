"""The supervised baseline: one labelled stream, cross-entropy."""

from ssl_core.methods.base import Hyperparameters
from ssl_core.training import losses
from ssl_core.training.model import Outcome, TrunkModel
from ssl_core.training.pipeline import Stream


class SupervisedModel(TrunkModel):
    """Loss: `classification`, in nats."""

    def __init__(self, configuration: Hyperparameters, image_shape, classes: int) -> None:
        super().__init__(configuration, image_shape, classes, {"classification": 1.0})

    def streams(self) -> tuple[Stream, ...]:
        return (
            Stream("labelled", "labelled", self.configuration.batch_size, {"labelled": "weak"}),
        )

    def call(self, x, training=False):
        """x["labelled"]: (batch, height, width, channels) -> map (batch, h, w, features)."""
        return self.trunk(x["labelled"], training=training)

    def outcome(self, x, y, features, training: bool) -> Outcome:
        logits = self.classifier(features, training=training)
        labels = y["labelled"]
        terms = {"classification": losses.masked_cross_entropy(logits, labels)}
        return Outcome(terms, logits, labels)


def build(configuration, image_shape: tuple[int, int, int], classes: int) -> SupervisedModel:
    """The untrained model; image_shape is height, width, channels in pixels."""
    return SupervisedModel(configuration, image_shape, classes)
