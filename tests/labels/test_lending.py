"""Several people on one dataset: who has which item, and what they do not agree on."""

import time
from collections.abc import Callable

import pytest
from label_events import label, undo

from ssl_core.datasets.dataset import Dataset
from ssl_core.labels import lending, queue
from ssl_core.labels.grid import (
    Page,
    lent_page,
    offered,
    others_have,
    page_at,
    renew,
    share_of,
)
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


@pytest.mark.parametrize("person", ["ana", "ben"])
def test_a_loan_lasts_five_minutes_and_no_longer(
    dataset: Dataset, store: LabelStore, monkeypatch: pytest.MonkeyPatch, person: str
) -> None:
    """ana has them from the queue, ben in the grid."""
    first = lent_queue(dataset, store, 100, "ana").items[0]
    item = first if person == "ana" else int(look(dataset, store, "ben").items[0])
    pass_time(monkeypatch, 299)
    assert item in others_have(store, "cleo")
    pass_time(monkeypatch, 2)
    assert item not in others_have(store, "cleo")


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


def look(
    dataset: Dataset, store: LabelStore, person: str, offset: int = 0, count: int = 40
) -> Page:
    """A page of the grid that a person goes to."""
    lent, items = others_have(store, person), offered(dataset, store)
    most = share_of(items, lent)
    return lent_page(store, items, offset, count, lent, person, most)


def test_two_in_the_grid_have_other_pages(dataset: Dataset, store: LabelStore) -> None:
    """Each goes on behind what they have seen, also where the other gives a page back meanwhile."""
    order = offered(dataset, store).tolist()
    ana, ben = look(dataset, store, "ana"), look(dataset, store, "ben")
    assert (ana.items.tolist(), ana.before, ana.after) == (order[:40], 0, 40)
    assert (ben.items.tolist(), ben.before, ben.after) == (order[40:80], 0, 80)
    assert (ben.free, ben.elsewhere) == (160, 40)
    third = page_at(offered(dataset, store), 80, 40, others_have(store, "ben"))
    assert (third.items.tolist(), third.before) == (order[80:120], 40)
    assert offered(dataset, store, person="ben").tolist() == order[40:]
    assert not set(order[:80]) & set(lent_queue(dataset, store, 100, "cleo").items)
    store.append([label(item, 1, person="ana") for item in order[:3]])
    on = look(dataset, store, "ana", offset=40 - 3)
    assert not set(on.items.tolist()) & set(order[:80])
    assert order[3] not in others_have(store, "dora")  # given back with the page that was left
    more = look(dataset, store, "ben", offset=80 - 3).items.tolist()
    assert not set(more) & {*order[:80], *on.items.tolist()}
    assert look(dataset, store, "dora").items.tolist()[:37] == order[3:40]


def test_of_the_last_page_of_a_grid_one_person_takes_half(
    dataset: Dataset, store: LabelStore
) -> None:
    order = offered(dataset, store).tolist()
    assert look(dataset, store, "ana", count=400).items.tolist() == order
    theirs = look(dataset, store, "ben", count=400)
    assert (theirs.items.tolist(), theirs.after, theirs.elsewhere) == (order[100:], None, 100)
    assert look(dataset, store, "cleo", count=400).items.tolist() == order[150:]


def test_two_who_open_the_grid_at_once_do_not_get_the_same(
    dataset: Dataset, store: LabelStore
) -> None:
    items = offered(dataset, store)
    first = lent_page(store, items, 0, 40, set(), "ana", 100)
    second = lent_page(store, items, 0, 40, set(), "ben", 100)
    assert second.items.tolist() == items[40:80].tolist()
    assert set(first.items.tolist()) == others_have(store, "ben")
    assert set(second.items.tolist()) == others_have(store, "ana")


def test_a_page_that_is_looked_at_stays_lent(
    dataset: Dataset, store: LabelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = look(dataset, store, "ana").items.tolist()
    head = store.head().name
    pass_time(monkeypatch, 200)
    assert renew(dataset, store, head, page, "ana") == set()
    pass_time(monkeypatch, 200)
    assert not set(look(dataset, store, "ben").items.tolist()) & set(page)
    pass_time(monkeypatch, 301)
    assert look(dataset, store, "ben", count=7).items.tolist() == page[:7]
    assert renew(dataset, store, head, page, "ana") == set(page[:7])
    store.append([label(item, 1, person="ben") for item in page[:2]])
    look(dataset, store, "ben", offset=40)
    assert renew(dataset, store, head, page, "ana") == set(page[:2]), "labelled, and had by nobody"


def test_the_grid_goes_on_where_nothing_can_be_lent(dataset: Dataset, store: LabelStore) -> None:
    store._writer._stopped = "The disk is full."
    order = offered(dataset, store).tolist()
    assert look(dataset, store, "ana").items.tolist() == order[:40]
    assert look(dataset, store, "ben").items.tolist() == order[:40]


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
