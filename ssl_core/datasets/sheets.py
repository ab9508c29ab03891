"""Many small images as one picture, so that a page gets hundreds of them in one answer."""

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_QUALITY = 85  # of JPEG, per cent


def sprite_sheet(images: NDArray[np.uint8], columns: int, longest: int) -> tuple[str, int, int]:
    """A data: address of `images` side by side without gaps, and width and height of each, pixels.

    images: (n, height, width, 1 or 3), uint8, n at least 1; row by row, `columns` in a row. Those
    with a side above `longest` pixels are made smaller by a whole number. PNG where the pixels
    stay as they are; JPEG where they do not, a tenth of the bytes for a photograph.
    """
    factor = -(-max(images.shape[1:3]) // longest)
    small = images if factor == 1 else _reduced(images, factor)
    count, height, width, channels = small.shape
    rows = -(-count // columns)
    places = np.zeros((rows * columns, height, width, channels), np.uint8)
    places[:count] = small
    grid = places.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    flat = grid.reshape(rows * height, columns * width, channels)
    sheet = Image.fromarray(flat[:, :, 0] if channels == 1 else flat)
    stream = io.BytesIO()
    if factor > 1:
        sheet.save(stream, "JPEG", quality=_QUALITY)
    else:
        sheet.save(stream, "PNG", compress_level=1)
    kind = "jpeg" if factor > 1 else "png"
    content = base64.b64encode(stream.getvalue()).decode()
    return f"data:image/{kind};base64,{content}", width, height


def _reduced(images: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Each side `factor` times smaller, rounded up: means of the pixels that fall together."""
    small = [
        np.asarray(Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image).reduce(factor))
        for image in images
    ]
    return np.stack(small).reshape(len(images), *small[0].shape[:2], images.shape[3])
