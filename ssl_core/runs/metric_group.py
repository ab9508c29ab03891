"""One chart of the metrics of a run; `metrics.py` has the table of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ITEMS = "{items}"  # in a unit: what the dataset is made of, "images" or "texts"


@dataclass(frozen=True)
class MetricGroup:
    """One chart and its metrics: those named in `lines`, or else all that begin with `name/`."""

    name: str  # as guides.json calls it; of a chart with one metric: the metric
    title: str
    unit: str = ""  # "share" is drawn in per cent
    note: str = ""  # "{metric}" stands for its newest value
    lines: Mapping[str, str] = field(default_factory=dict)  # metric -> what the legend calls it
    bands: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # metric -> low and high
    range: tuple[float, float] | None = None  # of the axis, where it is always the same
    from_zero: bool = False
    is_loss: bool = False  # can be drawn on a logarithmic axis
    stacked: bool = False  # its lines are parts of 1
    apart: bool = False  # every regression head has a chart and a unit of its own
    unit_of_numbers: str = ""  # of regression heads, which then have a chart beside
    notes: Mapping[str, str] = field(default_factory=dict)  # metric -> what the note adds with it
    hidden_labels: tuple[str, ...] = ()  # metrics that need labels which the training never saw
    # A name is of the validation labels; with " training" behind it, of the rows trained on.
    of_validation: bool = False
    # A figure of an ended run: on the items of the test accuracy, or on the labels of the mapping.
    counted_on: Literal["test", "mapping", ""] = ""

    @property
    def is_share(self) -> bool:
        return self.unit.startswith("share")
