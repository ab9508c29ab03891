"""What a grid offers."""

import uuid
from collections.abc import Callable

import numpy as np

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.labels.events import LabelEvent
from ssl_core.labels.grid import called, offered
from ssl_core.labels.store import open_labels

MakeDataset = Callable[..., Dataset]


def label(item: int, value: int = 1) -> LabelEvent:
    return LabelEvent(event=uuid.uuid4().hex, kind="label", person="me", item=item, value=value)


def test_what_is_labelled_or_of_the_test_split_is_not_offered(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(count=60, test=12)
    store = open_labels(dataset)
    before = offered(dataset, store)
    assert sorted(before.tolist()) == np.flatnonzero(dataset.splits != TEST).tolist()
    assert before.tolist() != sorted(before.tolist())  # shuffled
    taken = before[:3].tolist()
    store.append([label(item) for item in taken])
    assert offered(dataset, store).tolist() == before[3:].tolist()


def test_what_is_kept_for_the_test_figure_is_not_offered(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(count=60, test=0)
    assert dataset.held_out.any()
    found = offered(dataset, open_labels(dataset))
    assert sorted(found.tolist()) == np.flatnonzero(~dataset.held_out).tolist()


def test_a_run_puts_what_it_calls_a_class_in_order() -> None:
    predicted = np.array([0, 1, 1, 2, 1, -1], np.int32)
    confidence = np.array([0.9, 0.2, 0.8, 0.9, 0.5, 0.0], np.float32)
    items = np.array([5, 4, 3, 2, 1])
    assert called(predicted, confidence, {1}, items).tolist() == [2, 4, 1]
    assert called(predicted, confidence, {1}, items, surest_first=False).tolist() == [1, 4, 2]
    assert called(predicted, confidence, {1, 2}, items).tolist() == [3, 2, 4, 1]
    assert called(predicted, confidence, set(), items).tolist() == []
