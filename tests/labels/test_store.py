"""The label store: what is acknowledged is on disk, once, and undo restores what was before."""

import sqlite3
from collections.abc import Callable

import pytest
from label_events import answers, label, skip, undo

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.labels import store as store_module
from ssl_core.labels.database import DATABASE
from ssl_core.labels.events import LabelEvent
from ssl_core.labels.store import LabelStore, forget_labels, open_labels


def test_a_new_store_offers_the_reference_classes_and_has_no_label(store: LabelStore) -> None:
    assert [(one.name, one.key, one.reference) for one in store.classes()] == [
        ("a", "1", 0),
        ("b", "2", 1),
        ("c", "3", 2),
    ]
    assert store.total() == 0
    assert store.recent() == []
    assert store.median_seconds() is None
    assert store.last_event() == 0
    assert store.counts() == {1: 0, 2: 0, 3: 0}


def test_labels_are_there_after_the_store_is_opened_again(
    store: LabelStore, dataset: Dataset
) -> None:
    events = [label(5, 2, seconds=1.0), label(3, 1, seconds=3.0), label(9, 3, seconds=2.0)]
    assert store.append(events) == [event.event for event in events]
    store.close()
    again = LabelStore(dataset)
    assert answers(again) == {3: 1, 5: 2, 9: 3}
    assert again.current().items.tolist() == [3, 5, 9]
    assert again.counts() == {1: 1, 2: 1, 3: 1}
    assert again.median_seconds() == 2.0
    assert [one.item for one in again.recent(2)] == [9, 3]
    assert again.identity == store.identity
    again.close()


def test_an_event_sent_twice_is_acknowledged_twice_and_counted_once(store: LabelStore) -> None:
    event = label(1, 1)
    assert store.append([event, event]) == [event.event, event.event]
    later = label(1, 2)
    store.append([later])
    last = store.last_event()
    assert store.append([event]) == [event.event]
    assert answers(store) == {1: 2}
    assert store.last_event() == last


def test_undo_restores_what_was_before(store: LabelStore) -> None:
    first, second = label(1, 1), label(1, 2)
    store.append([first, second])
    back = undo(second)
    store.append([back])
    assert answers(store) == {1: 1}
    store.append([back, undo(second)])  # sent again, and undone twice: no further effect
    assert answers(store) == {1: 1}
    store.append([undo(first)])
    assert answers(store) == {}
    assert store.history("me") == []


def test_undo_of_an_older_answer_leaves_the_newer_one(store: LabelStore) -> None:
    first, second = label(1, 1), label(1, 2)
    store.append([first, second, undo(first)])
    assert answers(store) == {1: 2}
    store.append([undo(second)])
    assert answers(store) == {}


def test_undo_after_another_persons_change_takes_back_only_ones_own(store: LabelStore) -> None:
    mine, theirs = label(1, 1, "me"), label(1, 2, "you")
    store.append([mine, theirs])
    store.append([undo(mine, "me")])
    assert answers(store) == {1: 2}
    receipt = store.submit([undo(theirs, "me")])
    assert "only they can undo" in receipt.refused[0].reason
    store.append([undo(theirs, "you")])
    assert answers(store) == {}


def test_the_latest_answer_of_any_person_counts(store: LabelStore) -> None:
    store.append([label(1, 1, "me"), label(1, 2, "you")])
    assert answers(store) == {1: 2}
    store.append([label(1, 3, "me")])
    assert answers(store) == {1: 3}
    store.append([label(1, None, "you")])
    assert answers(store) == {}
    assert store.recent() == []


def test_skips_are_remembered_until_labelled_or_undone(store: LabelStore) -> None:
    first, second = skip(4), skip(2)
    store.append([first, second])
    assert store.skips() == [4, 2]
    store.append([skip(4)])
    assert store.skips() == [2, 4]
    store.append([label(2, 1)])
    assert store.skipped_items() == {4}
    assert [(act.item, act.kind, act.before) for act in store.history("me")][:2] == [
        (2, "label", None),
        (4, "skip", None),
    ]


def test_history_says_what_an_undo_would_restore(store: LabelStore) -> None:
    store.append([label(1, 1), label(1, 2), label(2, 3, origin="drawn")])
    latest = store.history("me")[0]
    assert (latest.item, latest.value, latest.before) == (1, 2, 1)
    assert len(store.history("me")) == 2  # only what was done by hand


def test_labels_are_counted_by_the_way_they_came(store: LabelStore) -> None:
    assert store.origin_counts() == {}
    drawn = [label(item, 1, "reference", origin="drawn") for item in range(5)]
    changed = label(4, 2)
    store.append([*drawn, changed, label(7, 1, "csv", origin="csv"), label(8, 1), skip(9)])
    store.append([label(3, None)])  # taken back
    assert store.origin_counts() == {"drawn": 3, "hand": 2, "csv": 1}
    store.append([undo(changed)])
    assert store.origin_counts() == {"drawn": 4, "csv": 1, "hand": 1}


def test_the_newest_label_is_one_that_counts(store: LabelStore) -> None:
    assert store.last_label() == 0
    first, second = label(1, 1), label(2, 1)
    store.append([first, skip(5)])
    assert (store.last_label(), store.last_event()) == (1, 2)
    store.append([second])
    assert store.last_label() == 3
    store.append([undo(second)])
    assert (store.last_label(), store.last_event()) == (1, 4)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (label(0, 99), "no class 99"),
        (label(60, 1), "no item 60"),
        (label(0, 1, head="mood"), "no head 'mood'"),
        (undo(label(0, 1)), "never stored"),
        (
            LabelEvent(event="u", kind="undo", person="me", item=0),
            "must name the event",
        ),
    ],
)
def test_an_event_without_sense_is_refused_alone(
    store: LabelStore, event: LabelEvent, reason: str
) -> None:
    good = label(7, 1)
    receipt = store.submit([event, good])
    assert receipt.acknowledged == [good.event]
    assert [refused.event for refused in receipt.refused] == [event.event]
    assert reason in receipt.refused[0].reason
    assert answers(store) == {7: 1}


def test_an_undo_cannot_be_undone(store: LabelStore) -> None:
    given = label(1, 1)
    back = undo(given)
    store.append([given, back])
    assert "cannot be undone" in store.submit([undo(back)]).refused[0].reason


def test_the_goal_has_a_default_and_limits(store: LabelStore) -> None:
    assert store.goal() == 48  # all that can be labelled, where that is less than 100
    store.set_goal(30)
    assert store.goal() == 30
    for impossible in (0, -1, 61):
        with pytest.raises(UserError, match="Expected 1 to 60"):
            store.set_goal(impossible)


def test_one_store_a_process_until_the_dataset_is_imported_again(
    store: LabelStore, dataset: Dataset
) -> None:
    assert open_labels(dataset) is store
    (dataset.folder / DATABASE).unlink()
    with pytest.raises(UserError, match="deleted or replaced"):
        store.append([label(1, 1)])
    new = open_labels(dataset)
    assert new is not store
    assert new.identity != store.identity
    assert new.append([label(1, 1)])


def test_a_fault_in_one_request_does_not_touch_the_others(store: LabelStore) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM classes")
        raise UserError("no")

    with pytest.raises(UserError, match="no"):
        store._writer.run(fail)
    assert len(store.classes()) == 3
    assert store.append([label(1, 1)])


def test_a_closed_store_refuses_instead_of_waiting(dataset: Dataset) -> None:
    store = LabelStore(dataset)
    store.close()
    with pytest.raises(UserError, match="closed"):
        store.append([label(1, 1)])
    assert store_module.open_labels(dataset) is not store


def test_a_closed_store_is_not_served_again(make_dataset: Callable[..., Dataset]) -> None:
    dataset = make_dataset()
    closed = open_labels(dataset)
    closed.close()
    again = open_labels(dataset)
    assert again is not closed
    assert again.total() == 0
    forget_labels(dataset.folder)
    assert not again.is_for(dataset)
