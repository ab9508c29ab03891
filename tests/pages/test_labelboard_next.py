"""What the board is told about the next items, and about who labels."""

import uuid
from collections.abc import Callable

import numpy as np
import pytest
from label_requests import board, post

from ssl_core.datasets.dataset import Dataset
from ssl_core.files import write_json
from ssl_core.labels.lending import AT_ONCE
from ssl_core.labels.store import open_labels
from ssl_core.labels.strategies.catalogue import STRATEGIES
from ssl_core.runs.status import RunStatus
from ssl_core.runs.writer import RunWriter
from ssl_core.workspace import Workspace
from tests.support.runs import make_run

MakeDataset = Callable[..., Dataset]


@pytest.fixture
def dataset(make_dataset: MakeDataset) -> Dataset:
    return make_dataset(count=320, test=20)


def test_the_board_offers_all_ways_to_choose_and_says_what_is_chosen(dataset: Dataset) -> None:
    told = board()["next"]
    assert (told["strategy"], told["run"], told["runs"]) == ("random", None, [])
    assert [one["name"] for one in told["strategies"]] == list(STRATEGIES)
    assert told["sentence"] == STRATEGIES["random"].sentence


def test_a_way_to_choose_is_set_for_everybody(dataset: Dataset) -> None:
    before = board("ana")
    status, answer = post("strategy", strategy="margin", run=None)
    assert (status, answer["store"]) == (200, open_labels(dataset).identity)
    after = board("ben")["next"]
    assert (after["strategy"], after["by"]) == ("margin", "")
    assert after["order"] != before["next"]["order"]
    assert "No finished run can choose so yet" in after["sentence"]
    status, answer = post("strategy", strategy="guess", run=None)
    assert status == 400
    assert "no strategy 'guess'" in answer["error"]


def test_a_run_without_a_name_of_its_own_is_called_as_on_the_other_screens(
    dataset: Dataset,
) -> None:
    folder = make_run(Workspace(dataset.folder.parents[1]), dataset)
    even = np.full((dataset.manifest.count, len(dataset.manifest.classes)), 0.1, np.float32)
    writer = RunWriter(folder)
    writer.predictions({"probabilities": even})
    writer.close()
    write_json(folder / "status.json", RunStatus(state="finished").model_dump(mode="json"))
    open_labels(dataset).set_strategy("margin")
    told = board()["next"]
    name = told["by"]
    assert name.startswith("Supervised baseline · ")
    assert told["sentence"].split("“")[1].split("”")[0] == name
    assert told["runs"][0]["title"].startswith(f"{name} · 20")  # in a list also when it was made


def test_a_browser_gets_a_name_and_may_drop_it(dataset: Dataset) -> None:
    assert board("ana-1")["next"]["name"] == ""
    assert post("person", person="ana-1", name=" Ana ")[0] == 200
    assert board("ana-1")["next"]["name"] == "Ana"
    assert open_labels(dataset).name_of("ana-1") == "Ana"
    assert post("person", person="ana-1", name="")[0] == 200
    assert board("ana-1")["next"]["name"] == ""
    assert post("person", person="a b", name="Ana")[0] == 400


def test_two_browsers_get_different_items(dataset: Dataset) -> None:
    first, second = (board(person, count=100)["queue"] for person in ("ana", "ben"))
    assert not set(first[:AT_ONCE]) & set(second)
    assert board("ana", count=100)["queue"][:AT_ONCE] == first[:AT_ONCE]


def test_items_that_were_sent_say_why(dataset: Dataset) -> None:
    open_labels(dataset).send_items([42], "two runs differ")
    told = board()
    assert told["queue"][0] == 42
    assert told["again"] == {"42": "two runs differ"}


def test_answers_given_many_at_once_keep_their_origin_and_batch(dataset: Dataset) -> None:
    store = open_labels(dataset)
    events = [
        {"event": uuid.uuid4().hex, "kind": "label", "person": "me", "item": item, "value": 1}
        | {"origin": origin, "batch": "one act"}
        for item, origin in enumerate(("grid", "cluster", "accepted", "imported", "drawn"))
    ]
    status, answer = post("events", store=store.identity, events=events)
    assert (status, answer["refused"]) == (200, [])
    assert [one.origin for one in reversed(store.recent())] == [
        *("grid", "cluster", "accepted", "imported"),
        "hand",
    ]
    assert {action.batch for action in store.history("me")} == {"one act"}
