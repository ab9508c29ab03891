"""Several people on one dataset: who has which item, and what they do not agree on."""

import time
from collections.abc import Callable

import pytest
from label_events import label, undo

from ssl_core.datasets.dataset import Dataset
from ssl_core.labels import lending, queue
from ssl_core.labels.queue import lent_queue, next_items
from ssl_core.labels.store import LabelStore
from ssl_core.labels.unsettled import unsettled

MakeDataset = Callable[..., Dataset]


@pytest.fixture
def dataset(make_dataset: MakeDataset) -> Dataset:
    return make_dataset(count=310, test=110)


def pass_time(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + seconds)


def test_what_one_has_the_others_do_not_get(dataset: Dataset, store: LabelStore) -> None:
    first = lent_queue(dataset, store, 100, "ana").items
    second = lent_queue(dataset, store, 100, "ben").items
    assert not set(first[: lending.AT_ONCE]) & set(second)
    assert second[0] == first[lending.AT_ONCE]
    again = lent_queue(dataset, store, 100, "ana").items
    assert again[: lending.AT_ONCE] == first[: lending.AT_ONCE]
    assert not set(again) & set(second[: lending.AT_ONCE])
    assert next_items(dataset, store, 5) == first[:5]  # nobody in particular: nothing is lent


def test_an_answer_that_comes_while_the_queue_is_made_is_seen(
    dataset: Dataset, store: LabelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gives the loan back: an item must not be seen without answer and without loan."""
    item = lent_queue(dataset, store, 100, "ana").items[0]
    look = queue._progress

    def answered_meanwhile(*asked: object) -> object:
        found = look(*asked)
        assert store.append([label(item, 1, person="ana")])
        return found

    monkeypatch.setattr(queue, "_progress", answered_meanwhile)
    assert item not in lent_queue(dataset, store, 100, "ben").items


def test_loans_end_after_five_minutes_and_are_renewed(
    dataset: Dataset, store: LabelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = lent_queue(dataset, store, 100, "ana").items
    pass_time(monkeypatch, 200)
    lent_queue(dataset, store, 100, "ana")
    pass_time(monkeypatch, 200)
    assert first[0] not in lent_queue(dataset, store, 100, "ben").items
    pass_time(monkeypatch, 301)
    assert lent_queue(dataset, store, 100, "ben").items[0] == first[0]


def test_a_good_loan_is_not_written_again(
    dataset: Dataset, store: LabelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    lent_queue(dataset, store, 100, "ana")

    def written(work: object) -> None:
        pytest.fail("wrote")

    monkeypatch.setattr(store, "write", written)
    lent_queue(dataset, store, 100, "ana")
    with pytest.raises(pytest.fail.Exception):
        lent_queue(dataset, store, 100, "ben")


def test_a_loan_does_not_have_all_answers_read_again(dataset: Dataset, store: LabelStore) -> None:
    store.append([label(3, 1)])
    before = store.current()
    lent_queue(dataset, store, 100, "ana")
    store.set_strategy("margin")
    assert store.current() is before
    store.merge_classes(1, 2)
    assert store.current().values.tolist() == [2]


def test_two_who_ask_at_once_do_not_get_the_same(
    dataset: Dataset, store: LabelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ssl_core.labels.queue.lent_to_others", lambda *_: set())
    first = lent_queue(dataset, store, 100, "ana").items
    second = lent_queue(dataset, store, 100, "ben").items
    assert not set(first[: lending.AT_ONCE]) & set(second)


def test_the_last_items_are_shared_and_come_back(dataset: Dataset, store: LabelStore) -> None:
    store.append([label(item, 1) for item in range(197)])
    assert sorted(lent_queue(dataset, store, 100, "ana").items) == [197, 198, 199]
    theirs = lent_queue(dataset, store, 100, "ben")
    assert len(theirs.items) == 1
    assert theirs.elsewhere == 2
    third = lent_queue(dataset, store, 100, "cleo")
    assert (third.items, third.elsewhere) == ([], 3)
    store.append([label(theirs.items[0], 1, person="ben")])
    assert lent_queue(dataset, store, 100, "cleo").elsewhere == 2


def test_an_answer_gives_an_item_back(dataset: Dataset, store: LabelStore) -> None:
    first = lent_queue(dataset, store, 100, "ana").items[0]
    store.append([label(first, 1, person="ana")])
    store.send_items([first], "a second opinion")
    assert lent_queue(dataset, store, 100, "ben").items[0] == first


def test_labelling_goes_on_where_nothing_can_be_lent(dataset: Dataset, store: LabelStore) -> None:
    store._writer._stopped = "The disk is full."
    assert len(lent_queue(dataset, store, 100, "ana").items) == 100
    assert len(lent_queue(dataset, store, 100, "ben").items) == 100


def test_disagreements_wait_until_they_are_settled(dataset: Dataset, store: LabelStore) -> None:
    ana = label(3, 1, person="ana")
    store.append([ana, label(3, 2, person="ben"), label(4, 1, person="ana")])
    store.append([label(5, 2, person="ben"), label(5, 1, person="ana")])
    store.append([label(4, 1, person="ben"), label(9, 1, person="reference", origin="drawn")])
    store.append([label(9, 2, person="ana", origin="hand")])
    assert unsettled(store) == [3, 5]
    store.set_strategy("people")
    assert lent_queue(dataset, store, 9, "cleo").items[:2] == [3, 5]
    store.append([label(3, 2, person="cleo")])  # two against one
    assert unsettled(store) == [5]
    store.append([label(5, 2, person="ben")])  # stays with it after having been asked again
    assert unsettled(store) == []


def test_changing_ones_mind_before_anybody_else_settles_nothing(store: LabelStore) -> None:
    changed = label(3, 3, person="ana")
    store.append([changed, label(3, 1, person="ana"), label(3, 2, person="ben")])
    assert unsettled(store) == [3]
    again = label(3, 1, person="ana")
    store.append([again])
    assert unsettled(store) == []
    store.append([undo(again, person="ana")])
    assert unsettled(store) == [3]
