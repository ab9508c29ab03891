"""How far a redrawn image is from the image."""

from keras import ops


def reconstruction_error(images, reconstructions):
    """Mean of `(x - x_hat)^2` over rows, height, width and channels, in squared intensity.

    Both (batch, height, width, channels), float, intensities in [0, 1]. A mean, not a sum, so
    that its weight means the same at every image size.
    """
    return ops.mean(ops.square(ops.cast(images, "float32") - ops.cast(reconstructions, "float32")))
