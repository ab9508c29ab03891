"""The supervised baseline: one labelled stream, cross-entropy; several heads where asked for."""

from ssl_core.methods.base import Task
from ssl_core.methods.supervised.spec import SupervisedConfiguration
from ssl_core.training.losses.classification import masked_cross_entropy
from ssl_core.training.model import MethodModel, Outcome, TrunkModel
from ssl_core.training.networks.backbones import backbone
from ssl_core.training.pipeline import Stream
from ssl_core.training.several_heads import SeveralHeadsModel, weights_of_heads


class SupervisedModel(TrunkModel):
    """Loss: `classification`, in nats."""

    def __init__(self, configuration: SupervisedConfiguration, task: Task) -> None:
        super().__init__(configuration, task, weights_of_heads(configuration, task))

    def streams(self) -> tuple[Stream, ...]:
        chosen = self.configuration
        views = {"labelled": chosen.augmentation}
        return (Stream("labelled", "labelled", chosen.batch_size, views),)

    def call(self, x, training=False):
        """x["labelled"]: (batch, height, width, channels) -> map (batch, h, w, features)."""
        return self.trunk(x["labelled"], training=training)

    def outcome(self, x, y, features, training: bool) -> Outcome:
        logits = self.classifier(features, training=training)
        labels = y["labelled"]
        terms = {"classification": masked_cross_entropy(logits, labels)}
        return Outcome(terms, logits, labels)


class SupervisedHeadsModel(SeveralHeadsModel):
    """The same trunk with several heads, or with numbers beside the images."""

    def __init__(self, configuration: SupervisedConfiguration, task: Task) -> None:
        super().__init__(configuration, task, backbone(configuration.backbone, task.item_shape))
        self.view = configuration.augmentation


def build(configuration: SupervisedConfiguration, task: Task) -> MethodModel:
    """The untrained model."""
    if len(task.heads) > 1 or task.columns:
        return SupervisedHeadsModel(configuration, task)
    return SupervisedModel(configuration, task)
