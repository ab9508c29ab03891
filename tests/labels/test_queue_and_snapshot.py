"""The queue, snapshots, reference labels and simulated labelling."""

import uuid
from collections.abc import Callable

import numpy as np
import pytest

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.labels.draw import adopt_reference_labels, draw_labels
from ssl_core.labels.events import LabelEvent
from ssl_core.labels.queue import next_items
from ssl_core.labels.random_order import fixed_order
from ssl_core.labels.reference import reference_indices
from ssl_core.labels.snapshot import take_snapshot
from ssl_core.labels.store import LabelStore, open_labels

MakeDataset = Callable[..., Dataset]


def give(store: LabelStore, items: list[int], value: int, kind: str = "label") -> None:
    events = [
        LabelEvent.model_validate(
            {
                "event": uuid.uuid4().hex,
                "kind": kind,
                "person": "me",
                "item": item,
                "value": value if kind == "label" else None,
            }
        )
        for item in items
    ]
    assert len(store.append(events)) == len(items)


def test_the_queue_is_shuffled_fixed_and_leaves_out_the_test_split(
    make_dataset: MakeDataset,
) -> None:
    dataset = make_dataset(count=60, test=12, unlabelled=10)
    store = open_labels(dataset)
    queue = next_items(dataset, store, 1000)
    assert sorted(queue) == list(range(48))
    assert queue != list(range(48))
    assert queue == fixed_order(dataset).tolist() == next_items(dataset, store, 1000)
    assert next_items(dataset, store, 5) == queue[:5]


def test_labelled_items_leave_the_queue_and_skipped_ones_go_last(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(count=20, test=2)
    store = open_labels(dataset)
    queue = next_items(dataset, store)
    give(store, queue[:2], 1)
    give(store, [queue[3]], 0, "skip")
    give(store, [queue[2]], 0, "skip")
    assert next_items(dataset, store) == [*queue[4:], queue[3], queue[2]]
    give(store, queue[4:], 1)
    assert next_items(dataset, store) == [queue[3], queue[2]]
    give(store, [queue[3]], 0, "skip")
    assert next_items(dataset, store, 1) == [queue[2]]
    give(store, [queue[2], queue[3]], 2)
    assert next_items(dataset, store) == []


def test_a_snapshot_splits_within_each_class(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(count=120, test=20, classes=("a", "b", "c", "d"))
    store = open_labels(dataset)
    give(store, list(range(40)), 1)
    give(store, list(range(40, 60)), 2)
    give(store, [60], 3)
    give(store, list(range(100, 110)), 1)  # of the test split: not for training
    snapshot = take_snapshot(dataset, store, 0.25, seed=3)
    assert len(snapshot.items) == 61
    assert not np.isin(snapshot.items, np.arange(100, 120)).any()
    assert np.all(np.diff(snapshot.items) > 0)
    assert [trained.name for trained in snapshot.classes] == ["a", "b", "c", "d"]
    per_role = [
        np.bincount(snapshot.values[snapshot.roles == role], minlength=4) for role in (0, 1, 2)
    ]
    assert per_role[0].tolist() == [30, 15, 1, 0]
    assert per_role[1].tolist() == [10, 5, 0, 0]
    assert per_role[2].tolist() == [0, 0, 0, 0]
    summary = snapshot.summary
    assert (summary.train, summary.validation, summary.held_out) == (46, 15, 0)
    assert summary.per_class == {"a": 40, "b": 20, "c": 1, "d": 0}
    assert summary.last_event == store.last_event()
    assert summary.title.startswith("61 labels, ")
    assert snapshot.items.dtype == np.int64
    assert snapshot.values.dtype == np.int32
    assert snapshot.roles.dtype == np.uint8


def test_a_snapshot_depends_on_the_seed_alone(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(count=120)
    store = open_labels(dataset)
    draw_labels(dataset, store, 20, seed=0)
    first, again, other = (take_snapshot(dataset, store, 0.3, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.roles, again.roles)
    assert not np.array_equal(first.roles, other.roles)
    assert (take_snapshot(dataset, store, 0.0, 1).roles != 1).all()
    assert np.count_nonzero(take_snapshot(dataset, store, 0.5, 1).roles == 1) == 30


def test_without_a_test_split_some_labels_are_held_out_by_the_dataset(
    make_dataset: MakeDataset,
) -> None:
    dataset = make_dataset(count=300, test=0)
    store = open_labels(dataset)
    adopt_reference_labels(dataset, store)
    snapshot = take_snapshot(dataset, store, 0.1, seed=0)
    assert np.array_equal(snapshot.roles == 2, dataset.held_out[snapshot.items])
    assert 30 < np.count_nonzero(snapshot.roles == 2) < 90
    assert snapshot.summary.train + snapshot.summary.validation + snapshot.summary.held_out == 300


def test_an_empty_snapshot_is_possible(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(reference=False)
    snapshot = take_snapshot(dataset, open_labels(dataset), 0.1, 0)
    assert (len(snapshot.items), snapshot.classes, snapshot.summary.train) == (0, (), 0)


def test_a_snapshot_follows_merges(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    store = open_labels(dataset)
    draw_labels(dataset, store, 4, seed=0)
    before = take_snapshot(dataset, store, 0.0, 0)
    store.merge_classes(1, 3)
    after = take_snapshot(dataset, store, 0.0, 0)
    assert [trained.identifier for trained in after.classes] == [2, 3]
    assert np.bincount(after.values).tolist() == [4, 8]
    reference = np.asarray(dataset.reference_labels)
    assert np.array_equal(reference_indices(dataset, store, before.classes), reference)
    merged = np.array([1, 0, 1], np.int32)[reference]
    assert np.array_equal(reference_indices(dataset, store, after.classes), merged)


def test_reference_labels_of_classes_that_a_run_does_not_learn_are_unknown(
    make_dataset: MakeDataset,
) -> None:
    dataset = make_dataset(count=60, unlabelled=6)
    store = open_labels(dataset)
    classes = take_snapshot(dataset, store, 0.0, 0).classes[1:]
    indices = reference_indices(dataset, store, classes)
    reference = np.asarray(dataset.reference_labels)
    assert np.array_equal(indices, np.array([-1, 0, 1, -1], np.int32)[reference])
    bare = make_dataset(name="bare", reference=False)
    assert (reference_indices(bare, open_labels(bare), ()) == -1).all()


def test_draws_are_nested_balanced_and_from_the_training_split(make_dataset: MakeDataset) -> None:
    drawn: dict[tuple[int, int], set[int]] = {}
    for per_class, seed in ((2, 0), (3, 0), (3, 1)):
        dataset = make_dataset(count=90, test=30, name=f"d{per_class}{seed}")
        store = open_labels(dataset)
        assert draw_labels(dataset, store, per_class, seed) == 3 * per_class
        assert set(store.counts().values()) == {per_class}
        current = store.current()
        assert np.array_equal(current.values - 1, dataset.reference_labels[current.items])
        assert (np.asarray(dataset.splits)[current.items] == 0).all()
        assert {label.origin for label in store.recent()} == {"drawn"}
        drawn[per_class, seed] = set(current.items.tolist())
    assert drawn[2, 0] < drawn[3, 0]
    assert drawn[3, 0] != drawn[3, 1]


def test_a_draw_keeps_hand_labels_and_can_be_repeated(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(count=30, test=0)
    store = open_labels(dataset)
    give(store, list(range(30)), 2)
    assert draw_labels(dataset, store, 5, seed=0) == 0
    assert store.counts()[2] == 30
    other = make_dataset(count=30, test=0, name="other")
    fresh = open_labels(other)
    assert draw_labels(other, fresh, 2, seed=0) == 6
    assert draw_labels(other, fresh, 2, seed=0) == 0
    assert draw_labels(other, fresh, 1000, seed=0) == 24


def test_adopting_takes_all_but_the_test_split(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(count=60, test=12, unlabelled=6)
    store = open_labels(dataset)
    assert adopt_reference_labels(dataset, store) == 42
    assert adopt_reference_labels(dataset, store) == 0
    assert store.current().items.max() < 42


def test_impossible_draws_are_refused(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    with pytest.raises(UserError, match="at least 1"):
        draw_labels(dataset, open_labels(dataset), 0, 0)
    with pytest.raises(UserError, match="seed -1"):
        draw_labels(dataset, open_labels(dataset), 1, -1)
    bare = make_dataset(name="bare", reference=False)
    for ask in (lambda: draw_labels(bare, open_labels(bare), 1, 0),
                lambda: adopt_reference_labels(bare, open_labels(bare))):  # fmt: skip
        with pytest.raises(UserError, match="without reference labels"):
            ask()
