"""What is kept in memory of the answers equals a full read, whatever happened in between."""

import random
import shutil
import sqlite3
from collections.abc import Callable

import numpy as np
import pytest

from ssl_core.datasets.dataset import Dataset
from ssl_core.heads import Head
from ssl_core.labels import in_force
from ssl_core.labels.agreement import answers_by_item
from ssl_core.labels.database import DATABASE
from ssl_core.labels.review import LabelFilter, facets, find_labels
from ssl_core.labels.store import LabelStore, open_labels
from ssl_core.labels.unsettled import unsettled
from tests.labels.label_events import answers, label, skip, undo

MakeDataset = Callable[..., Dataset]
PEOPLE, ORIGINS, ITEMS = ("ana", "ben", "cleo"), ("hand", "grid", "drawn"), 25


@pytest.fixture
def dataset(make_dataset: MakeDataset) -> Dataset:
    dataset = make_dataset(classes=("a", "b", "c", "d"))
    open_labels(dataset).add_head(Head(name="age", title="Age", kind="regression"))
    return dataset


def everything(store: LabelStore) -> list[object]:
    """All that is worked out from the answers in force, as plain values."""
    found: list[object] = [unsettled(store), store.counts(), store.origin_counts()]
    for head in ("class", "age"):
        current = store.current(head)
        found += [current.items.tolist(), current.values.tolist(), facets(store, head)]
        for chosen in (
            LabelFilter(),
            LabelFilter(person="ben"),
            LabelFilter(origin="grid"),
            LabelFilter(person="nobody"),
            LabelFilter(value=1),
        ):
            labels = find_labels(store, chosen, head)
            found += [labels.sequences.tolist(), labels.items.tolist(), labels.values.tolist()]
    return found


def counted_by_hand(store: LabelStore) -> dict[int, int]:
    """Item -> class of its newest answer, straight from the log and with no code of the product."""
    merged = store.class_table().merged
    newest: dict[int, tuple[int, int | None]] = {}
    rows = store.read(
        lambda read: read.execute(
            "SELECT item, person, kind, value, MAX(sequence) FROM events WHERE head = 'class' "
            "AND kind != 'undo' AND sequence NOT IN (SELECT sequence FROM undone) "
            "GROUP BY item, person"
        ).fetchall()
    )
    for item, _, kind, value, sequence in rows:
        if kind == "label" and sequence > newest.get(item, (0, None))[0]:
            newest[item] = (sequence, value)
    found = {}
    for item, (_, value) in sorted(newest.items()):
        if value is not None:
            while value in merged:
                value = merged[value]
            found[item] = value
    return found


class Somebody:
    """Does what people do, at random."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._done: list[object] = []

    def act(self, store: LabelStore) -> None:
        number = self._chance.random()
        item, person = self._chance.randrange(ITEMS), self._chance.choice(PEOPLE)
        live = [one.identifier for one in store.classes()]
        if number < 0.08 and self._done:
            event = self._chance.choice(self._done)
            store.append([undo(event, event.person)])
        elif number < 0.14:
            store.append([skip(item, person)])
        elif number < 0.18 and len(live) > 2:
            store.merge_classes(*self._chance.sample(live, 2))
        elif number < 0.3:
            value = self._chance.choice([None, 1.5, 20.0])
            store.append([label(item, value, person, head="age")])
        else:
            values = [None, *live, *store.class_table().merged]
            events = [
                label(self._chance.randrange(ITEMS), self._chance.choice(values), person,
                      origin=self._chance.choice(ORIGINS))
                for _ in range(self._chance.choice([1, 1, 1, 4]))
            ]  # fmt: skip
            self._done += events
            store.append(events)


@pytest.mark.parametrize("seed", range(6))
def test_read_on_step_by_step_it_equals_a_full_read(dataset: Dataset, seed: int) -> None:
    """Two stores write in turns, as two processes do; each follows what the other wrote."""
    stores, somebody = (open_labels(dataset), LabelStore(dataset)), Somebody(seed)
    for step in range(60):
        somebody.act(stores[step % 2])
        if step % 4 == 0:
            fresh = LabelStore(dataset)
            expected = everything(fresh)
            assert answers(fresh) == counted_by_hand(fresh)
            fresh.close()
            assert [everything(store) for store in stores] == [expected, expected]
    stores[1].close()


def test_after_one_label_only_its_item_is_read(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_labels(dataset)
    store.append([label(item, 1) for item in range(20)])
    read: list[int] = []
    original = in_force.KeptAnswers._read

    def counting(*values: object) -> np.ndarray:
        rows = original(*values)
        read.append(len(rows))
        return rows

    monkeypatch.setattr(in_force.KeptAnswers, "_read", counting)
    store.current()
    store.append([label(3, 2)])
    everything(store)
    assert read[:2] == [20, 1]
    assert answers(store)[3] == 2
    assert sum(read[2:]) == 0  # the answers to the other head: none


def test_a_merge_counts_at_once_without_any_event(dataset: Dataset) -> None:
    store = open_labels(dataset)
    store.append([label(0, 1), label(1, 2)])
    assert answers(store) == {0: 1, 1: 2}
    store.merge_classes(2, 1)
    assert answers(store) == {0: 1, 1: 1}
    assert store.counts() == {1: 2, 3: 0, 4: 0}
    assert find_labels(store, LabelFilter(value=1)).items.tolist() == [1, 0]


def test_more_changes_than_are_read_one_by_one(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_force, "MOST_CHANGED", 3)
    store = open_labels(dataset)
    store.append([label(0, 1)])
    assert answers(store) == {0: 1}
    store.append([label(item, 2) for item in range(4)])
    assert answers(store) == dict.fromkeys(range(4), 2)


@pytest.mark.parametrize("later", [0, 1, 5])
def test_a_copy_put_back_is_read_anew(dataset: Dataset, later: int) -> None:
    """Also where its log is as long as the one that was known, or longer."""
    store, copy = open_labels(dataset), dataset.folder / "copy.sqlite"
    store.append([label(0, 1), label(1, 2)])
    shutil.copy(dataset.folder / DATABASE, copy)
    store.append([label(5, 3)])
    assert answers(store) == {0: 1, 1: 2, 5: 3}
    with sqlite3.connect(copy) as before, sqlite3.connect(dataset.folder / DATABASE) as now:
        before.backup(now)  # into the very same file
    before.close()
    now.close()
    store.append([label(10 + number, 4) for number in range(later)])
    assert answers(store) == {0: 1, 1: 2, **{10 + number: 4 for number in range(later)}}


def test_both_answers_of_two_people_stay_and_the_later_counts(dataset: Dataset) -> None:
    store = open_labels(dataset)
    store.append([label(3, 1, "ana")])
    store.current()
    store.append([label(3, 2, "ben")])
    assert answers(store) == {3: 2}
    assert answers_by_item(store) == {3: {"ana": 1, "ben": 2}}
    assert find_labels(store, LabelFilter(person="ana")).values.tolist() == [1]
    store.append([label(3, None, "ben")])
    assert answers(store) == {}
