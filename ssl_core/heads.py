"""A head: one question that is asked of every item."""

import re
import unicodedata
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

HeadKind = Literal["categorical", "binary", "regression"]
CLASS_HEAD = "class"
LONGEST_NAME = 40
HEAD_NAME = r"[a-z][a-z0-9_]{0,39}"
# What the losses, figures and arrays of a run are called that belong to no head.
_OF_TRAINING = ("auxiliary", "classification", "loss", "numeric", "rows", "total", "train")
_OF_FIGURES = (
    "accuracy",
    "clusters",
    "probabilities",
    "validation",
    "validation_high",
    "validation_low",
)
RESERVED_NAMES = frozenset((*_OF_TRAINING, *_OF_FIGURES))


class Head(BaseModel):
    """One question. `name` is part of file names and of array names, and never changes."""

    model_config = ConfigDict(frozen=True)
    name: Annotated[str, Field(pattern=f"^{HEAD_NAME}$")]
    title: str
    kind: HeadKind = "categorical"
    unit: str = ""  # of the answers of a regression head, for example "years"
    classes: tuple[str, ...] = ()  # that came with the data; of a binary head: negative, positive

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "Head":
        if self.name in RESERVED_NAMES:
            raise ValueError(f"a head cannot be called {self.name!r}: runs call something else so")
        if self.kind == "binary" and len(self.classes) not in (0, 2):
            raise ValueError(
                f"a binary head has two classes, {self.name!r} has {len(self.classes)}"
            )
        if self.kind == "regression" and self.classes:
            raise ValueError(f"the regression head {self.name!r} has classes")
        return self


def plain_name(title: str) -> str:
    """What can be kept of a title in a name of files, arrays and metrics: a-z, 0-9 and _.

    At most 40 characters, maybe none.
    """
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:LONGEST_NAME].strip("_")


def class_head(classes: tuple[str, ...]) -> Head:
    """The one head of an image set that has no other."""
    return Head(name=CLASS_HEAD, title="Class", classes=classes)
