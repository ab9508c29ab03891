"""One trunk, a classifier and a decoder: labels masked, all images reconstructed."""

import numpy as np
from keras import ops
from numpy.typing import NDArray

from ssl_core.methods.autoencoder.spec import AutoencoderConfiguration
from ssl_core.training import losses, networks
from ssl_core.training.model import Outcome, TrunkModel
from ssl_core.training.panels import Panel, image_grid
from ssl_core.training.pipeline import Stream


class AutoencoderModel(TrunkModel):
    """Losses: `classification` in nats, `reconstruction` in squared intensity.

    Both streams pass the trunk as one batch, so that its batch statistics are those of the
    images that it will be asked about.
    """

    def __init__(self, configuration: AutoencoderConfiguration, image_shape, classes: int) -> None:
        weights = {"classification": 1.0, "reconstruction": configuration.reconstruction_weight}
        super().__init__(configuration, image_shape, classes, weights)
        self.decoder = networks.decoder(self.trunk.output_shape[1:], image_shape)

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
            "classification": losses.masked_cross_entropy(logits, labels),
            "reconstruction": losses.reconstruction_error(_together(x), drawn),
        }
        return Outcome(terms, logits, labels)

    def panels(self, probe: NDArray[np.float32]) -> list[Panel]:
        drawn = self.decoder(self.trunk(probe, training=False), training=False)
        return [
            image_grid(
                "reconstruction",
                "Reconstructions",
                "The same images at every step: as they are, and as the decoder redraws them.",
                {"image": probe, "reconstruction": ops.convert_to_numpy(drawn)},
            )
        ]


def _together(parts):
    """The rows of both streams, labelled ones first."""
    return ops.concatenate([parts["labelled"], parts["unlabelled"]], axis=0)


def build(
    configuration: AutoencoderConfiguration, image_shape: tuple[int, int, int], classes: int
) -> AutoencoderModel:
    """The untrained model; image_shape is height, width, channels in pixels."""
    return AutoencoderModel(configuration, image_shape, classes)
