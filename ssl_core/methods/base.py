"""What a method says about itself, readable without the training framework."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from ssl_core.heads import HeadKind
from ssl_core.methods.alarms import Alarm

Backbone = Literal["vgg-small", "vgg-f", "wrn-28-2"]


def about(
    help: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    unit: str = "",
    source: str = "",
    advanced: bool = False,
) -> FieldInfo:
    """What `Annotated` says of one field of a configuration: inclusive range, unit, help, source.

    `source` names the paper or study that the default comes from. `advanced` fields are folded
    away in the form. The train form, validation, the command line and the docs all read this.
    """
    field: FieldInfo = Field(
        ge=minimum,
        le=maximum,
        description=help,
        json_schema_extra={
            "unit": unit,
            "source": source,
            "advanced": advanced,
            "minimum": minimum,
            "maximum": maximum,
        },
    )
    return field


def about_learning_rate(source: str = "") -> FieldInfo:
    """What every method says of its learning rate; `source` names where its default comes from."""
    return about(
        "Peak rate of Adam; it falls along a cosine to zero at the last step.",
        minimum=1e-6,
        maximum=1.0,
        unit="per step",
        source=source,
    )


class Hyperparameters(BaseModel):
    """What all methods share, so that a comparison differs in the method alone.

    Oliver et al. 2018 (arXiv:1804.09170): same optimizer, schedule and weight averaging for every
    method.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    batch_size: Annotated[
        int,
        about(
            "Labelled items in a step.",
            minimum=2,
            maximum=4096,
            unit="items",
            source="FixMatch, section 4",
        ),
    ] = 64
    learning_rate: Annotated[float, about_learning_rate()] = 1e-3
    adam_beta1: Annotated[
        float,
        about(
            "Memory of Adam's mean gradient.",
            minimum=0.0,
            maximum=0.999,
            unit="per step",
            source="Kingma and Ba 2015, algorithm 1",
            advanced=True,
        ),
    ] = 0.9
    weight_decay: Annotated[
        float,
        about(
            "Decoupled decay of convolution and dense kernels.",
            minimum=0.0,
            maximum=0.1,
            unit="per step and unit of rate",
            source="FixMatch, section 4",
            advanced=True,
        ),
    ] = 5e-4
    ema_momentum: Annotated[
        float,
        about(
            "The weights that are evaluated and saved are a moving average with this memory. "
            "0 turns averaging off.",
            minimum=0.0,
            maximum=0.99999,
            unit="per step",
            advanced=True,
        ),
    ] = 0.99
    validation_share: Annotated[
        float,
        about(
            "Labels kept from training to watch progress, drawn at random within each class. "
            "A realistic share: not larger than what is trained on.",
            minimum=0.0,
            maximum=0.5,
            unit="share of the labels",
            source="Oliver et al. 2018, section 4.6",
        ),
    ] = 0.1

    @property
    def setting_for_labels(self) -> str:
        """The name of the setting that makes a method without need of labels train on some."""
        return ""


class ImageHyperparameters(Hyperparameters):
    """What all methods on images share beside: the same backbone and weak augmentation."""

    backbone: Annotated[
        Backbone,
        about(
            "The network up to the features. vgg-small (widths 32-64-128-128) suits a CPU; "
            "vgg-f (64-128-256-512) and wrn-28-2 want a GPU."
        ),
    ] = "vgg-small"
    augment_shift: Annotated[
        float,
        about(
            "Random shift in height and width, edges reflected.",
            minimum=0.0,
            maximum=0.5,
            unit="share of the side",
            source="FixMatch, section 4",
        ),
    ] = 0.125
    augment_mirror: Annotated[
        bool,
        about("Mirror images left to right at random. Leave off for digits and text."),
    ] = False


class TextHyperparameters(Hyperparameters):
    """What all methods on texts share beside: how a text becomes numbers."""

    vocabulary_size: Annotated[
        int,
        about(
            "How many different words are told apart: the most frequent ones of the texts outside "
            "the test split. All others are read as one unknown word.",
            minimum=10,
            maximum=200_000,
            unit="words",
        ),
    ] = 10_000
    length: Annotated[
        int,
        about(
            "Words that are read of each text. Longer texts are cut, shorter ones filled up.",
            minimum=4,
            maximum=5_000,
            unit="words",
        ),
    ] = 100


@dataclass(frozen=True)
class Paper:
    """Where a method comes from."""

    title: str
    authors: str
    year: int
    link: str
    where: str  # section and equation that the code follows


@dataclass(frozen=True)
class Needs:
    """What a run of the method cannot do without. The train page checks it before a start."""

    labels: bool
    unlabelled: bool
    minimum_classes: int = 2
    item: Literal["image", "text", "any"] = "image"
    heads: tuple[int, int] = (1, 1)  # fewest and most that one run is trained on
    class_heads: bool = False  # whether the heads after the first must have classes too
    counts: str = ""  # what a step is made of, "pairs", where that is not items of the dataset

    @property
    def uses_items(self) -> bool:
        """Whether a run looks at the items of its dataset or at their labels at all."""
        return self.labels or self.unlabelled

    @property
    def named_afterwards(self) -> bool:
        """Whether answers get the names of classes by labels, after steps without any."""
        return self.unlabelled and not self.labels


@dataclass(frozen=True)
class HeadTask:
    """One head as a model has to answer it."""

    name: str
    kind: HeadKind
    classes: int = 0  # 0 for a regression head
    mean: float = 0.0  # of the labels of a regression head that are trained on, in its unit
    deviation: float = 1.0


@dataclass(frozen=True)
class Column:
    """One column of numbers beside each item, with its statistics over what is trained on."""

    name: str
    mean: float
    deviation: float


@dataclass(frozen=True)
class Task:
    """What a model is built for, known before any training.

    item_shape: height, width, channels in pixels, or (length,) in tokens.
    heads: the first is the main one; empty where nobody has named a class.
    """

    item_shape: tuple[int, ...]
    heads: tuple[HeadTask, ...]
    columns: tuple[Column, ...] = ()
    vocabulary: int = 0  # tokens, 0 for images
    count: int = 0  # items of the dataset

    @property
    def classes(self) -> int:
        """Classes of the main head; 0 where nobody has named one."""
        return self.heads[0].classes if self.heads else 0


@dataclass(frozen=True)
class MethodSpec:
    """A method as pages and the command line know it. `name` is the name of its folder."""

    name: str
    title: str
    summary: str  # one sentence
    description: str  # Markdown: what it is, when it helps, how it fails
    architecture: str  # Markdown: trunk, heads, loss
    paper: Paper
    needs: Needs
    configuration: type[Hyperparameters]
    alarms: tuple[Alarm, ...] = ()


@dataclass(frozen=True)
class HyperparameterInfo:
    """One hyperparameter, ready to be shown as a widget or printed."""

    name: str
    kind: Literal["bool", "int", "float", "choice", "text"]
    default: bool | int | float | str
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    unit: str
    help: str
    source: str
    advanced: bool
