"""When people who differ are taken to have settled an item."""

from collections.abc import Callable

import pytest

from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.store import LabelStore, open_labels
from ssl_core.labels.unsettled import unsettled
from tests.labels.label_events import answers, label

MakeDataset = Callable[..., Dataset]
CAT, DOG = 1, 2


@pytest.fixture
def store(make_dataset: MakeDataset) -> LabelStore:
    return open_labels(make_dataset())


def answered(store: LabelStore, *values: int) -> None:
    """Item 3 is answered by as many people, one after another."""
    people = ("ana", "ben", "cleo", "dora")
    store.append([label(3, value, people[place]) for place, value in enumerate(values)])


def test_a_minority_whose_answer_counts_settles_nothing(store: LabelStore) -> None:
    answered(store, CAT, CAT, DOG)
    assert answers(store) == {3: DOG}
    assert unsettled(store) == [3]
    store.append([label(3, CAT, "dora")])
    assert answers(store) == {3: CAT}
    assert unsettled(store) == []


@pytest.mark.parametrize("values", [(CAT, DOG, CAT), (DOG, CAT, CAT), (CAT, CAT, CAT)])
def test_a_majority_whose_answer_counts_settles_it(
    store: LabelStore, values: tuple[int, ...]
) -> None:
    answered(store, *values)
    assert answers(store) == {3: CAT}
    assert unsettled(store) == []


def test_half_of_the_people_are_no_majority(store: LabelStore) -> None:
    answered(store, CAT, CAT, DOG, DOG)
    assert unsettled(store) == [3]
    store.merge_classes(DOG, CAT)
    assert unsettled(store) == []
