"""Random views of an image: nearer or farther, turned, in another light and other colours."""

import math

import tensorflow as tf

from ssl_core.methods.views import ViewHyperparameters
from ssl_core.training.augmentation.affine import warped
from ssl_core.training.augmentation.draws import uniform

STRETCH = 4 / 3  # of a part: its height over its width is between 3/4 and this
FARTHEST = 1.5  # of the area of the image: then it is seen smaller, edges repeated
SHIFT = 0.05  # beyond the image, share of the side
GREY_CHANCE = 0.2
HUE_SHARE = 0.25  # of the change of colour
# To luminance and two axes of colour, on which a change of hue is a turn (ITU-R BT.601, NTSC).
TO_YIQ = ((0.299, 0.587, 0.114), (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112))


def contrastive(
    images: tf.Tensor, seed: tf.Tensor, configuration: ViewHyperparameters
) -> tf.Tensor:
    """A random part at full size, turned and sheared, in random contrast, brightness, colours.

    images: (batch, height, width, channels), uint8, returned as the same. seed: (2,), int32; the
    result is a function of it alone. Mirrored only where mirroring is switched on; colours only
    for 3 channels. SimCLR, appendix A, without blur, which small images do not need; turning,
    shearing and showing an image smaller are added for drawings, which have nothing to colour.
    """
    parts = _part(images, seed, configuration)
    exact = tf.cast(parts, tf.float32)
    if images.shape[-1] == 3 and configuration.view_colour > 0:
        exact = _coloured(exact, seed, configuration.view_colour)
    if configuration.view_contrast > 0:
        exact = _lit(exact, seed, configuration.view_contrast)
    return tf.cast(tf.round(tf.clip_by_value(exact, 0.0, 255.0)), images.dtype)


def _part(images: tf.Tensor, seed: tf.Tensor, configuration: ViewHyperparameters) -> tf.Tensor:
    """A part of random area, form and place, at full size, turned, sheared, maybe mirrored."""
    count, height, width = tf.shape(images)[0], images.shape[1], images.shape[2]
    area = uniform((count,), seed, 0, configuration.view_crop, FARTHEST)
    stretch = tf.exp(uniform((count,), seed, 1, -1.0, 1.0) * math.log(STRETCH) / 2)
    sides = tf.sqrt(area)[:, None] * tf.stack([stretch, 1.0 / stretch], axis=1)
    most = math.radians(configuration.view_rotation)
    turn = uniform((count,), seed, 2, -most, most)
    slant = uniform((count,), seed, 10, -1.0, 1.0) * configuration.view_shear
    # The centre of the part lies within the image less half the part; zoomed, so is the way.
    free = tf.abs(1.0 / sides - 1.0) / 2.0 + SHIFT
    shift = free * tf.constant([[height, width]], tf.float32)
    shift *= uniform((count, 2), seed, 3, -1.0, 1.0)
    zoom = 1.0 / sides
    if configuration.augment_mirror:
        sign = tf.where(uniform((count,), seed, 4, 0.0, 1.0) < 0.5, -1.0, 1.0)
        zoom *= tf.stack([tf.ones_like(sign), sign], axis=1)
    shear = tf.stack([slant, tf.zeros_like(slant)], axis=1)
    return warped(images, turn=turn, zoom=zoom, shear=shear, shift=shift, fill="NEAREST")


def _lit(images: tf.Tensor, seed: tf.Tensor, most: float) -> tf.Tensor:
    """Another contrast about the mean of each image, then another brightness; float32."""
    count = tf.shape(images)[0]
    contrast = uniform((count, 1, 1, 1), seed, 5, 1.0 - most, 1.0 + most)
    bright = uniform((count, 1, 1, 1), seed, 6, 1.0 - most, 1.0 + most)
    mean = tf.reduce_mean(images, axis=(1, 2, 3), keepdims=True)
    return bright * (mean + contrast * (images - mean))


def _coloured(images: tf.Tensor, seed: tf.Tensor, most: float) -> tf.Tensor:
    """Another saturation and hue, or grey: one matrix an image on its channels; float32."""
    count = tf.shape(images)[0]
    saturation = uniform((count,), seed, 7, 1.0 - most, 1.0 + most)
    saturation *= tf.cast(uniform((count,), seed, 8, 0.0, 1.0) >= GREY_CHANCE, tf.float32)
    hue = 2 * math.pi * HUE_SHARE * most * uniform((count,), seed, 9, -1.0, 1.0)
    along, across = saturation * tf.cos(hue), saturation * tf.sin(hue)
    nothing, one = tf.zeros_like(hue), tf.ones_like(hue)
    rows = [[one, nothing, nothing], [nothing, along, -across], [nothing, across, along]]
    turned = tf.stack([tf.stack(row, axis=1) for row in rows], axis=1)
    to_yiq = tf.constant(TO_YIQ)
    matrix = tf.matmul(tf.linalg.inv(to_yiq), tf.matmul(turned, to_yiq))
    return tf.einsum("bhwc,bdc->bhwd", images, matrix)
