"""Classes: names, keys, colours, and changes while others label."""

import uuid
from collections.abc import Callable

import pytest

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.labels.classes import (
    KEYS,
    PALETTE,
    checked_colour,
    checked_name,
    default_colour,
    keys_for,
    usable_names,
)
from ssl_core.labels.events import LabelEvent
from ssl_core.labels.store import LabelStore, open_labels

MakeDataset = Callable[..., Dataset]


def give(store: LabelStore, item: int, value: int) -> None:
    event = uuid.uuid4().hex
    sent = LabelEvent(event=event, kind="label", person="me", item=item, value=value)
    assert store.append([sent]) == [event]


def test_keys_are_digits_then_letters_that_streamlit_leaves_free() -> None:
    assert KEYS.startswith("1234567890abde")
    assert len(set(KEYS)) == len(KEYS) == 34
    assert not set("cr") & set(KEYS)
    many = keys_for([f"class {index}" for index in range(36)])
    assert "".join(many) == KEYS
    assert many[33:] == ["z", "", ""]


def test_a_class_named_by_a_digit_has_that_digit_as_its_key() -> None:
    digits = [str(digit) for digit in range(10)]
    assert keys_for(digits) == digits
    assert keys_for([*digits, "blank"]) == [*digits, "a"]
    assert keys_for(["cat", "dog", "1", "²"]) == ["2", "3", "1", "4"]


def test_colours_are_different_and_valid() -> None:
    colours = [default_colour(position) for position in range(60)]
    assert len(set(colours)) == 60
    assert [checked_colour(colour) for colour in colours] == colours
    assert len(PALETTE) >= 10
    assert checked_colour("#AABBCC") == "#aabbcc"
    for wrong in ("red", "#abc", "#12345g", "", "#1234567"):
        with pytest.raises(UserError, match="not a colour"):
            checked_colour(wrong)


@pytest.mark.parametrize("name", ["x", "<b>bold</b>", "🐈‍⬛", "قطة", "a" * 100, "=1+1", "e\u0301"])
def test_any_script_can_name_a_class(name: str) -> None:
    assert checked_name(f"  {name}\n").strip() == checked_name(name)


@pytest.mark.parametrize(
    "name", ["", "   ", "a" * 101, "a" * 10_000, "a\nb", "a\0b", "a\tb", "x\u202ey", "x\ud800"]
)
def test_names_that_cannot_be_shown_are_refused(name: str) -> None:
    with pytest.raises(UserError, match="class name"):
        checked_name(name)


def test_names_that_came_with_data_are_made_usable() -> None:
    assert usable_names(["cat", "cat ", "", "a\nb", "x" * 120, "x" * 130]) == [
        "cat",
        "cat (2)",
        "class 3",
        "a b",
        "x" * 100,
        "x" * 96 + " (2)",
    ]


def test_without_reference_classes_the_schema_starts_empty(make_dataset: MakeDataset) -> None:
    store = open_labels(make_dataset(reference=False))
    assert store.classes() == []
    first = store.add_class(" cat ")
    assert (first.name, first.key, first.colour, first.reference) == ("cat", "1", PALETTE[0], None)
    assert store.classes() == [first]


def test_names_stay_unique(store: LabelStore) -> None:
    added = store.add_class("A")  # case counts
    for taken in ("a", " a ", "A"):
        with pytest.raises(UserError, match="already"):
            store.add_class(taken)
    with pytest.raises(UserError, match="already"):
        store.rename_class(added.identifier, "b")
    store.rename_class(added.identifier, "A")
    store.rename_class(added.identifier, "d")
    assert [one.name for one in store.classes()] == ["a", "b", "c", "d"]


def test_a_merge_counts_past_and_late_answers_for_the_target(store: LabelStore) -> None:
    give(store, 1, 1)
    give(store, 2, 2)
    give(store, 3, 3)
    store.merge_classes(1, 2)
    store.merge_classes(2, 3)
    give(store, 4, 1)  # from a browser that has not heard of it
    assert store.counts() == {3: 4}
    assert {label.value for label in store.recent()} == {3}
    assert store.history("me")[0].value == 3
    assert [(one.identifier, one.key) for one in store.classes()] == [(3, "1")]
    assert store.add_class("a").identifier == 4  # the name is free, the identifier is not


def test_impossible_merges_are_refused(store: LabelStore) -> None:
    with pytest.raises(UserError, match="into itself"):
        store.merge_classes(1, 1)
    with pytest.raises(UserError, match="no class 9"):
        store.merge_classes(1, 9)
    store.merge_classes(1, 2)
    for change in (
        lambda: store.merge_classes(1, 3),
        lambda: store.merge_classes(3, 1),
        lambda: store.rename_class(1, "x"),
        lambda: store.recolour_class(1, "#000000"),
    ):
        with pytest.raises(UserError, match="was merged"):
            change()


def test_renaming_and_recolouring_keep_labels(store: LabelStore) -> None:
    give(store, 1, 1)
    store.rename_class(1, "zebra")
    store.recolour_class(1, "#ABCDEF")
    changed = store.classes()[0]
    assert (changed.name, changed.colour) == ("zebra", "#abcdef")
    assert store.counts()[1] == 1
    with pytest.raises(UserError, match="not a colour"):
        store.recolour_class(1, "red")
