"""The verbs `compare` and `note`."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ssl_core import cli
from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.store import open_labels
from ssl_core.runs.notes import read_notes
from ssl_core.workspace import Workspace
from tests.support.runs import make_run

MakeDataset = Callable[..., Dataset]


def answered(workspace: Workspace, dataset: Dataset, wrong: list[int]) -> Path:
    """A finished run that is right on all items but `wrong`."""
    path = make_run(workspace, dataset)
    said = np.asarray(dataset.reference_labels).copy()
    said[wrong] = (said[wrong] + 1) % 3
    np.savez(path / "predictions.npz", probabilities=np.eye(3)[said].astype(np.float16))
    return path


def test_two_runs_are_compared_and_their_disagreements_sent(
    workspace: Workspace, make_dataset: MakeDataset, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = make_dataset(count=60, test=20)
    one = answered(workspace, dataset, [5, 6, 7, 50])
    other = answered(workspace, dataset, [7, *range(40, 49)])
    asked = ["compare", one.name, other.name, "--send", "1"]
    assert cli.main([*asked, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["only_first_right"], answer["only_second_right"]) == (9, 1)
    assert answer["winner"] == "first"
    assert answer["differ"] == 2
    assert answer["sent"] == 1
    assert list(open_labels(dataset).sent_items()) == [5]
    assert cli.main(asked[:3]) == 0
    assert f"{one.name} is better." in capsys.readouterr().out
    assert list(open_labels(dataset).sent_items()) == [5], "sent only where asked for"


def test_notes_are_changed_one_by_one(
    workspace: Workspace, make_dataset: MakeDataset, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make_run(workspace, make_dataset())
    assert cli.main(["note", run.name, "--tags", "good, kept", "--text", "as planned"]) == 0
    assert cli.main(["note", run.name, "--tags", "kept"]) == 0
    capsys.readouterr()
    assert cli.main(["note", run.name]) == 0
    assert capsys.readouterr().out == "Tags: kept\nas planned\n"
    assert read_notes(run).tags == ("kept",)
    assert cli.main(["note", run.name, "--tags", "x" * 40]) == 1
    assert "at most 30" in capsys.readouterr().err
