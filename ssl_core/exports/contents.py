"""What goes into the archive of a model beside the model itself."""

from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from ssl_core.datasets.dataset import Kind
from ssl_core.predictions.request import CLUSTERS, PredictedHead
from ssl_core.runs.saved_model import NetworkInput

ModelFormat = Literal["keras", "savedmodel", "onnx"]
FORMATS: tuple[ModelFormat, ...] = get_args(ModelFormat)
FORMAT_TITLES: dict[ModelFormat, str] = {
    "keras": "Keras (.keras)",
    "savedmodel": "TensorFlow SavedModel",
    "onnx": "ONNX",
}
MODEL_NAMES: dict[ModelFormat, str] = {
    "keras": "model.keras",
    "savedmodel": "model",
    "onnx": "model.onnx",
}
ABOUT, CARD, SCRIPT = "about.json", "model_card.md", "predict.py"
PACKAGES: dict[ModelFormat, str] = {
    "keras": "keras tensorflow",
    "savedmodel": "tensorflow",
    "onnx": "onnxruntime",
}
# What `keras.layers.TextVectorization` takes out of a text.
_MARKS = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'"


class AnsweredHead(BaseModel):
    """One question with the output of the model that answers it."""

    model_config = ConfigDict(frozen=True)
    output: str
    head: PredictedHead


class About(BaseModel):
    """`about.json`: what a program has to know to ask the model and to read its answers."""

    model_config = ConfigDict(frozen=True)
    kind: Kind
    shape: tuple[int, ...]  # height, width, channels in pixels, or (length,) in words
    columns: tuple[str, ...]  # numbers beside an item
    means: tuple[float, ...]  # of them, to be used where one is not known
    heads: tuple[AnsweredHead, ...]
    vocabulary: tuple[str, ...] = ()  # of a model that reads texts: token k at place k


def about_model(
    takes: NetworkInput,
    heads: tuple[PredictedHead, ...],
    columns: tuple[str, ...],
    vocabulary: tuple[str, ...],
) -> About:
    """columns: their names, as many as the model has means of."""
    outputs = [head.name for head in heads]
    if outputs and outputs[0] != CLUSTERS:
        outputs[0] = "probabilities"  # of the main head
    return About(
        kind="texts" if takes.texts else "images",
        shape=takes.shape,
        columns=columns,
        means=takes.means,
        heads=tuple(
            AnsweredHead(output=output, head=head)
            for output, head in zip(outputs, heads, strict=True)
        ),
        vocabulary=vocabulary,
    )


def script(about: About, form: ModelFormat) -> str:
    """`predict.py`: runs the model on one image file, or one text, that its argument names."""
    texts = about.kind == "texts"
    packages = f"numpy {'' if texts else 'pillow '}{PACKAGES[form]}"
    lines = [
        f'"""python {SCRIPT} {"TEXT" if texts else "IMAGE"}   (pip install {packages})"""',
        "import json, pathlib, sys",
        "import numpy as np",
        f"import {_FRAMEWORKS[form]}",
        *([] if texts else ["from PIL import Image, ImageOps"]),
        "",
        "here = pathlib.Path(__file__).parent",
        f'about = json.loads((here / "{ABOUT}").read_text(encoding="utf-8"))',
        *(_TEXT_LINES if texts else _IMAGE_LINES),
        *_asking(bool(about.columns), form),
        'for entry in about["heads"]:',
        '    head, found = entry["head"], np.asarray(answers[entry["output"]])[0]',
        '    sure = f"{found.max():.1%}" if head["classes"] else head["unit"]',
        '    answer = head["classes"][found.argmax()] if head["classes"] else f"{found[0]:.4g}"',
        "    print(f\"{head['title']}: {answer} {sure}\")",
    ]
    return "\n".join(lines) + "\n"


_FRAMEWORKS: dict[ModelFormat, str] = {
    "keras": "keras",
    "savedmodel": "tensorflow as tf",
    "onnx": "onnxruntime",
}
# The same pixels as `ssl_core.datasets.decode.decode`.
_IMAGE_LINES = (
    'height, width, channels = about["shape"]',
    "image = Image.open(sys.argv[1])",
    "image.draft(None, (2 * width, 2 * height))",
    "image = ImageOps.exif_transpose(image)",
    'if image.mode[0] in "IF":  # more than 8 bits a pixel',
    "    values = np.asarray(image).astype(np.float32)",
    '    tops = (65535,) if image.mode.startswith("I;16") else (1, 255, 65535)',
    "    values *= 255 / next(top for top in tops if values.max() <= top)",
    "    image = Image.fromarray(np.rint(values).astype(np.uint8))",
    'alpha = "transparency" in image.info or image.mode[-1] in "Aa"',
    'image = image.convert("RGBA" if alpha else "L" if image.mode in ("1", "L") else "RGB")',
    "scale = min(width / image.width, height / image.height)",
    "inner = [max(1, round(side * scale)) for side in image.size]",
    "scaled = image.resize(inner, Image.Resampling.BICUBIC, reducing_gap=3.0)",
    'image = Image.new(image.mode, (width, height), "black")',
    "image.paste(scaled, ((width - inner[0]) // 2, (height - inner[1]) // 2))",
    "if alpha:",
    '    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)',
    'image = np.asarray(image.convert("RGB" if channels == 3 else "L"), np.float32) / 255',
    "item = image.reshape(1, height, width, channels)",
)
_TEXT_LINES = (
    'place = {word.encode(): number for number, word in enumerate(about["vocabulary"])}',
    f"plain = sys.argv[1].encode().translate(None, {_MARKS.encode()!r}).lower()",
    'words = [place.get(word, 1) for word in plain.split()][: about["shape"][0]]',
    'item = np.array([words + [0] * (about["shape"][0] - len(words))], np.int32)',
)


def _asking(numbers: bool, form: ModelFormat) -> list[str]:
    """Load the model and bring its answers to a dictionary by the name of the output."""
    model = f'"{MODEL_NAMES[form]}"'
    every = "[item, numeric]" if numbers else "[item]"
    given = every if numbers else "item"
    known = 'numeric = np.array([about["means"]], np.float32)  # your numbers, if you know them'
    asking: dict[ModelFormat, list[str]] = {
        "keras": [
            f"model = keras.models.load_model(here / {model}, compile=False)",
            f"answers = model.predict({given}, verbose=0)",
        ],
        "savedmodel": [
            f"model = tf.saved_model.load(str(here / {model}))",
            f"answers = model.serve({given})",
        ],
        "onnx": [
            f"model = onnxruntime.InferenceSession(here / {model})",
            f"given = zip([one.name for one in model.get_inputs()], {every})",
            "names = [one.name for one in model.get_outputs()]",
            "answers = dict(zip(names, model.run(names, dict(given))))",
        ],
    }
    return [*([known] if numbers else []), *asking[form]]


def archive_name(run: str, form: ModelFormat) -> str:
    """What the archive is called where a person saves it."""
    return f"{run}-{form}.zip"


def archive_path(folder: Path) -> Path:
    """Where a finished export lies in its job."""
    return folder / "model.zip"
