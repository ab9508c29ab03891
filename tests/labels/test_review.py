"""Finding labels again, the history of an item, batches, and what labels cost."""

import time
import uuid

import numpy as np
import pytest

from ssl_core.errors import UserError
from ssl_core.labels.batches import latest_batches, undo_batch
from ssl_core.labels.cost import Cost, cost_by, timed_labels
from ssl_core.labels.review import LabelFilter, facets, find_labels, item_history, labels_of
from ssl_core.labels.store import LabelStore
from tests.labels.label_events import answers, label, skip, undo


def found(store: LabelStore, **chosen: object) -> list[int]:
    return find_labels(store, LabelFilter(**chosen)).items.tolist()


def test_labels_are_found_by_class_person_and_origin(store: LabelStore) -> None:
    one, two, three = (kind.identifier for kind in store.classes())
    store.append(
        [
            label(1, one),
            label(2, two),
            label(3, two, "you", origin="grid"),
            label(4, three, "you"),
            label(5, None),
            skip(6),
        ]
    )
    assert found(store) == [4, 3, 2, 1]
    assert found(store, value=two) == [3, 2]
    assert found(store, person="you") == [4, 3]
    assert found(store, origin="grid") == [3]
    assert found(store, value=two, person="me", origin="hand") == [2]
    assert found(store, person="nobody") == []
    assert facets(store).people == ("me", "you")
    assert facets(store).origins == ("grid", "hand")
    store.merge_classes(three, two)
    assert found(store, value=two) == [4, 3, 2]


def test_some_of_the_found_labels_are_put_before_the_others(store: LabelStore) -> None:
    one, two, _ = (kind.identifier for kind in store.classes())
    store.append([label(item, one if item < 3 else two) for item in (1, 2, 3, 4, 5)])
    everything = find_labels(store)
    led = everything.led_by(everything.chosen(np.array([3, 1])))
    assert led.items.tolist() == [2, 4, 5, 3, 1]
    assert led.values.tolist() == [one, two, two, two, one]
    assert [one.item for one in labels_of(store, led.sequences.tolist())] == led.items.tolist()


def test_labels_are_found_by_time(store: LabelStore) -> None:
    one = store.classes()[0].identifier
    store.append([label(1, one)])
    between = time.time()
    time.sleep(0.01)
    store.append([label(2, one)])
    assert found(store, since=between) == [2]
    assert found(store, until=between) == [1]
    assert found(store, since=between, until=between) == []


def test_without_a_person_only_what_counts_is_found(store: LabelStore) -> None:
    one, two, _ = (kind.identifier for kind in store.classes())
    store.append([label(1, one, "me"), label(1, two, "you")])
    everybody = find_labels(store)
    assert everybody.values.tolist() == [two]
    (shown,) = labels_of(store, everybody.sequences.tolist())
    assert (shown.person, shown.value, shown.counts) == ("you", two, True)
    mine = find_labels(store, LabelFilter(person="me"))
    (shown,) = labels_of(store, mine.sequences.tolist())
    assert (shown.item, shown.value, shown.counts) == (1, one, False)


def test_the_history_of_an_item_tells_what_was_undone(store: LabelStore) -> None:
    one, two, _ = (kind.identifier for kind in store.classes())
    first, second = label(1, one, seconds=2.5), label(1, two, batch="b", origin="cluster")
    store.append([first, second, undo(second), label(1, one, "you"), label(2, two)])
    past = item_history(store, 1)
    assert [event.kind for event in past] == ["label", "undo", "label", "label"]
    assert [event.undone for event in past] == [False, False, True, False]
    assert [event.value for event in past] == [one, None, two, one]
    assert [event.person for event in past] == ["you", "me", "me", "me"]
    assert (past[2].origin, past[2].batch, past[3].seconds) == ("cluster", "b", 2.5)
    assert item_history(store, 1, limit=1) == past[:1]
    assert item_history(store, 40) == []


def test_a_batch_is_taken_back_whole_and_later_answers_stay(store: LabelStore) -> None:
    one, two, three = (kind.identifier for kind in store.classes())
    store.append([label(1, one), label(8, one, batch="old", origin="grid")])
    store.append([label(item, two, batch="new", origin="grid") for item in range(1, 6)])
    store.append([label(5, three)])
    newest, oldest = latest_batches(store)
    assert (newest.identifier, newest.labels, newest.in_force) == ("new", 5, 4)
    assert (newest.origin, newest.people) == ("grid", ("me",))
    assert newest.undoable_by("me")
    assert not newest.undoable_by("you")
    with pytest.raises(UserError, match="only they can take it back"):
        undo_batch(store, "new", "you")
    assert len(answers(store)) == 6
    assert undo_batch(store, "new", "me") == 5
    assert answers(store) == {1: one, 5: three, 8: one}
    newest, _ = latest_batches(store)
    assert (newest.labels, newest.in_force) == (5, 0)
    assert not newest.undoable_by("me")
    with pytest.raises(UserError, match="Nothing of this batch"):
        undo_batch(store, "new", "me")
    assert oldest.in_force == 1


def test_what_came_from_a_file_can_be_taken_back_by_anybody(store: LabelStore) -> None:
    one = store.classes()[0].identifier
    more = {"batch": uuid.uuid4().hex, "origin": "imported"}
    store.append([label(1, one, "ann", **more), label(2, one, "bob", **more)])
    (batch,) = latest_batches(store)
    assert batch.people == ("ann", "bob")
    assert batch.undoable_by("me")
    assert undo_batch(store, batch.identifier, "me") == 2
    assert answers(store) == {}


def test_cost_by_person_class_and_origin(store: LabelStore) -> None:
    one, two, three = (kind.identifier for kind in store.classes())
    taken_back = label(9, one, seconds=500)
    store.append(
        [
            label(1, one, seconds=2),
            label(2, two, seconds=4),
            label(3, two, seconds=12),
            label(4, one, "you", seconds=0.5, origin="grid", batch="b"),
            label(5, one, "you", seconds=0.5, origin="grid", batch="b"),
            label(6, one, "you"),  # its time is not known
            taken_back,
            undo(taken_back),
        ]
    )
    timed = timed_labels(store)
    assert cost_by(timed, lambda label: label.person) == {
        "me": Cost(3, 18, 6, 4),
        "you": Cost(2, 1, 0.5, 0.5),
    }
    assert cost_by(timed, lambda label: label.origin)["grid"].mean == 0.5
    assert cost_by(timed, lambda label: label.value)[two] == Cost(2, 16, 8, 8)
    store.merge_classes(three, two)
    store.merge_classes(two, one)
    assert list(cost_by(timed_labels(store), lambda label: label.value)) == [one]
