"""Which class needs labels: each ground by itself, in its order."""

from dataclasses import replace

import numpy as np
import pytest

from ssl_core.datasets.dataset import TEST
from ssl_core.labels.store import open_labels
from ssl_core.loop.needs import ClassState, class_states, most_needed, unsure_items
from tests.support.loop import give, give_right, trained
from tests.support.told import WAYS, tell_by_reference

LEVEL = [ClassState(name, 10, 9, 10, 50, 0.9) for name in ("a", "b", "c")]


def with_b(**changes: float) -> list[ClassState]:
    """All classes alike but for class b."""
    return [replace(one, **changes) if one.name == "b" else one for one in LEVEL]


def test_where_all_are_alike_no_class_stands_out() -> None:
    need = most_needed(LEVEL)
    assert not need.name
    assert "No class stands out" in need.reason


def test_a_class_without_labels_comes_first() -> None:
    states = [*with_b(labels=0), ClassState("d", 10, 0, 20)]
    assert most_needed(states).name == "b"
    assert "no label yet" in most_needed(states).reason


def test_a_class_that_is_clearly_missed() -> None:
    need = most_needed(with_b(right=1, unseen=10))
    assert need.name == "b"
    assert "Of its 10 labels" in need.reason
    assert "1 right (10 %); over all classes 63 %" in need.reason


def test_a_recall_that_chance_explains_names_no_class() -> None:
    assert not most_needed(with_b(right=8, unseen=10)).name
    assert not most_needed(with_b(right=0, unseen=4)).name  # too few to judge by


def test_a_class_with_few_labels() -> None:
    need = most_needed(with_b(labels=3))
    assert need.name == "b"
    assert "3 labels, where classes have 8 on average" in need.reason
    assert not most_needed(with_b(labels=7)).name


def test_a_class_that_is_answered_unsurely() -> None:
    need = most_needed(with_b(confidence=0.5))
    assert need.name == "b"
    assert "50 %, over all classes 77 %" in need.reason
    assert not most_needed(with_b(confidence=0.85)).name
    assert not most_needed(with_b(confidence=None, predicted=0)).name


def test_without_a_class_it_asks_for_one() -> None:
    assert "no class yet" in most_needed([]).reason


def test_the_states_count_labels_a_training_did_not_learn_from(workspace, make_dataset):
    dataset = make_dataset(test=0)
    give_right(dataset, range(6))
    answers = np.array(dataset.reference_labels)
    answers[7] = 2  # item 7 is of class b
    folder = trained(workspace, dataset, answers, sure=0.8, learned=range(6))
    give(dataset, {7: 1, 9: 0})
    a, b, c = class_states(dataset, open_labels(dataset), folder)
    assert (a.labels, a.right, a.unseen) == (3, 1, 1)
    assert (b.labels, b.right, b.unseen) == (3, 0, 1)
    assert (c.labels, c.right, c.unseen) == (2, 0, 0)
    free = ~dataset.held_out
    assert b.predicted == int((answers[free] == 1).sum())
    assert a.confidence is not None
    assert abs(a.confidence - 0.8) < 1e-3


@pytest.mark.parametrize("way", WAYS)
def test_reference_labels_do_not_say_what_is_needed(workspace, make_dataset, way):
    dataset = make_dataset(test=0)
    give_right(dataset, range(6))
    store, folder = open_labels(dataset), trained(workspace, dataset, dataset.reference_labels)
    assert all(one.predicted for one in class_states(dataset, store, folder))
    assert len(unsure_items(dataset, store, folder, "b", 3)) == 3
    tell_by_reference(folder.path, way)
    states = class_states(dataset, store, folder)
    assert [(one.labels, one.predicted, one.unseen) for one in states] == [(2, 0, 0)] * 3
    assert unsure_items(dataset, store, folder, "b", 3) == []


def test_before_a_training_there_are_only_labels(workspace, make_dataset):
    dataset = make_dataset()
    give_right(dataset, [0, 1])
    states = class_states(dataset, open_labels(dataset), None)
    assert [(one.labels, one.unseen, one.confidence) for one in states] == [
        (1, 0, None),
        (1, 0, None),
        (0, 0, None),
    ]


def test_items_of_a_class_are_free_ones_of_the_pool_the_least_sure_first(workspace, make_dataset):
    dataset = make_dataset(test=0)
    store = open_labels(dataset)
    members = np.flatnonzero(~dataset.held_out & (dataset.reference_labels == 1))
    give(dataset, {int(members[0]): 1})
    folder = trained(workspace, dataset, dataset.reference_labels)
    with np.load(folder.path / "predictions.npz") as stored:
        arrays = dict(stored)
    arrays["probabilities"][members[-1], 1] = 0.4
    np.savez(folder.path / "predictions.npz", **arrays)
    found = unsure_items(dataset, store, folder, "b", 3)
    assert found == [members[-1], *members[1:3]]
    assert unsure_items(dataset, store, folder, "no such class", 3) == []


@pytest.mark.parametrize("test", [0, 12])
def test_no_item_is_offered_that_is_held_out_or_of_the_test_split(workspace, make_dataset, test):
    """They are the ones that the run is least sure of, so that they would come first."""
    dataset = make_dataset(test=test)
    kept = dataset.held_out | (np.asarray(dataset.splits) == TEST)
    assert kept.any()
    folder = trained(workspace, dataset, dataset.reference_labels)
    with np.load(folder.path / "predictions.npz") as stored:
        arrays = dict(stored)
    arrays["probabilities"][kept, dataset.reference_labels[kept]] = 0.4
    np.savez(folder.path / "predictions.npz", **arrays)
    found = unsure_items(dataset, open_labels(dataset), folder, "b", 1000)
    assert found == np.flatnonzero(~kept & (dataset.reference_labels == 1)).tolist()
