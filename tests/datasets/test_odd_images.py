"""Odd but valid image files are accepted, and come out right."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from source_files import Make, encoded, imported, plain_png, reasons, write_tree

from ssl_core.datasets import decode
from ssl_core.workspace import Workspace

SIZE = (8, 6)  # width, height


def cmyk_jpeg() -> bytes:
    return encoded(Image.new("CMYK", SIZE, (0, 255, 255, 0)), "JPEG", quality=95)


def sixteen_bit_png() -> bytes:
    return encoded(Image.fromarray(np.full((6, 8), 128 * 257, dtype=np.uint16)))


def sixteen_bit_tiff() -> bytes:
    return encoded(Image.fromarray(np.full((6, 8), 65535, dtype=np.uint16)), "TIFF")


def float_tiff() -> bytes:
    return encoded(Image.fromarray(np.full((6, 8), 0.5, dtype=np.float32)), "TIFF")


def palette_with_transparency() -> bytes:
    image = Image.new("P", SIZE, 0)
    image.putpalette([10, 20, 30] * 256)
    return encoded(image, "PNG", transparency=0)


def half_transparent_black() -> bytes:
    return encoded(Image.new("RGBA", SIZE, (0, 0, 0, 128)))


def grey_with_alpha() -> bytes:
    return encoded(Image.new("LA", SIZE, (0, 0)))


def one_bit() -> bytes:
    return encoded(Image.new("1", SIZE, 1))


def progressive_jpeg() -> bytes:
    return encoded(Image.new("RGB", SIZE, (200, 100, 50)), "JPEG", progressive=True, quality=95)


def grey_jpeg() -> bytes:
    return encoded(Image.new("L", SIZE, 77), "JPEG", quality=95)


def palette() -> bytes:
    return encoded(Image.new("RGB", SIZE, (200, 100, 50)).quantize(4))


ODD: list[tuple[Make, list[int]]] = [
    (cmyk_jpeg, [255, 0, 0]),
    (sixteen_bit_png, [128]),
    (sixteen_bit_tiff, [255]),
    (float_tiff, [128]),
    (palette_with_transparency, [255, 255, 255]),
    (half_transparent_black, [127, 127, 127]),
    (grey_with_alpha, [255]),
    (one_bit, [255]),
    (progressive_jpeg, [200, 100, 50]),
    (grey_jpeg, [77]),
    (palette, [200, 100, 50]),
    (lambda: encoded(Image.new("RGB", SIZE, (200, 100, 50)), "BMP"), [200, 100, 50]),
    (lambda: encoded(Image.new("L", SIZE, 9), "GIF"), [9, 9, 9]),
    (lambda: encoded(Image.new("RGB", SIZE, (1, 2, 3)), "WEBP", lossless=True), [1, 2, 3]),
    (lambda: encoded(Image.new("RGB", SIZE, (1, 2, 3)), "PPM"), [1, 2, 3]),
]


@pytest.mark.parametrize(("make", "expected"), ODD)
def test_comes_out_right(make: Make, expected: list[int]) -> None:
    content = make()
    height, width, grey = decode.probe(content)
    assert (height, width, grey) == (6, 8, len(expected) == 1)
    image = decode.decode(content, (height, width, len(expected)))
    assert np.abs(image.astype(int) - expected).max() <= 4


def test_all_are_imported(workspace: Workspace, tmp_path: Path) -> None:
    files = {f"{number}.JPG": make() for number, (make, _) in enumerate(ODD)}
    dataset = imported(workspace, write_tree(tmp_path / "source", files))
    assert dataset.manifest.shape == (6, 8, 3)
    assert dataset.manifest.count == len(ODD)
    assert dataset.manifest.skipped == ()


def test_exif_rotation_is_applied_once(workspace: Workspace, tmp_path: Path) -> None:
    image = Image.new("RGB", (8, 4))
    image.paste((255, 255, 255), (0, 0, 4, 4))  # the left half is white
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter: the left becomes the top
    content = encoded(image, "JPEG", exif=exif, quality=95)
    dataset = imported(workspace, write_tree(tmp_path / "source", {"a.jpg": content}))
    assert dataset.manifest.shape == (8, 4, 3)
    assert dataset.images[0, :4].mean() > 240
    assert dataset.images[0, 4:].mean() < 15


def test_grey_only_where_all_images_are(workspace: Workspace, tmp_path: Path) -> None:
    grey = write_tree(tmp_path / "grey", {"a.png": plain_png(5, mode="L")})
    mixed = write_tree(tmp_path / "mixed", {"a.png": plain_png(5, mode="L"), "b.png": plain_png()})
    assert imported(workspace, grey, "grey").manifest.shape == (8, 8, 1)
    dataset = imported(workspace, mixed, "mixed")
    assert dataset.manifest.shape == (8, 8, 3)
    assert dataset.images[0].max() == dataset.images[0].min() == 5


def test_different_sizes_fit_into_one_without_losing_content(
    workspace: Workspace, tmp_path: Path
) -> None:
    files = {
        "wide.png": plain_png(200, (40, 10), "L"),
        "tall.png": plain_png(200, (10, 40), "L"),
        "square.png": plain_png(200, (20, 20), "L"),
    }
    dataset = imported(workspace, write_tree(tmp_path / "source", files), size=20)
    square, tall, wide = dataset.images[..., 0]
    assert dataset.item_names == ["square.png", "tall.png", "wide.png"]
    assert np.all(square == 200)
    assert np.all(wide[7:12] > 190)
    assert np.all(wide[:7] == 0)
    assert np.all(wide[12:] == 0)
    assert np.all(tall[:, 7:12] > 190)
    assert np.all(tall[:, 12:] == 0)
    assert "20 × 20" in dataset.manifest.resize_rule
    assert dataset.manifest.original_sizes == {"10 × 40": 1, "20 × 20": 1, "40 × 10": 1}


def test_without_a_size_the_median_longer_side_is_taken(
    workspace: Workspace, tmp_path: Path
) -> None:
    files = {f"{side}.png": plain_png(9, (side, side)) for side in (6, 12, 30)}
    dataset = imported(workspace, write_tree(tmp_path / "source", files))
    assert dataset.manifest.shape == (12, 12, 3)


def test_extreme_shapes_are_accepted(workspace: Workspace, tmp_path: Path) -> None:
    sizes = [(1, 1), (1, 200), (512, 3), (3000, 1), (8, 8)]
    files = {f"{width}x{height}.png": plain_png(3, (width, height)) for width, height in sizes}
    dataset = imported(workspace, write_tree(tmp_path / "source", files), size=8)
    assert dataset.images.shape == (5, 8, 8, 3)
    assert reasons(dataset) == {}


def test_single_pixels_are_a_dataset(workspace: Workspace, tmp_path: Path) -> None:
    files = {f"{value}.png": plain_png(value, (1, 1)) for value in range(5)}
    dataset = imported(workspace, write_tree(tmp_path / "source", files))
    assert dataset.manifest.shape == (1, 1, 3)
    assert dataset.images[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4]


def test_a_48_megapixel_photograph_fits_the_limits(workspace: Workspace, tmp_path: Path) -> None:
    content = encoded(Image.new("RGB", (8000, 6000), (90, 120, 30)), "JPEG", quality=80)
    dataset = imported(workspace, write_tree(tmp_path / "source", {"photo.jpg": content}), size=64)
    assert dataset.images[0, 32, 32].tolist() == pytest.approx([90, 120, 30], abs=4)


def test_a_transparent_49_megapixel_png_fits_the_limits(
    workspace: Workspace, tmp_path: Path
) -> None:
    content = encoded(Image.new("RGBA", (7000, 7000), (90, 120, 30, 255)), compress_level=1)
    dataset = imported(workspace, write_tree(tmp_path / "source", {"big.png": content}), size=64)
    assert dataset.images[0, 32, 32].tolist() == pytest.approx([90, 120, 30], abs=4)
