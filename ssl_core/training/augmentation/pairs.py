"""The partner of an image: the same thing turned, slanted, cut, mirrored, in other contrast."""

import math

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ssl_core.methods.pairs import PairHyperparameters
from ssl_core.training.augmentation.affine import warped
from ssl_core.training.augmentation.draws import uniform

PROBE_SEED = 4631  # any fixed number


def pair(images: tf.Tensor, seed: tf.Tensor, configuration: PairHyperparameters) -> tf.Tensor:
    """A random turn and slant, a random part of the image at full size, and another contrast;
    where it is switched on, a random mirror.

    images: (batch, height, width, channels), uint8, returned as the same. seed: (2,), int32; the
    result is a function of it alone. The part is a square share of the image, uniform from
    `pair_crop` to 1, anywhere within it: after Ji et al. 2019 on MNIST, crops of 16, 20 and 24 of
    28 pixels, turns of 25 degrees and a contrast of 0.4.
    """
    count, height, width = tf.shape(images)[0], images.shape[1], images.shape[2]
    most = math.radians(configuration.pair_rotation)
    turn = uniform((count,), seed, 0, -most, most)
    share = uniform((count, 1), seed, 1, configuration.pair_crop, 1.0)
    zoom = tf.repeat(1.0 / share, 2, axis=1)
    # The centre of the part lies within the image less half the part; zoomed, so is the way.
    free = (1.0 / share - 1.0) / 2.0 * tf.constant([[height, width]], tf.float32)
    shift = free * uniform((count, 2), seed, 2, -1.0, 1.0)
    slant = configuration.pair_shear * uniform((count,), seed, 4, -1.0, 1.0)
    shear = tf.stack([slant, tf.zeros_like(slant)], axis=1)
    changed = warped(images, turn, zoom, shear, shift, fill="NEAREST")
    if configuration.augment_mirror:
        chance = uniform((count, 1, 1, 1), seed, 5, 0.0, 1.0)
        changed = tf.where(chance < 0.5, tf.reverse(changed, axis=[2]), changed)
    return _contrast(changed, seed, configuration.pair_contrast)


def _contrast(images: tf.Tensor, seed: tf.Tensor, most: float) -> tf.Tensor:
    """Intensities about the mean of each image, times a factor from 1 - most to 1 + most."""
    if most == 0:
        return images
    factor = uniform((tf.shape(images)[0], 1, 1, 1), seed, 3, 1.0 - most, 1.0 + most)
    exact = tf.cast(images, tf.float32)
    mean = tf.reduce_mean(exact, axis=(1, 2, 3), keepdims=True)
    changed = tf.round(tf.clip_by_value(mean + factor * (exact - mean), 0.0, 255.0))
    return tf.cast(changed, images.dtype)


def partners(items: NDArray, configuration: PairHyperparameters) -> NDArray[np.float32]:
    """The same partners at every call, to look at a model with.

    items: (n, height, width, channels), float32 in [0, 1]. Returns the same.
    """
    images = tf.constant(np.round(np.asarray(items) * 255.0).astype(np.uint8))
    changed = pair(images, tf.constant([PROBE_SEED, 0]), configuration)
    return changed.numpy().astype(np.float32) / np.float32(255.0)


class Partners:
    """The partners of items, made once for as long as the same items are asked for."""

    def __init__(self, configuration: PairHyperparameters) -> None:
        self._configuration = configuration
        self._items: NDArray | None = None
        self._changed: NDArray[np.float32] | None = None

    def of(self, items: NDArray) -> NDArray[np.float32]:
        """As `partners`. What was made for an array is handed out again for that very array."""
        if self._items is not items or self._changed is None:
            self._items, self._changed = items, partners(items, self._configuration)
        return self._changed
