"""The strong augmentation: random operations in the manner of RandAugment, and cutout."""

import math

import tensorflow as tf

from ssl_core.methods.base import ImageHyperparameters
from ssl_core.training.augmentation.affine import warped

# Largest amount of each operation. Those on shapes are those of FixMatch; those on
# intensities are narrower than its 0.05 to 0.95, which leaves some images nearly black.
LARGEST = {
    "turn": math.radians(30.0),
    "shear right": 0.3,  # pixels a row
    "shear down": 0.3,
    "shift right": 0.3,  # of the side
    "shift down": 0.3,
    "zoom": 0.25,  # of the size
    "brightness": 0.7,  # of the intensity
    "contrast": 0.7,  # of the distance to the mean of the image
    "colour": 0.9,  # of the distance to grey
    "sharpness": 0.9,  # of the distance to the blurred image
    "posterise": 4.0,  # bits fewer of 8
    "solarise": 128.0,  # intensities below 256 from which on they are inverted
}
DRAWN = 3  # operations an image, with repetition, so often fewer
CUTOUT = 0.5  # largest side of the hole, share of the side of the image


def strong(images: tf.Tensor, seed: tf.Tensor, configuration: ImageHyperparameters) -> tf.Tensor:
    """Three random operations an image, each by a random amount, then a hole of random size.

    images: (batch, height, width, channels), uint8, returned as the same. seed: (2,), int32; the
    result is a function of it alone. The operations on shapes become one affine change, so that
    every image is interpolated once; they come before those on intensities. Mirrored only where
    it is switched on. FixMatch, section 2.3.
    """
    count = tf.shape(images)[0]
    mirrored, picks, amounts, hole = _draws(count, seed)
    chosen = tf.reduce_any(tf.equal(picks[:, :, None], tf.range(len(LARGEST))), axis=1)
    amounts = tf.where(chosen, amounts, 0.0) * tf.constant(list(LARGEST.values()))
    by_name = dict(zip(LARGEST, tf.unstack(amounts, axis=1), strict=True))
    if configuration.augment_mirror:
        flip = (mirrored < 0.5)[:, None, None, None]
        images = tf.where(flip, tf.reverse(images, axis=[2]), images)
    changed = _intensities(_shapes(tf.cast(images, tf.float32), by_name), by_name)
    changed = tf.where(_hole(hole, images.shape[1], images.shape[2]), _mean(changed), changed)
    return tf.cast(tf.round(changed), images.dtype)


def _draws(count: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, ...]:
    """Whether to mirror (batch,), picks (batch, DRAWN), amounts (batch, operations) in [-1, 1),
    and the hole (batch, 3) in [0, 1): side, row and column of its middle."""
    kinds = len(LARGEST)
    found = tf.random.stateless_uniform((count, 1 + DRAWN + kinds + 3), seed)
    mirrored, picks, amounts, hole = tf.split(found, [1, DRAWN, kinds, 3], axis=1)
    return mirrored[:, 0], tf.cast(picks * kinds, tf.int32), 2.0 * amounts - 1.0, hole


def _shapes(images: tf.Tensor, amounts: dict[str, tf.Tensor]) -> tf.Tensor:
    """One affine change an image. Edges go on outwards as they are: no second, mirrored digit."""
    height, width = images.shape[1], images.shape[2]
    return warped(
        images,
        turn=amounts["turn"],
        zoom=tf.repeat(1.0 + amounts["zoom"][:, None], 2, axis=1),
        shear=tf.stack([amounts["shear right"], amounts["shear down"]], axis=1),
        shift=tf.stack([height * amounts["shift down"], width * amounts["shift right"]], axis=1),
        fill="NEAREST",
    )


def _intensities(images: tf.Tensor, amounts: dict[str, tf.Tensor]) -> tf.Tensor:
    """images: (batch, height, width, channels), float32 in [0, 255]. An amount of 0 is nothing."""
    of_image = {name: value[:, None, None, None] for name, value in amounts.items()}
    blurred = tf.nn.avg_pool2d(images, 3, 1, "SAME")
    images += of_image["sharpness"] * (images - blurred)
    if images.shape[3] > 1:
        images += of_image["colour"] * (images - tf.reduce_mean(images, axis=3, keepdims=True))
    images += of_image["contrast"] * (images - _mean(images))
    images = tf.round(tf.clip_by_value(images * (1.0 + of_image["brightness"]), 0.0, 255.0))
    step = 2.0 ** tf.abs(of_image["posterise"])
    images = tf.floor(images / step) * step
    first = 256.0 - tf.abs(of_image["solarise"])
    return tf.where(images >= first, 255.0 - images, images)


def _mean(images: tf.Tensor) -> tf.Tensor:
    """(batch, 1, 1, 1): mean intensity of each image."""
    return tf.reduce_mean(images, axis=(1, 2, 3), keepdims=True)


def _hole(draws: tf.Tensor, height: int, width: int) -> tf.Tensor:
    """(batch, height, width, 1), bool: a square around any place, partly outside at an edge."""
    side = CUTOUT * draws[:, 0:1]
    rows = tf.abs((tf.range(height, dtype=tf.float32) + 0.5) / height - draws[:, 1:2])
    columns = tf.abs((tf.range(width, dtype=tf.float32) + 0.5) / width - draws[:, 2:3])
    inside = (rows < side / 2)[:, :, None] & (columns < side / 2)[:, None, :]
    return inside[..., None]
