"""When people who differ are taken to have settled an item."""

import pytest

from ssl_core.labels.store import LabelStore
from ssl_core.labels.unsettled import unsettled
from tests.labels.label_events import answers, label

CAT, DOG = 1, 2


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
