"""Images for pages, and which places of the machine the dashboard may read."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from source_files import ramp

from ssl_core.datasets.paths import SOURCES_VARIABLE, allowed_source
from ssl_core.datasets.thumbnails import contact_sheet, data_url, png_bytes
from ssl_core.errors import UserError


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


@pytest.mark.parametrize(("side", "factor"), [(0, 1), (8, 1), (9, 2), (30, 4)])
@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_are_repeated_a_whole_number_of_times(side: int, factor: int, channels: int) -> None:
    image = ramp(1, 5, 8, channels)[0]
    expected = image.repeat(factor, axis=0).repeat(factor, axis=1)
    assert np.array_equal(pixels(png_bytes(image, side)), np.squeeze(expected))


def test_data_url() -> None:
    image = ramp(1, 4, 4, 3)[0]
    head, body = data_url(image, 8).split(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(body) == png_bytes(image, 8)


def test_contact_sheet() -> None:
    images = ramp(5, 4, 6, 3)
    sheet = pixels(contact_sheet(images, columns=3, scale=2, gap=1))
    assert sheet.shape == (2 * 8 + 1, 3 * 12 + 2, 3)
    assert np.array_equal(sheet[9:17:2, 13:25:2], images[4])
    assert np.all(sheet[8] == sheet[8, 0])
    assert pixels(contact_sheet(images[:0], columns=3)).size > 0


def test_allowed_and_forbidden_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, shared, other = tmp_path / "home", tmp_path / "shared", tmp_path / "other"
    for folder in (home, shared, other):
        folder.mkdir()
        (folder / "set.zip").touch()
    (home / "link").symlink_to(other)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv(SOURCES_VARIABLE, f"{shared}:")
    assert allowed_source("~/set.zip") == home / "set.zip"
    assert allowed_source(shared / "set.zip") == shared / "set.zip"
    for path in (
        other / "set.zip",
        home / "link" / "set.zip",
        home / ".." / "other",
        "/etc/passwd",
    ):
        with pytest.raises(UserError, match="outside the folders"):
            allowed_source(path)
    for path in ("\0", "~nobody-of-that-name/x"):
        with pytest.raises(UserError):
            allowed_source(path)
    with pytest.raises(UserError, match="no file or folder"):
        allowed_source(home / "gone")
