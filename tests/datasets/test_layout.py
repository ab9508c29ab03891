"""Splits and classes from the paths of files."""

import pytest

from ssl_core.datasets import names as names_module
from ssl_core.datasets.names import class_names, natural_key, plain_text
from ssl_core.datasets.readers.layout import arrange
from ssl_core.errors import UserError
from ssl_core.labels.classes import MOST_CLASSES

CASES: dict[str, tuple[dict[str, tuple[str, str | None]], list[str]]] = {
    "flat": ({"a.png": ("train", None), "b.png": ("train", None)}, []),
    "classes": ({"cat/a.png": ("train", "cat"), "dog/a.png": ("train", "dog")}, []),
    "wrapped": ({"set/cat/a.png": ("train", "cat"), "set/dog/a.png": ("train", "dog")}, []),
    "wrapped twice": ({"x/y/1/a.png": ("train", "1"), "x/y/2/a.png": ("train", "2")}, []),
    "wrapped flat": ({"set/a.png": ("train", None), "set/b.png": ("train", None)}, []),
    "splits": (
        {
            "set/train/cat/a.png": ("train", "cat"),
            "set/test/cat/a.png": ("test", "cat"),
            "set/unlabeled/a.png": ("unlabelled", None),
        },
        [],
    ),
    "capitals": ({"Train/c/a.png": ("train", "c"), "TEST/c/a.png": ("test", "c")}, []),
    "unlabelled in folders": (
        {"train/c/a.png": ("train", "c"), "unlabelled/deep/a.png": ("unlabelled", None)},
        [],
    ),
    "splits without classes": ({"train/a.png": ("train", None), "test/a.png": ("test", None)}, []),
    "only train": ({"train/cat/a.png": ("train", "cat"), "train/dog/a.png": ("train", "dog")}, []),
    "nested classes": (
        {"cat/2024/may/a.png": ("train", "cat"), "dog/a.png": ("train", "dog")},
        [],
    ),
    "validation": ({"train/c/a.png": ("train", "c"), "val/c/b.png": ("train", "c")}, []),
    "beside the splits": (
        {"train/c/a.png": ("train", "c"), "test/c/a.png": ("test", "c")},
        ["docs/figure.png"],
    ),
    "train is a class": ({"car/a.png": ("train", "car"), "train/a.png": ("train", "train")}, []),
    "classes beside test": (
        {"car/a.png": ("train", "car"), "test/car/a.png": ("test", "car")},
        [],
    ),
    "classes beside unlabelled": (
        {"car/a.png": ("train", "car"), "unlabelled/a.png": ("unlabelled", None)},
        [],
    ),
    "some without a folder": ({"a.png": ("train", None), "cat/b.png": ("train", "cat")}, []),
}


@pytest.mark.parametrize("case", CASES)
def test_arrangement(case: str) -> None:
    members, outside = CASES[case]
    found = arrange([*members, *outside])
    assert found.members == members
    assert found.outside == outside
    assert len(found.notes) == (1 if case == "validation" else 0)


def test_names_are_sorted_as_people_do() -> None:
    names = ["10", "2", "b10", "b9", "a", "", "Ü", "1²", "9" * 30]
    assert sorted(names, key=natural_key)[:4] == ["", "1²", "2", "10"]
    assert sorted(["b10", "b9", "a"], key=natural_key) == ["a", "b9", "b10"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("<b>cat</b>", "<b>cat</b>"),
        ("🐱 cat", "🐱 cat"),
        ("قطة", "قطة"),
        ("a\u202egnp.exe", "a gnp.exe"),
        ("a\nb\x00c\x1b[31m", "a b c [31m"),
        ("bad \udc80 byte", "bad ? byte"),
        ("e\u0301", "é"),
        ("  cat ", "cat"),
    ],
)
def test_names_stay_text(raw: str, expected: str) -> None:
    assert plain_text(raw) == expected


def test_too_many_classes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names_module, "CLASS_LIMIT", 3)
    with pytest.raises(UserError, match="There are 4 classes"):
        class_names("abcd")


def test_as_many_classes_come_along_as_can_be_made_by_hand() -> None:
    names = [str(number) for number in range(MOST_CLASSES + 1)]
    assert len(class_names(names[:-1])[0]) == MOST_CLASSES
    with pytest.raises(UserError, match=r"There are 1,001 classes.*at most 1,000 are possible"):
        class_names(names)


def test_long_class_names_are_shortened_and_kept_apart() -> None:
    stored, notes = class_names(["x" * 10_000, "x" * 9_999 + "y", "\n", "ok"])
    assert len(set(stored.values())) == 4
    assert max(len(name) for name in stored.values()) == 100
    assert stored["ok"] == "ok"
    assert stored["\n"] == "(no name)"
    assert len(notes) == 2
