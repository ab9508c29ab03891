"""One image file -> pixels. Runs only inside the limited child process (`child.py`)."""

import io
import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from ssl_core.datasets.limits import PIXEL_LIMIT

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "PPM", "AVIF")
FORMAT_NAMES = "JPEG, PNG, BMP, GIF, WebP, TIFF, PNM or AVIF"
WHITE = 255
_GREY_MODES = ("1", "L", "LA", "La", "I", "F")
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"II*\0", b"MM\0*")
_ORIENTATION = 0x0112
_TURNED = (5, 6, 7, 8)  # EXIF orientations that exchange width and height

Image.MAX_IMAGE_PIXELS = None  # our own limit is checked in _open, before anything is loaded


class UnreadableError(Exception):
    """This file cannot be read; the text is the reason, for a person."""


def probe(content: bytes) -> tuple[int, int, bool]:
    """Height and width in pixels after EXIF rotation, and whether the image is grey.

    Reads the header only. Raises UnreadableError.
    """
    try:
        with _open(content) as image:
            width, height = image.size
            carries_exif = image.format != "PNG" or "exif" in image.info
            if carries_exif and image.getexif().get(_ORIENTATION) in _TURNED:
                width, height = height, width
            return height, width, _is_grey(image)
    except UnreadableError:
        raise
    except Exception as error:
        raise UnreadableError(_reason(error)) from error


def decode(content: bytes, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """The image brought to `shape` (height, width, channels): uint8 in 0..255.

    Rotated as its EXIF says, 16-bit values scaled to 8, transparency put on white, scaled with
    its proportions until it just fits and centred on black. Raises UnreadableError.
    """
    try:
        with _open(content) as image:
            height, width, channels = shape
            if image.format in ("JPEG", "MPO"):
                # The JPEG decoder can shrink while it decodes; twice the size keeps the quality.
                image.draft(None, (2 * width, 2 * height))
            image.load()
            turned = ImageOps.exif_transpose(image)
            fitted = fit(_eight_bit(turned), (height, width))
            flat = _on_white(fitted).convert("L" if channels == 1 else "RGB")
            return np.asarray(flat, dtype=np.uint8).reshape(shape)
    except UnreadableError:
        raise
    except Exception as error:
        raise UnreadableError(_reason(error)) from error


def preview(content: bytes, side: int) -> NDArray[np.uint8]:
    """The image, at most `side` pixels wide and high: (h, w, 1 or 3). Raises UnreadableError."""
    height, width, grey = probe(content)
    scale = min(1.0, side / max(height, width))
    size = max(1, round(height * scale)), max(1, round(width * scale))
    return decode(content, (*size, 1 if grey else 3))


def fit(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The whole image, scaled until it just fits into `size` (height, width), on black."""
    height, width = size
    if image.size == (width, height):
        return image
    scale = min(width / image.width, height / image.height)
    inner = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    scaled = image.resize(inner, Image.Resampling.BICUBIC, reducing_gap=3.0)
    if inner == (width, height):
        return scaled
    opaque_black = tuple(WHITE if band == "A" else 0 for band in scaled.getbands())
    canvas = Image.new(scaled.mode, (width, height), opaque_black)
    canvas.paste(scaled, ((width - inner[0]) // 2, (height - inner[1]) // 2))
    return canvas


def _open(content: bytes) -> Image.Image:
    if not content:
        raise UnreadableError("the file is empty (0 bytes)")
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError:
        if content.startswith(_SIGNATURES):
            raise UnreadableError("the image is cut off or damaged") from None
        raise
    if image.width * image.height > PIXEL_LIMIT:
        raise UnreadableError(
            f"it declares {image.width} x {image.height} pixels; at most "
            f"{PIXEL_LIMIT // 1_000_000} million are read. Save it smaller"
        )
    if image.width < 1 or image.height < 1:
        raise UnreadableError("it declares an image without pixels")
    return image


def _is_grey(image: Image.Image) -> bool:
    return image.mode in _GREY_MODES or image.mode.startswith("I;16")


def _eight_bit(image: Image.Image) -> Image.Image:
    """The image in mode L, LA, RGB or RGBA."""
    if image.mode.startswith("I;16"):
        return Image.fromarray(_scaled_down(np.asarray(image).astype(np.float32), 65535.0))
    if image.mode in ("I", "F"):
        return Image.fromarray(_unknown_range(np.asarray(image).astype(np.float32)))
    if "transparency" in image.info and image.mode in ("1", "L", "P", "RGB"):
        return image.convert("LA" if image.mode in ("1", "L") else "RGBA")
    if image.mode in ("L", "LA", "RGB", "RGBA"):
        return image
    if image.mode in ("La", "RGBa", "PA"):
        return image.convert("LA" if image.mode == "La" else "RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


def _unknown_range(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    low, high = float(values.min()), float(values.max())
    for top in (1.0, 255.0, 65535.0):
        if low >= 0.0 and high <= top:
            return _scaled_down(values, top)
    raise UnreadableError(
        f"its pixel values go from {low:g} to {high:g}; expected 0 to 1, 0 to 255 or 0 to 65535"
    )


def _scaled_down(values: NDArray[np.float32], top: float) -> NDArray[np.uint8]:
    values *= 255.0 / top
    return np.rint(values, out=values).astype(np.uint8)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode not in ("LA", "RGBA"):
        return image
    solid = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", solid.size, (WHITE,) * 4), solid)


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return f"it is not an image that is read here ({FORMAT_NAMES}), whatever its name says"
    if isinstance(error, MemoryError):
        return "reading it takes more than 1 GB of memory"
    known = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error)
    detail = f" ({str(error)[:120]})" if isinstance(error, known) and str(error) else ""
    return f"the image is cut off or damaged{detail}"
