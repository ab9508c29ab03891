"""One trunk, a classifier and a decoder: labels masked, all images reconstructed."""

import math

import keras
from keras import ops

from ssl_core.methods.autoencoder.spec import MEAN_PSNR, PSNR, AutoencoderConfiguration
from ssl_core.methods.base import Task
from ssl_core.training.losses.classification import masked_cross_entropy
from ssl_core.training.losses.gradient_limit import (
    classification_pull,
    largest_beside,
    limited_gradient,
)
from ssl_core.training.losses.reconstruction import peak_signal_to_noise, reconstruction_error
from ssl_core.training.model import Outcome, TrunkModel
from ssl_core.training.networks.corruption import Seed, corrupted
from ssl_core.training.networks.decoders import decoder, vector_decoder
from ssl_core.training.panels import image_grid
from ssl_core.training.pipeline import Stream
from ssl_core.training.probe import Probe, Seen


class AutoencoderModel(TrunkModel):
    """Losses: `classification` in nats, `reconstruction` in squared intensity.

    Both streams pass the trunk as one batch, so that its batch statistics are those of the pool
    that it will be asked about; where images are corrupted, those of the corrupted ones.
    """

    configuration: AutoencoderConfiguration

    def __init__(self, configuration: AutoencoderConfiguration, task: Task) -> None:
        weights = {"classification": 1.0, "reconstruction": configuration.reconstruction_weight}
        super().__init__(configuration, task, weights, (PSNR, MEAN_PSNR))
        shapes = self.trunk.output_shape[1:], task.item_shape
        if configuration.bottleneck == "vector":
            self.decoder = vector_decoder(*shapes, configuration.vector_size)
        else:
            self.decoder = decoder(*shapes)
        self.draws = keras.random.SeedGenerator()

    def streams(self) -> tuple[Stream, ...]:
        chosen = self.configuration
        return (
            Stream("labelled", "labelled", chosen.batch_size, {"labelled": "weak"}),
            Stream("unlabelled", "pool", chosen.unlabelled_batch_size, {"unlabelled": "weak"}),
        )

    def call(self, x, training=False):
        """Both streams of x, labelled rows first -> map (rows, h, w, features).

        In training the images are corrupted first; what they are to become again is not.
        """
        images = _together(x)
        if training:
            images = self._corrupted(images, self.draws)
        return self.trunk(images, training=training)

    def outcome(self, x, y, features, training: bool) -> Outcome:
        images, labels = _together(x), _together(y)
        logits = self.classifier(features, training=training)
        held = self._held_back(features, logits, labels, training)
        error = reconstruction_error(images, self.decoder(held, training=training))
        terms = {
            "classification": masked_cross_entropy(logits, labels),
            "reconstruction": error,
        }
        mean_image = ops.mean(images, axis=0, keepdims=True)
        measures = {
            PSNR: peak_signal_to_noise(error),
            MEAN_PSNR: peak_signal_to_noise(reconstruction_error(images, mean_image)),
        }
        return Outcome(terms, logits, labels, measures)

    def _held_back(self, features, logits, labels, training: bool):
        """The features, which feel of the reconstruction only its share."""
        limit = self.configuration.share_limit
        # In training the weight is already in what comes back; a look at the terms comes without.
        weight = 1.0 if training else self.weights_of_terms["reconstruction"]
        if limit >= 1.0 or weight == 0.0:
            return features
        kernel = self.classifier.get_layer("logits").kernel
        pull = classification_pull(logits, labels, kernel, math.prod(features.shape[1:3]))
        return limited_gradient(features, largest_beside(pull, labels, limit) / weight)

    def _corrupted(self, images, seed: Seed):
        chosen = self.configuration
        gaussian = chosen.corruption == "gaussian"
        amount = chosen.noise_deviation if gaussian else chosen.cutout_side
        return corrupted(images, chosen.corruption, amount, seed)

    def look(self, probe: Probe) -> Seen:
        rows = {"image": probe.few}
        seen = ops.convert_to_tensor(probe.few)
        if self.configuration.corruption != "none":
            seen = self._corrupted(seen, 0)
            rows["as the network sees it"] = ops.convert_to_numpy(seen)
        drawn = self.decoder(self.trunk(seen, training=False), training=False)
        rows["reconstruction"] = ops.convert_to_numpy(drawn)
        grid = image_grid(
            "reconstruction",
            "Reconstructions",
            "The same images at every step: as they are, as the network sees them where something "
            "is done to them first, and as the decoder redraws them.",
            rows,
        )
        return Seen(panels=(grid,))


def _together(parts):
    """The rows of both streams, labelled ones first."""
    return ops.concatenate([parts["labelled"], parts["unlabelled"]], axis=0)


def build(configuration: AutoencoderConfiguration, task: Task) -> AutoencoderModel:
    """The untrained model."""
    return AutoencoderModel(configuration, task)
