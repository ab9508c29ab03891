"""Images as PNG, for pages."""

import base64
import io
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_BACKGROUND = 128


def png_bytes(image: NDArray[np.uint8], minimum_side: int = 0) -> bytes:
    """A PNG of the image (h, w, 1 or 3), uint8, its pixels repeated a whole number of times
    until its longer side has at least `minimum_side` pixels.
    """
    factor = max(1, ceil(minimum_side / max(image.shape[:2])))
    return _encode(_enlarged(image, factor))


def data_url(image: NDArray[np.uint8], minimum_side: int = 0) -> str:
    """`png_bytes` as a data: address that an <img> can show."""
    return "data:image/png;base64," + base64.b64encode(png_bytes(image, minimum_side)).decode()


def contact_sheet(images: NDArray[np.uint8], columns: int, scale: int = 1, gap: int = 1) -> bytes:
    """A PNG with the images (n, h, w, 1 or 3), uint8, in rows of `columns`.

    scale: how often each pixel is repeated. gap: pixels between images, middle grey.
    """
    count, height, width, channels = images.shape
    columns = max(1, min(columns, count))
    rows = ceil(count / columns)
    tall, wide = height * scale, width * scale
    shape = (max(1, rows * (tall + gap) - gap), max(1, columns * (wide + gap) - gap), channels)
    sheet = np.full(shape, _BACKGROUND, dtype=np.uint8)
    for number, image in enumerate(images):
        top = (number // columns) * (tall + gap)
        left = (number % columns) * (wide + gap)
        sheet[top : top + tall, left : left + wide] = _enlarged(image, scale)
    return _encode(sheet)


def _enlarged(image: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    return image if factor == 1 else image.repeat(factor, axis=0).repeat(factor, axis=1)


def _encode(image: NDArray[np.uint8]) -> bytes:
    flat = image[:, :, 0] if image.shape[2] == 1 else image
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(flat)).save(stream, "PNG", compress_level=1)
    return stream.getvalue()
