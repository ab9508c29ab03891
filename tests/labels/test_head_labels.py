"""Queue, snapshot, simulated labelling and CSV where there are several heads."""

import csv
from pathlib import Path

import numpy as np
import pytest
from label_events import label, skip
from support.heads import make_texts

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.heads import Head
from ssl_core.labels.csv_files import COLUMNS, export_csv, import_csv
from ssl_core.labels.draw import adopt_reference_labels, draw_labels
from ssl_core.labels.queue import asked_heads, complete_items, lent_queue, next_items
from ssl_core.labels.random_order import fixed_order
from ssl_core.labels.reference import reference_values
from ssl_core.labels.snapshot import TRAIN_ROLE, VALIDATION_ROLE, take_snapshot, usable_labels
from ssl_core.labels.store import LabelStore, open_labels
from ssl_core.workspace import Workspace

YES = 5  # identifier of the class yes of the head urgent


@pytest.fixture
def dataset(workspace: Workspace) -> Dataset:
    return make_texts(workspace, count=60, test=12)


def answered(store: LabelStore, item: int, *heads: str) -> None:
    values = {"topic": 1, "urgent": YES, "age": 3.5}
    assert store.append([label(item, values[head], head=head) for head in heads])


# Queue


def test_an_item_leaves_the_queue_with_its_last_answer(dataset: Dataset, store: LabelStore) -> None:
    order = fixed_order(dataset).tolist()
    assert next_items(dataset, store, 100) == order
    answered(store, order[5], "topic", "age")
    assert next_items(dataset, store, 100) == [order[5], *order[:5], *order[6:]]
    answered(store, order[5], "urgent")
    assert next_items(dataset, store, 100) == [*order[:5], *order[6:]]


def test_an_item_stays_lent_until_its_last_answer(dataset: Dataset, store: LabelStore) -> None:
    """Who has answered one question is about to answer the next: others must not begin there."""
    item = lent_queue(dataset, store, 100, "ana").items[0]
    store.append([label(item, 1, "ana"), label(item, 3.5, "ana", head="age")])
    theirs = lent_queue(dataset, store, 100, "ben")
    assert item not in theirs.items
    assert theirs.elsewhere > 0
    store.append([skip(item, "ana").model_copy(update={"head": "urgent"})])
    store.send_items([item], "a second opinion")
    assert lent_queue(dataset, store, 100, "ben").items[0] == item


def test_a_skipped_head_is_asked_again_at_the_end(dataset: Dataset, store: LabelStore) -> None:
    order = fixed_order(dataset).tolist()
    first, second, third = order[:3]
    for item in (first, second):
        store.append([skip(item).model_copy(update={"head": "age"})])
        answered(store, item, "topic", "urgent")
    store.append([skip(third)])  # its other heads are still open
    assert next_items(dataset, store, 100) == [third, *order[3:], first, second]
    store.append([skip(first).model_copy(update={"head": "age"})])
    assert next_items(dataset, store, 100)[-2:] == [second, first]
    answered(store, first, "age")
    assert next_items(dataset, store, 100)[-1] == second


def test_a_head_without_classes_holds_nothing_up(dataset: Dataset, store: LabelStore) -> None:
    store.add_head(Head(name="mood", title="Mood"))
    assert [head.name for head in asked_heads(store)] == ["topic", "urgent", "age"]
    answered(store, fixed_order(dataset)[0], "topic", "urgent", "age")
    assert next_items(dataset, store, 1) == [fixed_order(dataset)[1]]
    store.add_class("merry", head="mood")
    assert next_items(dataset, store, 1) == [fixed_order(dataset)[0]]


def test_items_are_complete_with_their_last_answer(dataset: Dataset, store: LabelStore) -> None:
    assert complete_items(store).tolist() == []
    answered(store, 9, "topic", "urgent", "age")
    answered(store, 4, "urgent", "topic", "age")
    answered(store, 5, "urgent", "age")
    store.append([skip(5)])
    assert complete_items(store).tolist() == [4, 9]
    assert store.recent_items(2) == [5, 4]
    store.append([label(5, None, person="you", head="urgent"), label(5, None, "you", head="age")])
    assert store.recent_items() == [4, 9]  # what another person took away counts no more


# Simulated labelling


def test_a_draw_answers_the_head_that_was_asked_for(dataset: Dataset, store: LabelStore) -> None:
    assert draw_labels(dataset, store, 4, 0, "urgent") == 8
    assert store.total() == store.total("age") == 0
    current = store.current("urgent")
    assert np.array_equal(current.values - 4, current.items % 2)
    assert adopt_reference_labels(dataset, store, "urgent") == 40
    assert draw_labels(dataset, store, 2, 0) == 6


def test_a_draw_of_numbers_is_nested_and_needs_an_answer(
    dataset: Dataset, store: LabelStore
) -> None:
    assert draw_labels(dataset, store, 5, 3, "age") == 5
    few = store.current("age")
    assert np.array_equal(few.values, 20 + few.items / 2)
    assert (np.asarray(dataset.splits)[few.items] == 0).all()
    assert draw_labels(dataset, store, 9, 3, "age") == 4
    assert set(few.items.tolist()) < set(store.current("age").items.tolist())
    assert draw_labels(dataset, store, 1000, 3, "age") == 38  # 48 in training, item 0 has no age
    assert 0 not in store.current("age").items


def test_a_head_without_reference_answers_is_told(dataset: Dataset, store: LabelStore) -> None:
    for head in (
        Head(name="mood", title="Mood", classes=("good", "bad")),
        Head(name="price", title="Price", kind="regression"),
    ):
        store.add_head(head)
        with pytest.raises(UserError, match=f"reference labels of '{head.title}'"):
            draw_labels(dataset, store, 1, 0, head.name)


# Snapshot


def test_an_item_has_one_role_in_all_heads(dataset: Dataset, store: LabelStore) -> None:
    draw_labels(dataset, store, 6, 0)
    adopt_reference_labels(dataset, store, "age")
    draw_labels(dataset, store, 5, 1, "urgent")
    answered(store, 55, "topic", "urgent", "age")  # of the test split
    snapshot = take_snapshot(dataset, store, 0.3, 7, ("topic", "urgent", "age"))
    urgent, age = snapshot.others
    assert [head.name for head in snapshot.heads] == ["topic", "urgent", "age"]
    assert (len(snapshot.items), len(urgent.items), len(age.items)) == (18, 10, 47)
    role_of = dict(zip(snapshot.items.tolist(), snapshot.roles.tolist(), strict=True))
    shared = 0
    for other in (urgent, age):
        assert other.roles.dtype == np.uint8
        assert np.all(np.diff(other.items) > 0)
        for item, role in zip(other.items.tolist(), other.roles.tolist(), strict=True):
            shared += item in role_of
            assert role_of.setdefault(item, role) == role
    assert shared > 20
    assert [head.kind for head in snapshot.heads] == ["categorical", "binary", "regression"]
    assert np.array_equal(urgent.values, urgent.items % 2)
    assert np.array_equal(age.values, 20 + age.items / 2)
    assert snapshot.summary.others == {"Urgent": 10, "Age": 47}


def test_validation_is_drawn_within_the_classes_of_the_main_head_then_from_the_rest(
    dataset: Dataset, store: LabelStore
) -> None:
    draw_labels(dataset, store, 10, 0)
    adopt_reference_labels(dataset, store, "age")
    alone = take_snapshot(dataset, store, 0.2, 1)
    both = take_snapshot(dataset, store, 0.2, 1, ("topic", "age"))
    assert np.array_equal(alone.roles, both.roles)  # a further head does not move the main one
    validation = both.values[both.roles == VALIDATION_ROLE]
    assert np.bincount(validation).tolist() == [2, 2, 2]
    (age,) = both.others
    rest = ~np.isin(age.items, both.items)
    assert np.count_nonzero(age.roles[rest] == VALIDATION_ROLE) == round(0.2 * rest.sum())
    other = take_snapshot(dataset, store, 0.2, 2, ("topic", "age")).others[0]
    assert not np.array_equal(age.roles, other.roles)
    assert (take_snapshot(dataset, store, 0, 1, ("topic", "age")).others[0].roles == 0).all()


def test_a_held_out_item_is_sent_only_with_a_label_of_the_main_head(workspace: Workspace) -> None:
    dataset = make_texts(workspace, count=200, test=0)
    store = open_labels(dataset)
    first, second = np.flatnonzero(dataset.held_out)[:2].tolist()
    answered(store, first, "topic")
    answered(store, second, "urgent", "age")
    assert store.send_items([first, second], "chosen by a model") == 1
    assert list(store.sent_items()) == [first]


def test_held_out_items_are_held_out_in_every_head(workspace: Workspace) -> None:
    dataset = make_texts(workspace, count=200, test=0)
    store = open_labels(dataset)
    draw_labels(dataset, store, 5, 0)
    adopt_reference_labels(dataset, store, "age")
    (age,) = take_snapshot(dataset, store, 0.2, 0, ("topic", "age")).others
    assert np.array_equal(age.roles == 2, dataset.held_out[age.items])
    assert np.count_nonzero(age.roles == TRAIN_ROLE) > 100


def test_another_head_can_be_the_main_one(dataset: Dataset, store: LabelStore) -> None:
    draw_labels(dataset, store, 3, 0)
    draw_labels(dataset, store, 3, 0, "urgent")
    draw_labels(dataset, store, 3, 0, "age")
    snapshot = take_snapshot(dataset, store, 0, 0, ("urgent", "topic"))
    assert [one.name for one in snapshot.classes] == ["no", "yes"]
    assert snapshot.summary.per_class == {"no": 3, "yes": 3}
    with pytest.raises(UserError, match="answered with numbers"):
        take_snapshot(dataset, store, 0, 0, ("age", "topic"))
    with pytest.raises(UserError, match="no head 'mood'"):
        usable_labels(dataset, store, ("mood",))


def test_reference_answers_are_said_in_the_classes_of_a_run(
    dataset: Dataset, store: LabelStore
) -> None:
    topic, urgent, age = take_snapshot(dataset, store, 0, 0, ("topic", "urgent", "age")).heads
    numbers = np.arange(60)
    assert np.array_equal(reference_values(dataset, store, topic), numbers % 3)
    assert np.array_equal(reference_values(dataset, store, urgent), numbers % 2)
    ages = reference_values(dataset, store, age)
    assert np.isnan(ages[0])
    assert np.array_equal(ages[1:], 20 + numbers[1:] / 2)
    only_yes = urgent.model_copy(update={"classes": urgent.classes[1:]})
    assert np.array_equal(reference_values(dataset, store, only_yes), numbers % 2 - 1)


# CSV


def test_labels_of_all_heads_come_back_from_a_file(
    dataset: Dataset, store: LabelStore, workspace: Workspace, tmp_path: Path
) -> None:
    answered(store, 3, "topic", "urgent", "age")
    store.append([label(4, -2, head="age"), label(5, 0.1, head="age"), label(2, 3)])
    target = tmp_path / "out.csv"
    assert export_csv(dataset, store, target) == 6
    rows = list(csv.reader(target.open(encoding="utf-8")))
    assert rows[0] == ["head", *COLUMNS]
    assert [(row[0], row[1], row[3]) for row in rows[1:]] == [
        ("topic", "2", "weather"),
        ("topic", "3", "sport"),
        ("urgent", "3", "yes"),
        ("age", "3", "3.5"),
        ("age", "4", "-2"),
        ("age", "5", "0.1"),
    ]
    other = make_texts(workspace, count=60, test=12, name="other")
    fresh = open_labels(other)
    report = import_csv(other, fresh, target)
    assert (report.labelled, report.skipped_count) == (6, 0)
    assert report.per_class == {"weather": 1, "sport": 1, "urgent: yes": 1}
    assert fresh.answers_of(range(60)) == store.answers_of(range(60))


def test_one_head_is_filled_from_a_file_of_two_columns(
    dataset: Dataset, store: LabelStore, tmp_path: Path
) -> None:
    path = tmp_path / "ages.csv"
    path.write_text('item,label\n1,20.5\n2,\'-3\n3,old\n4,nan\n5,"1,5"\n6,7\n6,8\n')
    report = import_csv(dataset, store, path, head="age")
    assert store.answers_of(range(60)) == {1: {"age": 20.5}, 2: {"age": -3.0}}
    assert [row.line for row in report.skipped] == [4, 5, 6, 7, 8]
    assert "'old' is no number; write it as 12.5." in report.skipped[0].reason
    path.write_text("item,head,label\n1,mood,x\n1,AGE,4\n1,,money\n")
    report = import_csv(dataset, store, path)
    assert store.answers_of([1]) == {1: {"age": 4.0, "topic": 2}}
    assert [row.reason for row in report.skipped] == ["There is no head 'mood'."]
