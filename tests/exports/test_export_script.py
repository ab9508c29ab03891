"""The exported script feeds a model what the program does, and is short."""

import ast
import io
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ssl_core.datasets.decode import UnreadableError, decode
from ssl_core.exports import reading
from ssl_core.exports.contents import (
    FORMATS,
    PACKAGES,
    READING,
    ModelFormat,
    about_model,
    files_beside_the_model,
    readme,
    script,
)
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


TEXTS = ("GOOD, bad! isn't it? ÄH good", "", "one two three four five six seven eight")
VOCABULARY = ("", "[UNK]", "good", "bad", "isnt")


def read_by_archive(folder: Path, takes: NetworkInput, argument: str) -> NDArray[np.generic]:
    """What `reading.py` of an archive gives to the model, as a program of its own."""
    about = about_model(takes, (), (), VOCABULARY if takes.texts else ())
    for name, content in files_beside_the_model(about, "onnx").items():
        (folder / name).write_text(content, encoding="utf-8")
    specification = spec_from_file_location("reading_of_an_archive", folder / READING)
    assert specification is not None
    assert specification.loader is not None
    module = module_from_spec(specification)
    specification.loader.exec_module(module)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["predict.py", argument])
        found = module.item()
    assert isinstance(found, np.ndarray)
    return found


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", list(FILES))
def test_the_script_reads_an_image_as_an_import_does(
    tmp_path: Path, name: str, shape: tuple[int, int, int]
) -> None:
    path = tmp_path / "image"
    path.write_bytes(FILES[name])
    expected = decode(FILES[name], shape).astype(np.float32) / 255
    assert expected.std() > 0.02  # all white or all black would be equal too
    found = read_by_archive(tmp_path, NetworkInput(shape, False), str(path))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected[np.newaxis])


@pytest.mark.parametrize("values", [(-0.5, 1.0), (0.0, 70_000.0)])
def test_the_script_refuses_pixels_that_an_import_leaves_out(
    tmp_path: Path, values: tuple[float, float]
) -> None:
    shares = np.linspace(*values, HEIGHT * WIDTH, dtype=np.float32).reshape(HEIGHT, WIDTH)
    path = tmp_path / "image"
    path.write_bytes(written(Image.fromarray(shares), "TIFF"))
    said = "from {:g} to {:g}.*0 to 1, 0 to 255 or 0 to 65535".format(*values)
    with pytest.raises(UnreadableError, match=said):
        decode(path.read_bytes(), SHAPES[0])
    with pytest.raises(SystemExit, match=said):
        read_by_archive(tmp_path, NetworkInput(SHAPES[0], False), str(path))


@pytest.mark.parametrize("text", TEXTS)
def test_the_script_reads_a_text_as_the_training_did(tmp_path: Path, text: str) -> None:
    from ssl_core.training.texts import tokens_by_vocabulary

    expected = tokens_by_vocabulary([text], VOCABULARY, 6)
    found = read_by_archive(tmp_path, NetworkInput((6,), True), text)
    assert found.dtype == np.int32
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("texts", [False, True])
@pytest.mark.parametrize("means", [(), (1.0, 2.0)])
@pytest.mark.parametrize("form", FORMATS)
def test_the_script_has_at_most_ten_lines(
    form: ModelFormat, means: tuple[float, ...], texts: bool
) -> None:
    shape = (6,) if texts else (8, 8, 1)
    about = about_model(NetworkInput(shape, texts, means), (), tuple("ab"[: len(means)]), ())
    lines = script(about, form).splitlines()
    assert len(lines) <= 10
    assert max(map(len, lines)) <= 100
    assert ("reading.numbers()" in script(about, form)) == bool(means)
    assert "python predict.py " + ("TEXT" if texts else "IMAGE") in lines[0]
    needed = f"pip install numpy {'' if texts else 'pillow '}{PACKAGES[form]}\n"
    assert needed in readme(about, form)
    compile("\n".join(lines), "predict.py", "exec")


def test_the_reader_needs_nothing_of_handful() -> None:
    """Only the standard library, numpy and pillow: the packages that every README names."""
    tree = ast.parse(Path(reading.__file__).read_text(encoding="utf-8"))
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    tops = {name.partition(".")[0] for name in names}
    assert tops - sys.stdlib_module_names == {"numpy", "PIL"}
