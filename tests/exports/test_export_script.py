"""The exported script feeds a model the pixels that the program does."""

import io
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ssl_core.datasets.decode import decode
from ssl_core.exports.contents import FORMATS, about_model, script
from ssl_core.runs.saved_model import NetworkInput

SHAPES = [(12, 12, 3), (9, 16, 1), (40, 30, 3)]  # smaller, of other proportions, larger
GENERATOR = np.random.default_rng(5)
HEIGHT, WIDTH = 24, 31


def noise(*shape: int) -> NDArray[np.uint8]:
    return GENERATOR.integers(0, 256, (HEIGHT, WIDTH, *shape), dtype=np.uint8)


def written(image: Image.Image, form: str = "PNG", **more: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **more)
    return stream.getvalue()


def turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


GREY_16 = GENERATOR.integers(0, 65536, (HEIGHT, WIDTH)).astype(np.uint16)
PALETTE = Image.fromarray(noise(3)).quantize(16)
FILES = {
    "colour with alpha": written(Image.fromarray(noise(4))),
    "grey with alpha": written(Image.fromarray(noise(2), "LA")),
    "palette with a transparent colour": written(PALETTE, transparency=3),
    "palette with alpha of each colour": written(PALETTE, transparency=bytes(range(0, 256, 16))),
    "grey of 16 bits": written(Image.fromarray(GREY_16)),
    "grey of 32 bits": written(Image.fromarray(GREY_16.astype(np.int32)), "TIFF"),
    "shares": written(Image.fromarray(GENERATOR.random((HEIGHT, WIDTH), np.float32)), "TIFF"),
    "grey with a transparent value": written(Image.fromarray(noise()), transparency=7),
    "black and white": written(Image.fromarray(noise() > 128)),
    "palette": written(PALETTE),
    "colour": written(Image.fromarray(noise(3))),
    "turned photograph": written(Image.fromarray(noise(3)), "JPEG", exif=turned()),
    "large photograph": written(Image.fromarray(noise(3)).resize((640, 400)), "JPEG"),
    "four inks": written(Image.fromarray(noise(3)).convert("CMYK"), "JPEG"),
}


def read_by_script(path: Path, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """What the script gives to the model: (1, height, width, channels), in [0, 1]."""
    lines = script(about_model(NetworkInput(shape, False), (), (), ()), FORMATS[0]).splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith("height, width"))
    last = next(place for place, line in enumerate(lines) if line.startswith("item = "))
    scope = {"about": {"shape": shape}, "np": np, "Image": Image, "ImageOps": ImageOps}
    scope["sys"] = SimpleNamespace(argv=["", str(path)])
    exec("\n".join(lines[first : last + 1]), scope)
    return np.asarray(scope["item"])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", list(FILES))
def test_the_script_reads_an_image_as_an_import_does(
    tmp_path: Path, name: str, shape: tuple[int, int, int]
) -> None:
    path = tmp_path / "image"
    path.write_bytes(FILES[name])
    expected = decode(FILES[name], shape).astype(np.float32) / 255
    assert expected.std() > 0.02  # all white or all black would be equal too
    np.testing.assert_array_equal(read_by_script(path, shape), expected[np.newaxis])
