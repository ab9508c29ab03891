"""Many images as one picture."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from source_files import ramp

from ssl_core.datasets.sheets import sprite_sheet


def opened(address: str) -> tuple[str, np.ndarray]:
    head, body = address.split(",")
    return head, np.asarray(Image.open(io.BytesIO(base64.b64decode(body))))


@pytest.mark.parametrize("channels", [1, 3])
def test_small_images_keep_their_pixels(channels: int) -> None:
    images = ramp(5, 4, 6, channels)
    address, width, height = sprite_sheet(images, columns=3, longest=6)
    head, sheet = opened(address)
    assert head == "data:image/png;base64"
    assert (width, height) == (6, 4)
    assert sheet.shape[:2] == (8, 18)
    assert np.array_equal(sheet[4:8, 6:12], np.squeeze(images[4]))


@pytest.mark.parametrize("channels", [1, 3])
def test_large_images_are_made_smaller_by_a_whole_number(channels: int) -> None:
    images = np.full((2, 50, 30, channels), 100, np.uint8)
    images[1] = 200
    address, width, height = sprite_sheet(images, columns=2, longest=20)
    head, sheet = opened(address)
    assert head == "data:image/jpeg;base64"
    assert (width, height) == (10, 17)
    assert abs(int(sheet[8, 5].mean()) - 100) < 4
    assert abs(int(sheet[8, 15].mean()) - 200) < 4
