"""Several heads in one store: what is asked, answered, refused, undone and migrated."""

import sqlite3
from collections.abc import Callable

import numpy as np
import pytest
from label_events import as_version_3, label, skip, undo
from support.heads import HEADS, make_texts

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.heads import Head
from ssl_core.labels.database import DATABASE, SCHEMA_VERSION, version_of
from ssl_core.labels.head_table import MOST_HEADS
from ssl_core.labels.store import LabelStore, open_labels
from ssl_core.workspace import Workspace

MakeDataset = Callable[..., Dataset]


@pytest.fixture
def letters(workspace: Workspace) -> LabelStore:
    return open_labels(make_texts(workspace))


def identifier(store: LabelStore, head: str, name: str) -> int:
    return next(one.identifier for one in store.classes(head) if one.name == name)


def test_a_new_store_has_the_heads_of_the_dataset(letters: LabelStore) -> None:
    assert tuple(letters.heads()) == HEADS
    assert [one.name for one in letters.classes()] == ["sport", "money", "weather"]
    assert [(one.name, one.key, one.reference) for one in letters.classes("urgent")] == [
        ("no", "1", 0),
        ("yes", "2", 1),
    ]
    assert letters.classes("age") == []
    numbers = [one.identifier for head in HEADS for one in letters.classes(head.name)]
    assert len(set(numbers)) == 5


def test_an_image_set_has_the_one_head_it_always_had(make_dataset: MakeDataset) -> None:
    (only,) = open_labels(make_dataset()).heads()
    assert (only.name, only.kind, only.classes) == ("class", "categorical", ("a", "b", "c"))


def test_answers_of_each_head_are_kept_apart(letters: LabelStore) -> None:
    yes = identifier(letters, "urgent", "yes")
    letters.append(
        [
            label(3, 2),
            label(3, yes, head="urgent"),
            label(3, 41.5, head="age"),
            label(4, 30, head="age"),
            label(5, -0.25, head="age"),
        ]
    )
    assert letters.current().items.tolist() == [3]
    assert letters.current("topic").values.tolist() == letters.current().values.tolist() == [2]
    assert letters.current("urgent").values.tolist() == [yes]
    ages = letters.current("age")
    assert (ages.items.tolist(), ages.values.tolist()) == ([3, 4, 5], [41.5, 30.0, -0.25])
    assert ages.values.dtype == np.float64
    assert letters.current().values.dtype == np.int32
    assert [letters.total(name) for name in (None, "topic", "urgent", "age")] == [1, 1, 1, 3]
    assert letters.counts("urgent") == {yes - 1: 0, yes: 1}
    assert letters.counts("age") == {}
    assert letters.answers_of([3, 4, 9]) == {
        3: {"topic": 2, "urgent": yes, "age": 41.5},
        4: {"age": 30.0},
    }
    assert [one.value for one in letters.recent(9, "age")] == [-0.25, 30.0, 41.5]
    assert letters.origin_counts("age") == {"hand": 3}


def test_a_number_survives_the_file(letters: LabelStore, workspace: Workspace) -> None:
    numbers = [0.1 + 0.2, 1e300, -5e-324, 3.0, 2.0**60, 2.0**70]
    letters.append([label(item, number, head="age") for item, number in enumerate(numbers)])
    letters.close()
    from ssl_core.datasets.dataset import open_dataset

    again = LabelStore(open_dataset(workspace, "letters"))
    assert again.current("age").values.tolist() == numbers
    again.close()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"head": "mood", "value": 1}, "no head 'mood'. Expected topic or urgent or age"),
        ({"head": "urgent", "value": 1}, "no class 1 of urgent"),  # a class of the first head
        ({"value": 4}, "no class 4 of topic"),  # a class of the second head
        ({"value": 1.5}, "no class 1.5 of topic"),
        ({"head": "age", "value": 3, "item": 99}, "no item 99"),
    ],
)
def test_an_answer_that_does_not_fit_its_head_is_refused(
    letters: LabelStore, fields: dict[str, object], reason: str
) -> None:
    values = {"item": 1, **fields}
    good = label(7, 1)
    receipt = letters.submit([label(**values), good])
    assert reason in receipt.refused[0].reason
    assert receipt.acknowledged == [good.event]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), "many"])
def test_what_is_no_finite_number_is_no_event(value: object) -> None:
    with pytest.raises(ValueError):
        label(1, value, head="age")


def test_undo_and_skip_reach_the_head_they_were_done_on(letters: LabelStore) -> None:
    topic, age, older = label(1, 2), label(1, 30, head="age"), label(1, 31.5, head="age")
    letters.append([topic, age, older, skip(2), skip(2).model_copy(update={"head": "age"})])
    assert [(act.item, act.head, act.value, act.before) for act in letters.history("me")] == [
        (2, "age", None, None),
        (2, "topic", None, None),
        (1, "age", 31.5, 30.0),
        (1, "age", 30.0, None),
        (1, "topic", 2, None),
    ]
    assert letters.skips() == [2]
    assert letters.skips_of_heads() == [(2, "topic"), (2, "age")]
    letters.append([undo(older)])
    assert letters.answers_of([1]) == {1: {"topic": 2, "age": 30.0}}
    letters.append([undo(topic)])
    assert letters.answers_of([1]) == {1: {"age": 30.0}}


def test_a_number_is_never_taken_for_a_merged_class(letters: LabelStore) -> None:
    letters.append([label(1, 1), label(1, 1, head="age")])
    letters.merge_classes(1, 2)
    assert letters.answers_of([1]) == {1: {"topic": 2, "age": 1.0}}
    assert [act.value for act in letters.history("me")] == [1.0, 2]
    assert letters.current("age").values.tolist() == [1.0]


def test_classes_of_heads_do_not_mix(letters: LabelStore) -> None:
    yes, no = identifier(letters, "urgent", "yes"), identifier(letters, "urgent", "no")
    assert letters.add_class("yes").name == "yes"  # the name is free in the first head
    for impossible, sentence in (
        (lambda: letters.merge_classes(1, yes), "two heads"),
        (lambda: letters.merge_classes(yes, no), "keeps its two classes"),
        (lambda: letters.add_class("maybe", head="urgent"), "keeps its two classes"),
        (lambda: letters.add_class("old", head="age"), "are numbers"),
        (lambda: letters.rename_class(yes, "no"), "already"),
        (lambda: letters.classes("mood"), "no head 'mood'"),
        (lambda: letters.current("mood"), "no head 'mood'"),
    ):
        with pytest.raises(UserError, match=sentence):
            impossible()
    letters.rename_class(yes, "very")
    assert letters.head("urgent").classes == ("no", "very")


def test_a_head_is_added_with_its_classes(letters: LabelStore) -> None:
    letters.add_head(Head(name="mood", title=" Mood ", classes=(" good", "bad")))
    letters.add_head(Head(name="price", title="Price", kind="regression", unit="€"))
    assert [head.name for head in letters.heads()] == ["topic", "urgent", "age", "mood", "price"]
    assert letters.head("mood") == Head(name="mood", title="Mood", classes=("good", "bad"))
    assert [one.key for one in letters.classes("mood")] == ["1", "2"]
    assert letters.append([label(1, 2.5, head="price")])


@pytest.mark.parametrize(
    ("head", "sentence"),
    [
        (Head(name="age", title="Age again"), "head 'age' already"),
        (Head(name="x", title="  "), "title of the head is empty"),
        (Head(name="x", title="X", classes=("a", "a ")), "'a' is named twice"),
        (Head(name="x", title="X", classes=("a", "b\n c")), "control character"),
        (Head(name="x", title="X", kind="binary"), "exactly two classes"),
        (Head(name="x", title="X", kind="regression", unit="a" * 200), "unit"),
    ],
)
def test_a_head_that_cannot_be_asked_is_refused(
    letters: LabelStore, head: Head, sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        letters.add_head(head)
    assert len(letters.heads()) == 3


def test_there_is_an_end_to_heads(letters: LabelStore) -> None:
    for number in range(MOST_HEADS - 3):
        letters.add_head(Head(name=f"x{number}", title="X"))
    with pytest.raises(UserError, match="most that is allowed"):
        letters.add_head(Head(name="y", title="Y"))


def as_version_2(dataset: Dataset) -> None:
    """Take away what version 3 added."""
    with sqlite3.connect(dataset.folder / DATABASE) as connection:
        as_version_3(connection)
        connection.execute("DROP TABLE heads")
        connection.execute("ALTER TABLE classes DROP COLUMN head")
        connection.execute("PRAGMA user_version = 2")
    connection.close()


def test_labels_of_version_2_belong_to_the_first_head(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    old = LabelStore(dataset)
    first, second = label(5, 2, seconds=1.0), label(5, 3)
    old.append([first, second, label(6, 1), skip(7)])
    old.add_class("d")
    old.merge_classes(1, 2)
    classes = old.classes()
    old.close()
    as_version_2(dataset)
    store = LabelStore(dataset)
    assert store.read(version_of) == SCHEMA_VERSION
    assert [head.name for head in store.heads()] == ["class"]
    assert store.classes() == classes
    assert store.heads()[0].classes == ("b", "c", "d")
    assert store.current().values.tolist() == [3, 2]
    assert store.skips() == [7]
    store.append([undo(second)])
    assert store.current("class").values.tolist() == [2, 2]
    assert store.add_class("a").identifier == 5
    store.add_head(Head(name="size", title="Size", kind="regression"))
    store.append([label(5, 1.5, head="size")])
    store.close()
    again = LabelStore(dataset)
    assert [head.name for head in again.heads()] == ["class", "size"]
    again.close()


def test_a_binary_head_that_came_without_names_gets_some(workspace: Workspace) -> None:
    dataset = make_texts(workspace)
    bare = (HEADS[0], HEADS[1].model_copy(update={"classes": ()}))
    manifest = dataset.manifest.model_copy(update={"heads": bare})
    store = LabelStore(Dataset(dataset.folder, manifest))
    assert store.head("urgent").classes == ("no", "yes")
    store.close()
