"""What goes into the archive of a model beside the model itself."""

from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from ssl_core.datasets.dataset import Kind
from ssl_core.exports import reading
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
READING, README = "reading.py", "README.md"
PACKAGES: dict[ModelFormat, str] = {
    "keras": "keras tensorflow",
    "savedmodel": "tensorflow",
    "onnx": "onnxruntime",
}


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
    given = "reading.item()"
    if about.columns:
        given = "[reading.item(), reading.numbers()]"
    lines = [
        f'"""Usage: {_usage(about)}"""',
        f"import {_FRAMEWORKS[form]}",
        "import reading",
        "",
        *_asking(given, form),
        'print(*reading.told(answers), sep="\\n")',
    ]
    return "\n".join(lines) + "\n"


def readme(about: About, form: ModelFormat) -> str:
    """`README.md`: what lies in the archive, and how it is run."""
    texts = about.kind == "texts"
    packages = f"numpy {'' if texts else 'pillow '}{PACKAGES[form]}"
    lines = [
        f"# {FORMAT_TITLES[form]} model made with Handful",
        "",
        "Python 3.11 or newer, in this folder:",
        "",
        f"    pip install {packages}",
        f"    {_usage(about)}",
        "",
        f"- `{MODEL_NAMES[form]}`: the model.",
        f"- `{SCRIPT}`: loads it and asks it about one {'text' if texts else 'image'}.",
        f"- `{READING}`: reads {'a text' if texts else 'an image'} as the training did, and says "
        "the answers in words.",
        f"- `{ABOUT}`: what the model takes, and what its outputs mean.",
        f"- `{CARD}`: what it learned from, how good it is, what it is not for.",
    ]
    return "\n".join(lines) + "\n"


def files_beside_the_model(about: About, form: ModelFormat) -> dict[str, str]:
    """What goes into the archive with the model but for its card: name -> content."""
    return {
        ABOUT: about.model_dump_json(indent=1),
        SCRIPT: script(about, form),
        READING: Path(reading.__file__).read_text(encoding="utf-8"),
        README: readme(about, form),
    }


_FRAMEWORKS: dict[ModelFormat, str] = {
    "keras": "keras",
    "savedmodel": "tensorflow as tf",
    "onnx": "onnxruntime",
}


def _usage(about: About) -> str:
    return f"python {SCRIPT} {'TEXT' if about.kind == 'texts' else 'IMAGE'}"


def _asking(given: str, form: ModelFormat) -> list[str]:
    """Load the model and bring its answers to a dictionary by the name of the output.

    given: what it is asked with, as Python.
    """
    model = f'reading.HERE / "{MODEL_NAMES[form]}"'
    every = given if given.startswith("[") else f"[{given}]"
    asking: dict[ModelFormat, list[str]] = {
        "keras": [
            f"model = keras.models.load_model({model}, compile=False)",
            f"answers = model.predict({given}, verbose=0)",
        ],
        "savedmodel": [
            f"model = tf.saved_model.load(str({model}))",
            f"answers = model.serve({given})",
        ],
        "onnx": [
            f"model = onnxruntime.InferenceSession({model})",
            f"given = zip([one.name for one in model.get_inputs()], {every})",
            "names = [one.name for one in model.get_outputs()]",
            "answers = dict(zip(names, model.run(names, dict(given))))",
        ],
    }
    return asking[form]


def archive_name(run: str, form: ModelFormat) -> str:
    """What the archive is called where a person saves it."""
    return f"{run}-{form}.zip"


def archive_path(folder: Path) -> Path:
    """Where a finished export lies in its job."""
    return folder / "model.zip"
