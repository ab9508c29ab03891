"""The command line about what is labelled next."""

import json
from collections.abc import Callable

import numpy as np
import pytest

from ssl_core.datasets.dataset import Dataset
from ssl_core.files import write_json
from ssl_core.labels.random_order import fixed_order
from ssl_core.labels.store import open_labels
from ssl_core.runs.status import RunStatus
from ssl_core.runs.writer import RunWriter
from ssl_core.workspace import Workspace
from tests.support.command_line import run
from tests.support.runs import make_run

MakeDataset = Callable[..., Dataset]


@pytest.fixture
def dataset(make_dataset: MakeDataset) -> Dataset:
    return make_dataset(count=90, test=30)


def surest_last(workspace: Workspace, dataset: Dataset) -> tuple[str, list[int]]:
    """A finished run that is the surer of an item the larger its number; its order by margin."""
    folder = make_run(workspace, dataset)
    first = np.linspace(0.34, 1.0, dataset.manifest.count)
    found = np.stack([first, *2 * [(1 - first) / 2]], axis=1).astype(np.float32)
    writer = RunWriter(folder)
    writer.predictions({"probabilities": found})
    writer.close()
    write_json(folder / "status.json", RunStatus(state="finished", steps=8).model_dump(mode="json"))
    return folder.name, list(range(9))


def test_the_next_items_by_a_run(workspace: Workspace, dataset: Dataset) -> None:
    name, first = surest_last(workspace, dataset)
    code, out, err = run(
        *("queue", "tiny", "--strategy", "margin", "--run", name), *("--limit", "9", "--json")
    )
    assert code == 0, err
    answer = json.loads(out)
    assert [one["item"] for one in answer["items"]] == first
    assert (answer["strategy"], answer["runs"]) == ("margin", [name])
    assert answer["items"][0]["name"] == "00000.png"
    assert open_labels(dataset).strategy().strategy == "random"  # only looked at


def test_a_strategy_is_kept_where_that_is_asked_for(dataset: Dataset) -> None:
    code, out, _ = run("queue", "tiny", "--strategy", "entropy", "--keep")
    assert code == 0
    assert "Least sure (entropy)" in out
    assert "No finished run can choose so yet" in out
    assert open_labels(dataset).strategy().strategy == "entropy"


def test_without_a_strategy_the_one_of_the_dataset_is_shown(dataset: Dataset) -> None:
    open_labels(dataset).send_items([7], "two runs differ")
    code, out, _ = run("queue", "tiny", "--limit", "3")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("At random.")
    assert lines[3].split() == ["7", "00007.png", "two", "runs", "differ"]
    rest = [item for item in fixed_order(dataset).tolist() if item != 7]
    assert [int(line.split()[0]) for line in lines[4:]] == rest[:2]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--limit", "0"), "Received the limit 0"),
        (("--keep",), "Name one"),
        (("--strategy", "margin", "--run", "no-such"), "no run 'no-such'"),
        (("--strategy", "margin", "--run", "../x"), "not a name"),
    ],
)
def test_wrong_use_is_told(dataset: Dataset, options: tuple[str, ...], reason: str) -> None:
    code, _, err = run("queue", "tiny", *options)
    assert code == 1
    assert reason in err
