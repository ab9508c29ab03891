"""The answers that were given last, with their place in the log."""

from ssl_core.heads import Head
from ssl_core.labels.events import LabelEvent
from ssl_core.labels.latest import latest_answers
from ssl_core.labels.store import open_labels
from tests.support.loop import give


def items_of(found):
    return [one.item for one in found]


def test_newest_first_cut_and_after_a_number(make_dataset):
    dataset = make_dataset()
    until = give(dataset, {5: 0, 3: 1})
    give(dataset, {9: 2})
    store = open_labels(dataset)
    assert items_of(latest_answers(store)) == [9, 3, 5]
    assert items_of(latest_answers(store, limit=2)) == [9, 3]
    assert items_of(latest_answers(store, after=until)) == [9]


def test_an_item_of_two_people_counts_once_as_it_counts_now(make_dataset):
    dataset = make_dataset()
    give(dataset, {5: 0}, person="one")
    give(dataset, {5: 1}, person="two")
    store = open_labels(dataset)
    (only,) = latest_answers(store)
    assert only.value == store.classes()[1].identifier


def test_skips_other_heads_and_what_was_taken_back_are_no_labels(make_dataset):
    dataset = make_dataset()
    store = open_labels(dataset)
    store.add_head(Head(name="size", title="Size", kind="regression", unit="cm"))
    until = give(dataset, {5: 0})
    store.append(
        [
            LabelEvent(event="skip", kind="skip", person="test", item=6),
            LabelEvent(event="size", kind="label", person="test", item=7, head="size", value=2.5),
            LabelEvent(event="unset", kind="label", person="test", item=5, value=None),
        ]
    )
    assert latest_answers(store, after=until) == []
    assert latest_answers(store) == []


def test_a_merged_class_counts_as_what_it_was_merged_into(make_dataset):
    dataset = make_dataset()
    give(dataset, {5: 2})
    store = open_labels(dataset)
    a, _, c = (one.identifier for one in store.classes())
    store.merge_classes(c, a)
    assert latest_answers(store)[0].value == a
