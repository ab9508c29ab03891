"""Heads that a person adds: their names, and answers derived from the reference classes."""

from collections.abc import Callable

import numpy as np
import pytest
from pydantic import ValidationError

from ssl_core.datasets.dataset import Dataset, open_dataset
from ssl_core.errors import UserError
from ssl_core.heads import Head
from ssl_core.labels.draw import adopt_reference_labels, draw_labels
from ssl_core.labels.new_head import add_derived_head, head_name, head_named, parsed_groups
from ssl_core.labels.store import open_labels
from ssl_core.workspace import Workspace

MakeDataset = Callable[..., Dataset]
GROUPS = [("round", ("a", "c")), ("straight", ("b",))]


def test_groups_are_read_as_they_are_typed() -> None:
    typed = " round = 0, 6,8 ;straight=1,; "
    assert parsed_groups(typed) == [("round", ("0", "6", "8")), ("straight", ("1",))]


@pytest.mark.parametrize("typed", ["", ";;", "round", "=1,2", "round=", "round=,", "a=1;b"])
def test_what_is_no_group_is_told(typed: str) -> None:
    with pytest.raises(UserError, match="Expected"):
        parsed_groups(typed)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Group", "group"),
        ("How big?", "how_big"),
        ("Größe (m)", "grosse_m"),
        ("x" * 60, "x" * 40),
        ("../x", "x"),
        ("Loss", "loss_head"),
        ("Validation", "validation_head"),
    ],
)
def test_a_head_is_named_after_its_title(title: str, name: str) -> None:
    assert head_name(title) == name
    assert head_named(title, "categorical").title == title


@pytest.mark.parametrize("title", ["", "  ", "42", "多", "_"])
def test_a_title_that_no_file_can_be_named_after_is_refused(title: str) -> None:
    with pytest.raises(UserError, match="cannot name a head"):
        head_name(title)


def test_a_head_that_contradicts_itself_is_told() -> None:
    with pytest.raises(UserError, match=r"^A binary head has two classes"):
        head_named("x", "binary", ("a", "b", "c"))
    with pytest.raises(UserError, match="regression head 'x' has classes"):
        head_named("x", "regression", ("a",))
    assert head_named("x", "binary").classes == ("no", "yes")
    with pytest.raises(ValidationError, match="cannot be called 'loss'"):
        Head(name="loss", title="Loss")


def test_answers_are_derived_from_the_reference_classes(
    make_dataset: MakeDataset, workspace: Workspace
) -> None:
    dataset = make_dataset(count=60, unlabelled=6)
    store = open_labels(dataset)
    head = head_named("Group", "categorical")
    assert add_derived_head(dataset, store, head, GROUPS) == 54
    assert store.head("group").classes == ("round", "straight")
    stored = np.load(dataset.folder / "references" / "group.npy")
    expected = np.array([0, 1, 0, -1], np.int32)[np.asarray(dataset.reference_labels)]
    assert np.array_equal(stored, expected)
    assert open_dataset(workspace, "tiny").manifest == dataset.manifest  # the fingerprint too
    assert draw_labels(dataset, store, 5, 0, "group") == 10
    assert adopt_reference_labels(dataset, store, "group") == 32
    current = store.current("group")
    assert np.array_equal(current.values - 4, expected[current.items])


def test_reference_classes_outside_all_groups_give_no_answer(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    assert add_derived_head(dataset, open_labels(dataset), head_named("B", "categorical"),
                            [("only", ("b",))]) == 20  # fmt: skip


@pytest.mark.parametrize(
    ("groups", "sentence"),
    [
        ([("x", ("z",))], "no reference class 'z'. Known: a, b, c"),
        ([("x", ("a",)), ("y", ("b", "a"))], "'a' is in both 'x' and 'y'"),
        ([("x", ("a",)), ("x", ("b",))], "'x' is named twice"),
    ],
)
def test_impossible_groups_add_nothing(
    make_dataset: MakeDataset, groups: list[tuple[str, tuple[str, ...]]], sentence: str
) -> None:
    dataset = make_dataset()
    store = open_labels(dataset)
    with pytest.raises(UserError, match=sentence):
        add_derived_head(dataset, store, head_named("Group", "categorical"), groups)
    assert len(store.heads()) == 1
    assert not (dataset.folder / "references").exists()


def test_a_name_that_is_taken_leaves_the_file_of_the_other(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    store = open_labels(dataset)
    add_derived_head(dataset, store, head_named("Group", "categorical"), GROUPS)
    before = (dataset.folder / "references" / "group.npy").read_bytes()
    with pytest.raises(UserError, match="already"):
        add_derived_head(dataset, store, head_named("group", "categorical"), GROUPS[::-1])
    assert (dataset.folder / "references" / "group.npy").read_bytes() == before


def test_a_damaged_reference_is_told(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    store = open_labels(dataset)
    store.add_head(Head(name="group", title="Group", classes=("x", "y")))
    (dataset.folder / "references").mkdir()
    file = dataset.folder / "references" / "group.npy"
    file.write_bytes(b"no array")
    with pytest.raises(UserError, match=r"references/group\.npy"):
        draw_labels(dataset, store, 1, 0, "group")
    np.save(file, np.zeros(59, np.int32))
    with pytest.raises(UserError, match="holds 59 items"):
        draw_labels(dataset, store, 1, 0, "group")
