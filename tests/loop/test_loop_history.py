"""The trainings of a loop, measured on the same items, and labels against what had been said."""

import numpy as np
import pytest

from ssl_core.labels.store import open_labels
from ssl_core.loop.answers import run_answers
from ssl_core.loop.history import HAND, REFERENCE, changed_items, pool_of, trainings, truth_of
from ssl_core.loop.unseen import last_labels_said
from ssl_core.stats import wilson_interval
from tests.support.loop import give, give_right, trained, write_answers


def figures(dataset, *folders):
    store = open_labels(dataset)
    return trainings(dataset, store.class_table(), truth_of(dataset, store), folders)


def test_with_a_test_split_its_reference_labels_are_the_truth(workspace, make_dataset):
    dataset = make_dataset(count=60, test=12)
    truth = truth_of(dataset, open_labels(dataset))
    assert truth.source == REFERENCE
    assert truth.items.tolist() == list(range(48, 60))
    answers = np.array(dataset.reference_labels)
    answers[48:51] = (answers[48:51] + 1) % 3
    (one,) = figures(dataset, trained(workspace, dataset, answers))
    assert one.accuracy == pytest.approx(9 / 12)
    assert one.interval == wilson_interval(9, 12)
    assert one.changed is None


def test_without_one_the_held_out_labels_of_now_measure_old_trainings_too(workspace, make_dataset):
    dataset = make_dataset(count=60, test=0)
    held = np.flatnonzero(dataset.held_out)
    free = np.flatnonzero(~dataset.held_out)
    give_right(dataset, free[:6].tolist())
    folder = trained(workspace, dataset, dataset.reference_labels)
    (blind,) = figures(dataset, folder)
    assert (blind.accuracy, blind.count, blind.labels) == (None, 0, 6)
    give_right(dataset, held[:4].tolist())
    truth = truth_of(dataset, open_labels(dataset))
    assert truth.source == HAND
    assert truth.items.tolist() == held[:4].tolist()  # no label that can be trained on
    (seen,) = figures(dataset, folder)
    assert (seen.accuracy, seen.count, seen.labels) == (1.0, 4, 6)


def test_what_changed_is_counted_over_the_pool_alone(workspace, make_dataset):
    dataset = make_dataset(count=60, test=0)
    give_right(dataset, [0, 1])
    right = np.array(dataset.reference_labels)
    other = right.copy()
    pool = pool_of(dataset)
    other[pool[:3]] = (other[pool[:3]] + 1) % 3
    other[dataset.held_out] = (other[dataset.held_out] + 1) % 3
    folders = [
        trained(workspace, dataset, answers, heard=number)
        for number, answers in enumerate((right, other, other))
    ]
    _, second, third = figures(dataset, *folders)
    assert second.changed == pytest.approx(3 / len(pool))
    assert third.changed == 0.0
    table = open_labels(dataset).class_table()
    before, after = (run_answers(folder, table) for folder in folders[:2])
    assert sorted(changed_items(dataset, before, after, 10)) == pool[:3].tolist()
    assert len(changed_items(dataset, before, after, 2)) == 2


def test_a_merge_afterwards_is_no_change_and_no_mistake(workspace, make_dataset):
    dataset = make_dataset(test=0)
    store = open_labels(dataset)
    give_right(dataset, np.flatnonzero(dataset.held_out).tolist())
    right = np.array(dataset.reference_labels)
    folders = [trained(workspace, dataset, right, heard=1)]
    folders.append(trained(workspace, dataset, np.where(right == 2, 1, right)))
    assert figures(dataset, *folders)[1].changed > 0.1
    a, b, c = (one.identifier for one in store.classes())
    store.merge_classes(c, b)
    _, second = figures(dataset, *folders)
    assert (second.changed, second.accuracy) == (0.0, 1.0)
    classes = run_answers(folders[0], store.class_table()).classes
    assert set(classes.tolist()) == {a, b}


def test_of_trainings_on_the_very_same_labels_the_newest_stands_for_all(workspace, make_dataset):
    dataset = make_dataset()
    right = np.array(dataset.reference_labels)
    give_right(dataset, [0])
    first = trained(workspace, dataset, np.where(right == 2, 1, right))
    give_right(dataset, [1])
    again = [trained(workspace, dataset, right) for _ in range(3)]
    found = figures(dataset, first, *again)
    assert [one.run for one in found] == [first.run, again[-1].run]
    assert found[1].changed == pytest.approx(16 / 48)  # against the first, not against its twin


def test_a_run_without_answers_or_of_other_images_is_left_out(workspace, make_dataset):
    dataset = make_dataset()
    give_right(dataset, [0, 1])
    good = trained(workspace, dataset, dataset.reference_labels)
    bare = trained(workspace, dataset, dataset.reference_labels)
    (bare.path / "predictions.npz").unlink()
    damaged = trained(workspace, dataset, dataset.reference_labels)
    (damaged.path / "predictions.npz").write_bytes(b"no archive")
    foreign = trained(workspace, dataset, dataset.reference_labels)
    write_answers(foreign.path, [0, 1, 2], 0.9, 3)
    assert [one.run for one in figures(dataset, bare, damaged, foreign, good)] == [good.run]


def test_a_label_is_held_against_the_newest_training_that_had_not_heard_of_it(
    workspace, make_dataset
):
    dataset = make_dataset()
    zeros, ones = np.zeros(60, int), np.ones(60, int)
    give(dataset, {0: 0})
    first = trained(workspace, dataset, zeros)
    give(dataset, {1: 0, 2: 1})
    second = trained(workspace, dataset, ones)
    give(dataset, {3: 1, 4: 0})
    store = open_labels(dataset)
    said = last_labels_said(store, [second, first])
    assert [one.item for one in said] == [4, 3, 2, 1]  # of item 0 all trainings had heard
    assert [one.agrees for one in said] == [False, True, False, True]
    assert [one.item for one in last_labels_said(store, [second, first], limit=2)] == [4, 3]
    assert last_labels_said(store, []) == []
