"""What a finished run is measured with. Read after training, and never before."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import TEST, TRAIN, Dataset
from ssl_core.errors import UserError
from ssl_core.labels.reference import reference_indices, reference_values
from ssl_core.labels.store import open_labels
from ssl_core.runs.request import RunRequest, TrainedHead
from ssl_core.stats import auroc
from ssl_core.training.data import (
    NO_ITEMS,
    LabelledItems,
    TrainingData,
    as_network_input,
    evenly,
)
from ssl_core.training.probe import Known

FROM_TEST_SPLIT = "reference labels of the test split"
FROM_HELD_OUT = "held-out hand labels"
MAPPED_BY_HAND = "hand labels"
MAPPED_BY_REFERENCE = "reference labels of the training split"
NOTHING_TO_MAP = (Known(np.empty(0, np.float32), np.empty(0, np.int32)), "")
MAPPING_ITEMS = 20_000
MAPPING_BYTES = 2**28
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Truth:
    """Items with answers that the training did not see."""

    head: str  # the main one
    classes: int  # of it
    test: LabelledItems
    source: str  # where the answers of `test` come from
    others: Mapping[str, LabelledItems] = field(default_factory=dict)  # heads after the first


def figure_truth(dataset: Dataset, request: RunRequest, data: TrainingData) -> Truth:
    """The items of the test figures: the test split where there is one, else held-out labels."""
    main, classes = request.all_heads[0].name, len(request.classes)
    tested = np.asarray(dataset.splits) == TEST
    if not np.any(tested):
        others = {name: one.held_out for name, one in data.others.items()}
        return Truth(main, classes, data.held_out, FROM_HELD_OUT, others)
    try:
        test = _answered(tested, _reference(dataset, request))
        heads = request.all_heads[1:]
        others = {head.name: _answered(tested, _answers_of(dataset, head)) for head in heads}
    except UserError as error:
        log.warning("There is no test figure: %s", error)
        return Truth(main, classes, NO_ITEMS, "")
    return Truth(main, classes, test, FROM_TEST_SPLIT, others)


def hidden_labels(dataset: Dataset, request: RunRequest) -> NDArray[np.int32]:
    """(count,), int32: reference labels outside the test split, -1 where there is none.

    For diagnostics that are marked as using them, and for the mapping where no label was given.
    """
    try:
        known = _reference(dataset, request)
    except UserError:
        return np.full(dataset.manifest.count, -1, np.int32)
    return np.where(np.asarray(dataset.splits) == TEST, -1, known).astype(np.int32)


def mapping_labels(dataset: Dataset, request: RunRequest, data: TrainingData) -> tuple[Known, str]:
    """What clusters are mapped to classes with, and where it comes from.

    The labels that people gave where there are any; else reference labels of the training split,
    but for validation and held-out items, at most 20,000 and 256 MiB of them.
    """
    items, values, source = np.flatnonzero(data.labels >= 0), data.labels, MAPPED_BY_HAND
    if len(items) == 0:
        values, source = hidden_labels(dataset, request), MAPPED_BY_REFERENCE
        items = data.pool[(values >= 0)[data.pool]]
        items = items[np.asarray(dataset.splits)[items] == TRAIN]
    if len(items) == 0:
        source = ""
    row = 4 * math.prod(data.inputs.shape[1:])
    most = max(1, min(MAPPING_ITEMS, MAPPING_BYTES // row))
    items = evenly(items, most)
    return Known(as_network_input(data.inputs[items]), values[items]), source


def _reference(dataset: Dataset, request: RunRequest) -> NDArray[np.int32]:
    """(count,), int32: reference labels of the main head, as indices into `request.classes`."""
    main = request.all_heads[0]
    return reference_indices(dataset, open_labels(dataset), main.classes, main.name)


def _answers_of(dataset: Dataset, head: TrainedHead) -> NDArray:
    """(count,): reference answers of a head; int32 with -1, or float64 with NaN."""
    return reference_values(dataset, open_labels(dataset), head)


def _answered(chosen: NDArray[np.bool_], answers: NDArray) -> LabelledItems:
    known = np.isfinite(answers) if answers.dtype.kind == "f" else answers >= 0
    items = np.flatnonzero(chosen & known).astype(np.int64)
    return LabelledItems(items, answers[items])


def figures_of_heads(
    answers: Mapping[str, NDArray], heads: Sequence[str], truth: Mapping[str, LabelledItems]
) -> dict[str, float]:
    """`accuracy/<head>`, `auroc/<head>` of binary heads, `mae/<head>` in the unit of the head.

    answers: what the network said of every item, by head: (count, classes) or (count, 1).
    """
    figures = {}
    for name in heads:
        known = truth.get(name, NO_ITEMS)
        if name not in answers or len(known) == 0:
            continue
        found = answers[name][known.items]
        if found.shape[1] == 1:
            figures[f"mae/{name}"] = float(np.abs(found[:, 0] - known.values).mean())
            continue
        figures[f"accuracy/{name}"] = float((found.argmax(axis=1) == known.values).mean())
        figures |= area_figure(name, found, known.values)
    return figures


def area_figure(head: str, answers: NDArray, labels: NDArray) -> dict[str, float]:
    """`auroc/<head>` of a head with two classes, where there are labels of both.

    answers: (n, classes), probabilities. labels: (n,), index of a class.
    """
    area = auroc(answers[:, 1], labels == 1) if answers.shape[1] == 2 else None
    return {} if area is None else {f"auroc/{head}": area}
