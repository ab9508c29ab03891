"""The verbs that label many items by what a run says."""

import json
from collections.abc import Callable

import pytest

from ssl_core import cli
from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.labels.store import open_labels
from ssl_core.workspace import Workspace
from tests.pages.named_runs import said_run

MakeDataset = Callable[..., Dataset]


@pytest.fixture
def dataset(workspace: Workspace, make_dataset: MakeDataset) -> Dataset:
    made = make_dataset(count=90, test=18)
    open_labels(made)
    said_run(workspace, made, "own", clusters=True, embeddings=True)
    return made


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert cli.main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert isinstance(found, dict)
    return found


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main(list(words)) == cli.FAILED
    return capsys.readouterr().err


def test_accept_labels_what_is_sure_enough(
    dataset: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    # Item n is called its reference class with 0.5 + 0.4 n / 90.
    found = answer(capsys, "accept", "own", "--class", "b", "--at-least", "0.7")
    truth, splits = dataset.reference_labels, dataset.splits
    wanted = [n for n in range(46, 90) if truth[n] == 1 and splits[n] != TEST]
    store = open_labels(dataset)
    current = store.current()
    assert found["labelled"] == len(wanted) == 9
    assert current.items.tolist() == wanted
    assert set(current.values.tolist()) == {2}
    assert store.origin_counts() == {"accepted": 9}
    again = answer(capsys, "accept", "own", "--class", "b", "--at-least", "0.7")
    assert again["labelled"] == 0
    assert "The classes are: a, b, c" in refusal(capsys, "accept", "own", "--class", "z")


def test_clusters_are_listed_and_named(
    dataset: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = answer(capsys, "clusters", "own")
    assert listed["clusters"] == [
        {"name": name, "size": 24, "unlabelled": 24} for name in ("0", "1", "2")
    ]
    named = answer(capsys, "clusters", "own", "--split", "2", "--name", "2a", "--class", "c")
    assert named["labelled"] == 16
    store = open_labels(dataset)
    assert (store.total(), store.origin_counts()) == (16, {"cluster": 16})
    left = {one["name"]: one["unlabelled"] for one in named["clusters"]}  # type: ignore[attr-defined]
    assert left == {"0": 24, "1": 24, "2a": 0, "2b": 8}
    assert "no cluster '9'" in refusal(capsys, "clusters", "own", "--name", "9", "--class", "a")
    assert "together" in refusal(capsys, "clusters", "own", "--name", "1")


def test_a_dataset_that_was_imported_again_is_not_labelled(
    workspace: Workspace, make_dataset: MakeDataset, capsys: pytest.CaptureFixture[str]
) -> None:
    said_run(workspace, make_dataset(count=60), "old", clusters=True)
    for file in (workspace.datasets / "tiny").iterdir():
        file.unlink()
    (workspace.datasets / "tiny").rmdir()
    make_dataset(count=90)
    assert "imported again" in refusal(capsys, "accept", "old", "--class", "a")
