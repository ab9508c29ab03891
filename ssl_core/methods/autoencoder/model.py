"""One trunk, a classifier and a decoder: labels masked, all images reconstructed."""

from keras import ops

from ssl_core.methods.autoencoder.spec import AutoencoderConfiguration
from ssl_core.methods.base import Task
from ssl_core.training.losses.classification import masked_cross_entropy
from ssl_core.training.losses.reconstruction import reconstruction_error
from ssl_core.training.model import Outcome, TrunkModel
from ssl_core.training.networks.decoders import decoder
from ssl_core.training.panels import image_grid
from ssl_core.training.pipeline import Stream
from ssl_core.training.probe import Probe, Seen


class AutoencoderModel(TrunkModel):
    """Losses: `classification` in nats, `reconstruction` in squared intensity.

    Both streams pass the trunk as one batch, so that its batch statistics are those of the
    images that it will be asked about.
    """

    def __init__(self, configuration: AutoencoderConfiguration, task: Task) -> None:
        weights = {"classification": 1.0, "reconstruction": configuration.reconstruction_weight}
        super().__init__(configuration, task, weights)
        self.decoder = decoder(self.trunk.output_shape[1:], task.item_shape)

    def streams(self) -> tuple[Stream, ...]:
        chosen = self.configuration
        return (
            Stream("labelled", "labelled", chosen.batch_size, {"labelled": "weak"}),
            Stream("unlabelled", "pool", chosen.unlabelled_batch_size, {"unlabelled": "weak"}),
        )

    def call(self, x, training=False):
        """Both streams of x, labelled rows first -> map (rows, h, w, features)."""
        return self.trunk(_together(x), training=training)

    def outcome(self, x, y, features, training: bool) -> Outcome:
        labels = _together(y)
        logits = self.classifier(features, training=training)
        drawn = self.decoder(features, training=training)
        terms = {
            "classification": masked_cross_entropy(logits, labels),
            "reconstruction": reconstruction_error(_together(x), drawn),
        }
        return Outcome(terms, logits, labels)

    def look(self, probe: Probe) -> Seen:
        drawn = self.decoder(self.trunk(probe.few, training=False), training=False)
        grid = image_grid(
            "reconstruction",
            "Reconstructions",
            "The same images at every step: as they are, and as the decoder redraws them.",
            {"image": probe.few, "reconstruction": ops.convert_to_numpy(drawn)},
        )
        return Seen(panels=(grid,))


def _together(parts):
    """The rows of both streams, labelled ones first."""
    return ops.concatenate([parts["labelled"], parts["unlabelled"]], axis=0)


def build(configuration: AutoencoderConfiguration, task: Task) -> AutoencoderModel:
    """The untrained model."""
    return AutoencoderModel(configuration, task)
