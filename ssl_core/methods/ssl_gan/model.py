"""The semi-supervised GAN: two networks that one optimizer trains side by side."""

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray
from scipy.spatial.distance import pdist

from ssl_core.methods.base import Task
from ssl_core.methods.ssl_gan.spec import (
    DIVERSITY,
    GAP,
    GENERATED,
    REAL,
    SURE_FROM,
    SslGanConfiguration,
)
from ssl_core.training.embedding import embedded
from ssl_core.training.losses.adversarial import (
    feature_matching,
    generated_loss,
    moment_gaps,
    real_loss,
    realness,
)
from ssl_core.training.losses.classification import entropy_of_rows, masked_cross_entropy
from ssl_core.training.losses.pseudo_labels import ramp
from ssl_core.training.model import MethodModel, Outcome
from ssl_core.training.networks.backbones import VGG_WIDTHS
from ssl_core.training.networks.discriminators import norm_free_discriminator, seed_discriminator
from ssl_core.training.networks.generators import generator
from ssl_core.training.networks.heads import classifier_head, inference_network
from ssl_core.training.panels import Panel, curve, histogram, image_grid
from ssl_core.training.parts import in_parts, joined
from ssl_core.training.pipeline import Stream
from ssl_core.training.probe import Probe, Seen

ROWS = COLUMNS = 8  # of the grid of samples
COMPARED = 128  # images of the pool and samples whose features are compared
BINS = 20
_SMALLEST = 1e-7


class SslGanModel(MethodModel):
    """Losses in nats, but for `generator` in units of features; `entropy` comes with its ramp."""

    configuration: SslGanConfiguration

    def __init__(self, configuration: SslGanConfiguration, task: Task) -> None:
        weight = configuration.unsupervised_weight
        weights = {
            "classification": 1.0,
            "entropy": configuration.entropy_weight,
            "real": weight,
            "generated": weight,
            "generator": 1.0,
        }
        super().__init__(configuration, task, weights, (REAL, GENERATED, GAP))
        self.trunk = _discriminator(configuration, task)
        self.classifier = classifier_head(self.trunk.output_shape[1:], task.classes)
        size = configuration.noise_size
        self.generator = generator(task.item_shape, size, configuration.generator_width)
        self.noise_seed = keras.random.SeedGenerator()
        # For everything but training: the same noise in every run.
        count = max(COMPARED, configuration.unlabelled_batch_size)
        draws = np.random.default_rng(0).standard_normal((count, size))
        self.fixed_noise = draws.astype(np.float32)

    def streams(self) -> tuple[Stream, ...]:
        chosen = self.configuration
        return (
            Stream("labelled", "labelled", chosen.batch_size, {"labelled": chosen.labelled_view}),
            Stream("unlabelled", "pool", chosen.unlabelled_batch_size, {"unlabelled": chosen.view}),
        )

    def call(self, x, training=False):
        """Maps of the `real` rows, labelled ones first, and of as many `generated` as unlabelled.

        `images`: the generated ones, through which the generator feels its loss alone.
        """
        real = ops.concatenate([x["labelled"], x["unlabelled"]], axis=0)
        maps = self.trunk(real, training=training)
        generated = self.generator(
            self._noise(ops.shape(x["unlabelled"])[0], training), training=training
        )
        weights = [variable.value for variable in self.trunk.trainable_variables]
        judged = self._judged(ops.stop_gradient(generated), weights, training)
        return {"real": maps, "generated": judged, "images": generated}

    def outcome(self, x, y, features, training: bool) -> Outcome:
        rows = ops.shape(x["labelled"])[0]
        logits = self.classifier(features["real"], training=training)
        real = realness(logits[rows:])
        generated = realness(self.classifier(features["generated"], training=training))
        moments = ops.stop_gradient(_pooled(features["real"][rows:]))
        drawn = self._seen_by_the_generator(features["images"], training)
        squared = self.configuration.feature_loss == "squared"
        share = ramp(x["done"][0], 0.0, SURE_FROM)  # of its full weight
        terms = {
            "classification": masked_cross_entropy(logits[:rows], y["labelled"]),
            # The two after it leave open which class an image has: Dai et al. 2017, Good
            # Semi-supervised Learning That Requires a Bad GAN (arXiv:1705.09783).
            "entropy": share * ops.mean(entropy_of_rows(logits[rows:])),
            "real": real_loss(real, self.configuration.label_smoothing),
            "generated": generated_loss(generated),
            "generator": feature_matching(moments, drawn, squared=squared),
        }
        size = ops.mean(ops.abs(ops.mean(moments, axis=0)))
        measures = {
            REAL: ops.mean(ops.sigmoid(real)),
            GENERATED: ops.mean(ops.sigmoid(generated)),
            GAP: ops.mean(moment_gaps(moments, drawn)) / (size + _SMALLEST),
        }
        return Outcome(terms, logits[:rows], y["labelled"], measures)

    def _seen_by_the_generator(self, generated, training: bool):
        """Features of generated images as weights see them that feel nothing of it."""
        if not training:
            # Gradient shares are about the trunk, which the loss of the generator never moves.
            generated = ops.stop_gradient(generated)
        weights = [ops.stop_gradient(variable) for variable in self.trunk.trainable_variables]
        return _pooled(self._judged(generated, weights, training))

    def _judged(self, images, weights, training: bool):
        """Maps of generated images, which leave no trace in the statistics of real ones."""
        states = [variable.value for variable in self.trunk.non_trainable_variables]
        maps, _ = self.trunk.stateless_call(weights, states, images, training=training)
        return maps

    def _noise(self, count, training: bool):
        """(count, noise_size), standard normal; the same every time outside training."""
        if not training:
            return ops.convert_to_tensor(self.fixed_noise)[:count]
        return keras.random.normal((count, self.configuration.noise_size), seed=self.noise_seed)

    def inference_model(self) -> keras.Model:
        return inference_network(self.trunk, self.classifier)

    def embed(self, items: NDArray):
        features = self.trunk(items, training=False)
        return _pooled(features), self.classifier(features, training=False)

    def look(self, probe: Probe) -> Seen:
        noise = in_parts(self.fixed_noise[:COMPARED], self.task.item_shape[:2])
        drawn = joined([self.generator(part, training=False) for part in noise])
        found = embedded(self, probe.sample)
        real, of_real = (part[:COMPARED] for part in found)
        generated, of_generated = embedded(self, drawn)
        panels = (
            _samples(drawn[: ROWS * COLUMNS]),
            _judgements(of_real, of_generated),
            _moments(real, generated),
        )
        ratio = diversity(real, generated)
        return Seen({} if ratio is None else {DIVERSITY: ratio}, panels, found)


def _discriminator(configuration: SslGanConfiguration, task: Task) -> keras.Model:
    dropout = configuration.discriminator_dropout
    if configuration.discriminator == "seed":
        width = VGG_WIDTHS[configuration.backbone][0]
        return seed_discriminator(width, task.item_shape, dropout)
    return norm_free_discriminator(configuration.backbone, task.item_shape, dropout)


def _pooled(maps):
    """(rows, h, w, features) -> (rows, features)."""
    return ops.mean(maps, axis=(1, 2))


def diversity(real: NDArray, generated: NDArray) -> float | None:
    """Mean distance between generated over that between real images; None where that is 0.

    real, generated: (rows, features).
    """
    if len(real) < 2:
        return None
    spread = float(pdist(real).mean())
    return float(pdist(generated).mean()) / spread if spread > 0 else None


def _samples(images: NDArray) -> Panel:
    """images: (64, height, width, channels) in [0, 1]."""
    rows = np.split(images, ROWS)
    return image_grid(
        "samples",
        "Generated images",
        "Drawn from the same noise at every step. They need not be pretty to teach the classifier; "
        "but all alike is a failure.",
        rows,
    )


def _judgements(real: NDArray, generated: NDArray) -> Panel:
    """real, generated: logits (rows, classes)."""
    of_series = {"images of the pool": real, "generated": generated}
    values = {
        name: ops.convert_to_numpy(ops.sigmoid(realness(logits)))
        for name, logits in of_series.items()
    }
    return histogram(
        "judgements",
        "Real or generated",
        "How probably real the discriminator calls images of the pool, and generated ones. It is "
        "asked without dropout at this step alone; the curve is a mean of steps with dropout, so "
        "the two differ.",
        values,
        np.linspace(0.0, 1.0, BINS + 1),
        "probability of being real",
    )


def _moments(real: NDArray, generated: NDArray) -> Panel:
    """real, generated: features (rows, features)."""
    means = real.mean(axis=0)
    order = np.argsort(-means, kind="stable")
    place = np.arange(1, len(order) + 1)
    return curve(
        "moments",
        "Mean features",
        "Each feature of the discriminator, averaged over images: those of the pool, in order of "
        "size, and those that the generator draws. The generator is to bring the second line to "
        "the first.",
        {
            "images of the pool": (place, means[order]),
            "generated": (place, generated.mean(axis=0)[order]),
        },
        ("feature", "mean"),
    )


def build(configuration: SslGanConfiguration, task: Task) -> SslGanModel:
    """The untrained model."""
    return SslGanModel(configuration, task)
