"""How far a redrawn image is from the image."""

import math

from keras import ops

_SMALLEST = 1e-10  # of a mean squared error: 100 dB


def reconstruction_error(images, reconstructions):
    """Mean of `(x - x_hat)^2` over rows, height, width and channels, in squared intensity.

    Both (batch, height, width, channels), float, intensities in [0, 1]. A mean, not a sum, so
    that its weight means the same at every image size.
    """
    return ops.mean(ops.square(ops.cast(images, "float32") - ops.cast(reconstructions, "float32")))


def peak_signal_to_noise(error):
    """`10 log10(1 / error)` in dB, for intensities in [0, 1]; at most 100.

    error: mean squared error, a scalar, in squared intensity.
    """
    return -10.0 / math.log(10.0) * ops.log(ops.maximum(error, _SMALLEST))
