"""What people give many at once, what they are sent, and what they are called."""

import sqlite3
from collections.abc import Callable

import numpy as np
import pytest
from label_events import answers, as_version_3, label, skip, undo

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.errors import UserError
from ssl_core.labels.database import DATABASE, SCHEMA_VERSION, version_of
from ssl_core.labels.events import PERSON_GIVEN
from ssl_core.labels.store import LabelStore, open_labels

MakeDataset = Callable[..., Dataset]


def test_a_file_of_version_3_is_brought_up_to_date(dataset: Dataset) -> None:
    old = LabelStore(dataset)
    events = [label(5, 2, seconds=1.0), skip(6)]
    old.append(events)
    old.close()
    with sqlite3.connect(dataset.folder / DATABASE) as connection:
        as_version_3(connection)
    connection.close()
    store = LabelStore(dataset)
    assert store.read(version_of) == SCHEMA_VERSION == 4
    assert answers(store) == {5: 2}
    assert [action.batch for action in store.history("me")] == [None, None]
    assert store.append([label(7, 1, batch="one"), undo(events[0])])
    assert answers(store) == {7: 1}
    assert store.send_items([3], "why") == 1
    store.close()


@pytest.mark.parametrize("origin", PERSON_GIVEN)
def test_all_ways_in_which_a_person_gives_an_answer_count_alike(
    store: LabelStore, origin: str
) -> None:
    event = label(4, 1, origin=origin, seconds=2.0, batch="one act")
    store.append([event, label(5, 1, person="reference", origin="adopted", seconds=9.0)])
    (action,) = store.history("me")
    assert (action.item, action.batch) == (4, "one act")
    assert store.history("reference") == []
    store.append([undo(event)])
    assert 4 not in answers(store)
    assert store.history("me") == []


def test_the_median_time_is_of_labels_that_were_given_one_by_one(store: LabelStore) -> None:
    store.append([label(item, 1, seconds=2.0) for item in range(3)])
    for origin in set(PERSON_GIVEN) - {"hand"}:
        many = range(10, 30)
        store.append([label(i, 1, origin=origin, seconds=0.04, batch=origin) for i in many])
    told = {"origin": "hand", "batch": "imported-1"}  # a file says how it was labelled elsewhere
    store.append([label(item, 1, seconds=50, **told) for item in range(20, 30)])
    assert store.median_seconds() == 2.0


def test_sent_items_wait_until_they_are_answered_or_skipped(store: LabelStore) -> None:
    assert store.send_items([9, 3, 9, 7], "runs differ") == 3
    assert store.send_items([3, 8], "again") == 1
    assert store.sent_items() == {
        9: "runs differ",
        3: "runs differ",
        7: "runs differ",
        8: "again",
    }
    assert list(store.sent_items()) == [9, 3, 7, 8]
    store.append([label(3, 1), skip(7)])
    assert list(store.sent_items()) == [9, 8]


def test_an_item_with_a_label_may_be_sent_to_be_answered_again(store: LabelStore) -> None:
    store.append([label(3, 1)])
    assert store.send_items([3], "people differ") == 1
    store.append([label(3, 2)])
    assert store.sent_items() == {}
    assert answers(store) == {3: 2}


def test_an_event_sent_twice_does_not_take_an_item_back_that_was_sent_later(
    store: LabelStore,
) -> None:
    event = label(3, 1)
    store.append([event])
    store.send_items([3], "why")
    store.append([event])
    assert list(store.sent_items()) == [3]


def test_items_that_cannot_be_labelled_are_not_sent(
    store: LabelStore, make_dataset: MakeDataset
) -> None:
    with pytest.raises(UserError, match="no item 999"):
        store.send_items([999], "why")
    tested = make_dataset(count=60, test=12, name="tested")
    test = int(np.flatnonzero(np.asarray(tested.splits) == TEST)[0])
    assert open_labels(tested).send_items([test, 0], "why") == 1
    own = make_dataset(count=60, test=0, name="own")
    labels = open_labels(own)
    first, second = np.flatnonzero(own.held_out)[:2].tolist()
    labels.append([label(first, 1)])
    assert labels.send_items([first, second], "chosen by a model") == 1
    assert list(labels.sent_items()) == [first]


def test_people_have_the_name_that_they_gave(store: LabelStore) -> None:
    browser = "1f0c3e1a-3f0c-4e1a-9b0c-aaaabbbbcc12"
    assert store.name_of(browser) == "somebody-cc12"
    assert store.name_of("csv") == "csv"
    store.set_name(browser, "  Ana \n Maria\x00 ")
    assert store.name_of(browser) == "Ana Maria"
    store.set_name(browser, "x" * 100)
    assert len(store.name_of(browser)) == 40
    store.set_name(browser, "  ")
    assert store.name_of(browser) == "somebody-cc12"
    assert store.names() == {}
