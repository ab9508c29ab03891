"""The command line where there are several heads."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ssl_core import methods
from ssl_core.datasets.dataset import Dataset
from ssl_core.methods.base import Needs
from ssl_core.runs import launch
from ssl_core.runs.folder import open_run
from ssl_core.workspace import Workspace
from tests.support.command_line import answer, run
from tests.support.heads import make_texts

MakeDataset = Callable[..., Dataset]
DERIVED = ("--add", "Group", "--from-classes", "round=a,c; straight=b")


def refusal(*arguments: str) -> str:
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    return err


def test_heads_are_listed_and_added(make_dataset: MakeDataset) -> None:
    make_dataset()
    known = {"name": "class", "title": "Class", "kind": "categorical", "unit": "", "labelled": 0}
    assert answer("heads", "tiny")["heads"] == [{**known, "classes": ["a", "b", "c"]}]
    added = answer("heads", "tiny", *DERIVED)
    assert (added["added"], added["derived"]) == ("group", 60)
    assert answer("heads", "tiny", "--add", "mood", "--classes", "good, bad")["added"] == "mood"
    added = answer("heads", "tiny", "--add", "Size", "--kind", "regression", "--unit", "cm")
    assert [head["name"] for head in added["heads"]] == ["class", "group", "mood", "size"]
    assert added["heads"][2]["classes"] == ["good", "bad"]
    assert added["heads"][3]["unit"] == "cm"
    _, text, _ = run("heads", "tiny")
    assert text.splitlines()[0].split() == ["head", "kind", "answers", "labels"]
    assert "round, straight" in text


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--kind", "binary"), "describe a head to --add"),
        (("--add", "class"), "head 'class' already"),
        (("--add", "x", "--from-classes", "y=z"), "no reference class 'z'"),
        (("--add", "x", "--from-classes", "y"), "for example round=0,6,8,9"),
        (("--add", "x", "--unit", "cm"), "A categorical head has no unit"),
        (("--add", "x", "--kind", "binary", "--classes", "a"), "binary head has two classes"),
        (("--add", "17"), "cannot name a head"),
    ],
)
def test_a_head_that_cannot_be_added_is_told(
    make_dataset: MakeDataset, options: tuple[str, ...], sentence: str
) -> None:
    make_dataset()
    assert sentence in refusal("heads", "tiny", *options)
    assert len(answer("heads", "tiny")["heads"]) == 1


def test_labels_are_drawn_and_adopted_for_one_head(
    make_dataset: MakeDataset, tmp_path: Path
) -> None:
    make_dataset()
    run("heads", "tiny", *DERIVED)
    drawn = answer("label", "tiny", "--head", "group", "--draw", "3")
    assert drawn == {"labelled": 6, "per_class": {"round": 3, "straight": 3}}
    adopted = answer("label", "tiny", "--adopt")
    assert adopted == {"labelled": 48, "per_class": {"a": 16, "b": 16, "c": 16}}
    assert "no head 'mood'" in refusal("label", "tiny", "--head", "mood", "--draw", "3")
    out = tmp_path / "all.csv"
    assert answer("labels", "tiny", "--out", str(out))["labelled"] == 54
    heads = [row["head"] for row in csv.DictReader(out.open(encoding="utf-8"))]
    assert (heads.count("class"), heads.count("group")) == (48, 6)


def test_numbers_are_drawn_in_all(workspace: Workspace) -> None:
    make_texts(workspace)
    drawn = answer("label", "letters", "--head", "age", "--draw", "7")
    assert drawn == {"labelled": 7, "per_class": {}}
    _, text, _ = run("label", "letters", "--head", "age", "--draw", "7")
    assert text == "7 texts are labelled.\n"


def test_train_takes_heads_and_the_labels_of_a_run(
    workspace: Workspace, make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs = Needs(labels=True, unlabelled=False, heads=(2, 2))
    spec = replace(methods.method_named("supervised"), needs=needs)
    monkeypatch.setattr(methods, "catalogue", lambda: {"supervised": spec})
    monkeypatch.setattr(launch, "_start", lambda folder: None)
    make_dataset()
    train = ("train", "tiny", "--method", "supervised", "--background")
    assert "This method needs two questions" in refusal(*train)
    run("heads", "tiny", *DERIVED)
    run("label", "tiny", "--draw", "3")
    run("label", "tiny", "--draw", "3", "--head", "group")
    weights = ("--heads", "group, class", "--set", "head_weights=group=0.5, class=2")
    first = str(answer(*train, *weights)["run"])
    request = open_run(workspace, first).request()
    assert [head.name for head in request.heads] == ["group", "class"]
    assert request.configuration["head_weights"] == "class=2, group=0.5"
    assert "trained on no head 'mood'" in refusal(*train, "--set", "head_weights=mood=2")
    run("label", "tiny", "--draw", "9")
    again = str(answer(*train, "--labels-of", first)["run"])
    assert len(open_run(workspace, again).labels()["items"]) == 6
    assert "no run 'nothing'" in refusal(*train, "--labels-of", "nothing")
