"""Which items a grid offers, and in which order."""

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.random_order import fixed_order
from ssl_core.labels.store import LabelStore

Items = NDArray[np.int64]


def offered(dataset: Dataset, store: LabelStore, head: str | None = None) -> Items:
    """The items without an answer to a head, the main one for None: (n,), int64, shuffled.

    None of the test split, and none kept aside for the test figure: what is labelled by the score
    or the hundred was put together by a model, and the figure must not be.
    """
    order = fixed_order(dataset)
    free = ~dataset.held_out
    free[store.current(head).items] = False
    return order[free[order]]


def called(
    predicted: NDArray[np.integer],
    confidence: NDArray[np.floating],
    classes: set[int],
    items: Items,
    surest_first: bool = True,
) -> Items:
    """Those of `items` (n,) that a run calls one of `classes`, sorted by its confidence.

    predicted, confidence: (count,). classes: indices into those of the run, several where some
    were merged since.
    """
    found = items[np.isin(predicted[items], sorted(classes))]
    order = np.argsort(-confidence[found], kind="stable")
    return found[order if surest_first else order[::-1]]
