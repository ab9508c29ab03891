"""Random numbers of an augmentation: a function of its seed alone."""

import tensorflow as tf


def uniform(
    shape: tuple[tf.Tensor | int, ...], seed: tf.Tensor, number: int, low: float, high: float
) -> tf.Tensor:
    """float32 in [low, high); `number` tells the draws of one seed apart. seed: (2,), int32."""
    return tf.random.stateless_uniform(shape, seed + tf.constant([number, 0]), low, high)
