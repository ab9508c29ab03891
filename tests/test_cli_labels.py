"""Labels to files and back, their cost and the agreement of people, without the dashboard."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.store import LabelStore, open_labels
from tests.labels.label_events import label
from tests.support.command_line import answer, run

MakeDataset = Callable[..., Dataset]


@pytest.fixture
def store(make_dataset: MakeDataset) -> LabelStore:
    """Two people, five answers, two images answered by both."""
    store = open_labels(make_dataset())
    one, two, _ = (kind.identifier for kind in store.classes())
    store.append([label(0, one, "me", seconds=2), label(1, two, "me", seconds=4)])
    store.append([label(2, two, "me"), label(0, one, "you", seconds=1), label(1, one, "you")])
    return store


def test_labels_go_out_as_tasks_and_folders_and_come_back(
    store: LabelStore, make_dataset: MakeDataset, tmp_path: Path
) -> None:
    tasks, folders = tmp_path / "labels.json", tmp_path / "labels.zip"
    said = {"dataset": "tiny", "labelled": 5, "file": str(tasks)}
    assert answer("labels", "tiny", "--out", str(tasks)) == said
    assert "3 of 3" in run("labels", "tiny", "--out", str(tasks))[2]
    assert answer("labels", "tiny", "--out", str(folders))["labelled"] == 3
    with zipfile.ZipFile(folders) as archive:
        assert len(archive.namelist()) == 3
    other = make_dataset(name="other")
    (other.folder / "names.jsonl").write_text(
        "".join(f'"{item:05d}.png"\n' if item != 1 else '"gone.png"\n' for item in range(60))
    )
    code, out, err = run("label", "other", "--label-studio", str(tasks))
    assert code == 0
    assert out.startswith("3 labels taken over.")
    assert "task 2: 00001.png: No image of the dataset has this name." in err
    assert "Answers left out: 2." in err
    code, out, err = run("label", "other", "--class-folders", str(folders))
    assert code == 0
    assert out.startswith("2 labels taken over.")
    assert "entry 2: a/0000001 00001.png: No image of the dataset has this name." in err
    assert run("labels", "tiny", "--out", str(tmp_path / "labels.txt"))[0] == 1


def test_the_cost_of_labels_is_told(store: LabelStore) -> None:
    cost = answer("labels", "tiny", "--cost")
    assert cost["person"] == {
        "me": {"labels": 2, "mean_seconds": 3, "median_seconds": 3, "total_seconds": 6},
        "you": {"labels": 1, "mean_seconds": 1, "median_seconds": 1, "total_seconds": 1},
    }
    assert set(cost) == {"way", "person", "class"}
    assert "you     1       1.00" in run("labels", "tiny", "--cost")[1]


def test_the_agreement_of_people_is_told(store: LabelStore, make_dataset: MakeDataset) -> None:
    (pair,) = answer("labels", "tiny", "--agreement")["pairs"]
    assert pair["people"] == ["me", "you"]
    assert (pair["items"], pair["same"], pair["kappa"]) == (2, 1, 0)
    assert "Items with different answers: 1." in run("labels", "tiny", "--agreement")[1]
    make_dataset(name="other")
    assert run("labels", "other", "--agreement")[1] == "No item was answered by two people.\n"
    assert "No label has a time yet." in run("labels", "other", "--cost")[1]
