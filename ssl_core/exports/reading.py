"""Reads a file as the training did, and tells what the model answered about it.

It goes into every archive beside `predict.py` and `about.json`, so it needs nothing of Handful.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from PIL.Image import Image

HERE = Path(__file__).resolve().parent
# What `keras.layers.TextVectorization` takes out of a text.
_MARKS = b"!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'"


def item() -> NDArray[Any]:
    """What the first argument of the command names, a batch of one, as the model takes it.

    An image file as (1, height, width, channels), float32 in [0, 1]; a text as (1, words), int32.
    """
    if len(sys.argv) != 2:
        raise SystemExit("Expected one argument: an image file, or a text in quotation marks.")
    about = _about()
    if about["kind"] == "texts":
        return text(sys.argv[1], about["vocabulary"], about["shape"][0])
    return image(sys.argv[1], *about["shape"])


def numbers() -> NDArray[np.float32]:
    """The numbers beside an item, (1, columns): the means of the training; put yours here."""
    return np.array([_about()["means"]], np.float32)


def told(answers: Mapping[str, ArrayLike]) -> Iterator[str]:
    """One line a question. answers: output of the model -> (1, classes) shares, or (1, 1)."""
    for entry in _about()["heads"]:
        head, found = entry["head"], np.asarray(answers[entry["output"]])[0]
        if head["classes"]:
            best = int(found.argmax())
            yield f"{head['title']}: {head['classes'][best]} {found[best]:.1%}"
        else:
            yield f"{head['title']}: {found[0]:.4g} {head['unit']}"


def image(path: str | Path, height: int, width: int, channels: int) -> NDArray[np.float32]:
    """An image file, (1, height, width, channels) in [0, 1].

    Turned as its EXIF says, scaled until it just fits, on black; transparency on white.
    """
    from PIL import Image, ImageOps

    opened = Image.open(path)
    opened.draft(None, (2 * width, 2 * height))  # a large photograph is read smaller
    turned = _eight_bit(ImageOps.exif_transpose(opened))
    alpha = "transparency" in turned.info or turned.mode[-1] in "Aa"
    grey = turned.mode in ("1", "L")
    fitted = _fitted(turned.convert("RGBA" if alpha else "L" if grey else "RGB"), width, height)
    if alpha:
        fitted = Image.alpha_composite(Image.new("RGBA", fitted.size, "white"), fitted)
    flat = fitted.convert("RGB" if channels == 3 else "L")
    values = np.asarray(flat, np.float32) / np.float32(255)
    return values.reshape(1, height, width, channels)


def text(written: str, vocabulary: list[str], length: int) -> NDArray[np.int32]:
    """The places of the first `length` words in the vocabulary, (1, length); 0 fills up."""
    place = {word.encode(): number for number, word in enumerate(vocabulary)}
    words = written.encode().translate(None, _MARKS).lower().split()[:length]
    known = [place.get(word, 1) for word in words]
    return np.array([known + [0] * (length - len(known))], np.int32)


def _about() -> Any:
    return json.loads((HERE / "about.json").read_text(encoding="utf-8"))


def _eight_bit(image: "Image") -> "Image":
    """The image with 8 bits a pixel; of floats and long numbers the likely largest is white."""
    from PIL import Image

    if image.mode[0] not in "IF":
        return image
    values = np.asarray(image).astype(np.float32)
    tops = (65535,) if image.mode.startswith("I;16") else (1, 255, 65535)
    low, high = values.min(), values.max()
    fitting = [top for top in tops if low >= 0 and high <= top]
    if not fitting:
        raise SystemExit(
            f"The pixel values of the image go from {low:g} to {high:g}. "
            "Expected 0 to 1, 0 to 255 or 0 to 65535."
        )
    return Image.fromarray(np.rint(values * (255 / fitting[0])).astype(np.uint8))


def _fitted(image: "Image", width: int, height: int) -> "Image":
    """The whole image, scaled until it just fits, in the middle of a black one."""
    from PIL import Image

    scale = min(width / image.width, height / image.height)
    inner = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    scaled = image.resize(inner, Image.Resampling.BICUBIC, reducing_gap=3.0)
    canvas = Image.new(image.mode, (width, height), "black")
    canvas.paste(scaled, ((width - inner[0]) // 2, (height - inner[1]) // 2))
    return canvas
