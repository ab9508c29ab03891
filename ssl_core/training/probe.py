"""What a method is shown when it is looked at, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ssl_core.runs.request import TrainedHead
from ssl_core.training.panels import Panel


@dataclass(frozen=True)
class Known:
    """Items with labels of the main head.

    items: (n, ...), as a network takes them. labels: (n,), int32, index of a class.
    """

    items: NDArray
    labels: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Answered:
    """Items with a label of at least one head, those with labels of most heads first.

    items: (n, ...), as a network takes them. labels: name of the head -> (n,), int with -1, or
    float with NaN, where an item has none.
    """

    items: NDArray
    labels: Mapping[str, NDArray]


@dataclass(frozen=True)
class Probe:
    """The same items at every look of a run, as a network takes them.

    few: at most 16 items of the pool, to be shown. sample: at most 512 of the pool, to be counted;
    in mixed order as all samples here, so that their first items are a sample too.
    labels: (sample,), int32, the labels of `sample` that are trained on, -1 where there is none.
    reference: (sample,), int32, hidden labels, -1 where unknown. What is drawn from them is marked
    `uses_reference_labels`; nothing that trains, chooses or stops may read them.
    """

    few: NDArray
    sample: NDArray
    labels: NDArray[np.int32]
    reference: NDArray[np.int32]
    labelled: Known  # at most 512 of the items that are trained on with their labels
    validation: Known  # at most 512
    classes: tuple[str, ...]  # names
    heads: tuple[TrainedHead, ...]  # the main one first
    answered: Answered | None = None  # at most 512 validation items, where there are several heads


@dataclass(frozen=True)
class Seen:
    """Figures under published names, and pictures.

    embedded: what `embed` says of the sample, where the look asked for it: the map of the features
    is drawn from it, so that the sample passes the network once.
    """

    figures: dict[str, float] = field(default_factory=dict)
    panels: tuple[Panel, ...] = ()
    embedded: tuple[NDArray, NDArray] | None = field(default=None, compare=False)
