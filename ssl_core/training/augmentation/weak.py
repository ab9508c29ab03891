"""The weak augmentation that all methods share: a shift and, where wanted, a mirror."""

import tensorflow as tf

from ssl_core.methods.base import ImageHyperparameters


def weak(images: tf.Tensor, seed: tf.Tensor, configuration: ImageHyperparameters) -> tf.Tensor:
    """Random shift with reflected edges and, where it is switched on, a random mirror.

    images: (batch, height, width, channels), any type, returned as the same. seed: (2,), int32;
    the result is a function of it alone. FixMatch, section 2.3.
    """
    count, height, width = tf.shape(images)[0], images.shape[1], images.shape[2]
    share = configuration.augment_shift
    down = _offsets(count, reach(height, share), seed)
    across = _offsets(count, reach(width, share), seed + tf.constant([1, 0], tf.int32))
    rows = reflected(tf.range(height)[None, :] + down[:, None], height)
    columns = reflected(tf.range(width)[None, :] + across[:, None], width)
    if configuration.augment_mirror:
        chance = tf.random.stateless_uniform((count, 1), seed + tf.constant([2, 0], tf.int32))
        columns = tf.where(chance < 0.5, width - 1 - columns, columns)
    images = tf.gather(images, rows, axis=1, batch_dims=1)
    return tf.gather(images, columns, axis=2, batch_dims=1)


def reach(side: int, share: float) -> int:
    """The largest shift in pixels for a side in pixels; at most what a reflection can fill."""
    return min(int(side * share + 0.5), side - 1)


def reflected(places: tf.Tensor, side: int) -> tf.Tensor:
    """Places outside 0..side-1 reflected at the edge pixels, which are not repeated.

    places: int32, any shape, from -(side-1) to 2 * (side-1).
    """
    last = side - 1
    return last - tf.abs(last - tf.abs(places))


def _offsets(count: tf.Tensor, largest: int, seed: tf.Tensor) -> tf.Tensor:
    """(count,), int32: whole pixels, uniform in -largest..largest."""
    return tf.random.stateless_uniform((count,), seed, -largest, largest + 1, tf.int32)
