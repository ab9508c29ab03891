"""Agreement of people who answered the same items."""

from collections.abc import Callable

import numpy as np
import pytest

from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.agreement import Agreement, agreements, answers_by_item, disagreements
from ssl_core.labels.draw import draw_labels
from ssl_core.labels.store import open_labels
from ssl_core.stats import cohen_kappa
from ssl_core.workspace import Workspace
from tests.labels.label_events import label
from tests.support.heads import make_texts

MakeDataset = Callable[..., Dataset]


def test_kappa_by_hand() -> None:
    """35 of 50 alike; by chance (25 * 30 + 25 * 20) / 50^2 = 0.5."""
    assert cohen_kappa(np.array([[20, 5], [10, 15]])) == pytest.approx((0.7 - 0.5) / (1 - 0.5))


def test_kappa_at_its_ends() -> None:
    assert cohen_kappa(np.diag([4, 6, 1])) == pytest.approx(1)
    assert cohen_kappa(np.array([[25, 25], [25, 25]])) == pytest.approx(0)
    assert cohen_kappa(np.array([[0, 5], [5, 0]])) == pytest.approx(-1)
    assert np.isnan(cohen_kappa(np.array([[7, 0], [0, 0]])))
    assert np.isnan(cohen_kappa(np.zeros((2, 2), int)))


def test_pairs_of_people_and_where_they_differ(make_dataset: MakeDataset) -> None:
    store = open_labels(make_dataset())
    one, two, three = (kind.identifier for kind in store.classes())
    mine = [one, one, two, two]
    yours = [one, two, two, two]
    store.append([label(item, value, "me") for item, value in enumerate(mine)])
    store.append([label(item, value, "you") for item, value in enumerate(yours)])
    store.append([label(3, three, "third"), label(20, one, "third")])
    answers = answers_by_item(store)
    first, second, third = agreements(answers, numbers=False)
    assert (first.first, first.second, first.items, first.same) == ("me", "you", 4, 3)
    # Chance: (2 * 1 + 2 * 3) / 16 = 0.5; (0.75 - 0.5) / 0.5.
    assert first.kappa == pytest.approx(0.5)
    assert {second.items, third.items} == {1}
    assert second.kappa == pytest.approx(0)
    assert disagreements(answers) == {
        1: {"me": one, "you": two},
        3: {"me": two, "you": two, "third": three},
    }
    store.merge_classes(three, two)
    assert list(disagreements(answers_by_item(store))) == [1]


def test_what_was_drawn_from_reference_labels_is_nobodys_answer(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    store = open_labels(dataset)
    draw_labels(dataset, store, 5, 0)
    drawn = store.current().items.tolist()
    store.append([label(item, store.classes()[0].identifier, "me") for item in drawn])
    assert {tuple(given) for given in answers_by_item(store).values()} == {("me",)}
    assert agreements(answers_by_item(store), numbers=False) == []


def test_numbers_are_compared_by_their_difference(workspace: Workspace) -> None:
    store = open_labels(make_texts(workspace))
    for person, ages in (("me", (20, 30.5)), ("you", (22, 30.5))):
        store.append([label(item, age, person, head="age") for item, age in enumerate(ages)])
    answers = answers_by_item(store, "age")
    assert agreements(answers, numbers=True) == [Agreement("me", "you", 2, 1, None, 1.0)]
    assert list(disagreements(answers)) == [0]
