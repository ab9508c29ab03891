"""Turning, zooming, shearing and shifting a whole batch at once, each image in its own way."""

from typing import Literal

import tensorflow as tf

Fill = Literal["REFLECT", "NEAREST", "CONSTANT", "WRAP"]


def warped(
    images: tf.Tensor,
    turn: tf.Tensor | None = None,
    zoom: tf.Tensor | None = None,
    shear: tf.Tensor | None = None,
    shift: tf.Tensor | None = None,
    fill: Fill = "REFLECT",
) -> tf.Tensor:
    """One affine change an image about its centre, interpolated linearly in both directions.

    images: (batch, height, width, channels), uint8 or float, returned as the same type and shape.
    turn: (batch,), radians, counter-clockwise as seen. zoom: (batch, 2), factor in height and
    width, above 1 = larger. shear: (batch, 2), how many pixels a row moves to the right for each
    row below the centre, and a column down for each column right of it. shift: (batch, 2),
    pixels down and to the right. What is left out changes nothing. An image is zoomed first, then
    sheared, turned and shifted. fill: what stands outside the image: "CONSTANT" is 0.
    """
    count = tf.shape(images)[0]
    nothing = tf.zeros((count, 2), tf.float32)
    turn = nothing[:, 0] if turn is None else turn
    zoom = nothing + 1.0 if zoom is None else zoom
    shear = nothing if shear is None else shear
    shift = nothing if shift is None else shift
    places = _places_read(turn, zoom, shear, shift, images.shape[1], images.shape[2])
    found = tf.raw_ops.ImageProjectiveTransformV3(
        images=tf.cast(images, tf.float32),  # of uint8 the operation would cut off the fraction
        transforms=places,
        output_shape=tf.shape(images)[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode=fill,
    )
    found = tf.round(found) if images.dtype == tf.uint8 else found
    return tf.ensure_shape(tf.cast(found, images.dtype), images.shape)


def _places_read(turn, zoom, shear, shift, height: int, width: int) -> tf.Tensor:
    """(batch, 8): which place of the image each place of the result is read from.

    The inverse of the change, in the form of the operation: x' = a x + b y + c,
    y' = d x + e y + f, with x to the right and y down, in pixels from the first one.
    """
    cosine, sine = tf.cos(turn), tf.sin(turn)
    right, down = shear[:, 0], shear[:, 1]
    # zoom, then shear, then turn: the matrix of the change itself, on (x, y) from the centre
    across, along = zoom[:, 1], zoom[:, 0]
    a = (cosine + sine * down) * across
    b = (cosine * right + sine) * along
    d = (cosine * down - sine) * across
    e = (cosine - sine * right) * along
    determinant = a * e - b * d
    a, b, d, e = e / determinant, -b / determinant, -d / determinant, a / determinant
    x, y = (width - 1) / 2 + shift[:, 1], (height - 1) / 2 + shift[:, 0]
    c = (width - 1) / 2 - a * x - b * y
    f = (height - 1) / 2 - d * x - e * y
    nothing = tf.zeros_like(a)
    return tf.stack([a, b, c, d, e, f, nothing, nothing], axis=1)
