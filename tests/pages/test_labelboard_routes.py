"""The routes of the label board."""

import shutil
import uuid
from collections.abc import Callable

import pytest
from asgi_client import call
from label_requests import APP, HEADERS, board, post
from support.heads import make_texts

from pages.parts.labelboard import routes
from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.queue import next_items
from ssl_core.labels.store import open_labels
from ssl_core.workspace import Workspace

MakeDataset = Callable[..., Dataset]


@pytest.fixture
def dataset(make_dataset: MakeDataset) -> Dataset:
    return make_dataset(count=80, test=10)


def event(kind: str = "label", **fields: object) -> dict[str, object]:
    return {"event": uuid.uuid4().hex, "kind": kind, "person": "me", "item": 0, **fields}


def test_the_board_shows_the_queue_and_the_schema(dataset: Dataset) -> None:
    seen = board(count=10)
    assert seen["queue"] == next_items(dataset, open_labels(dataset), 10)
    assert set(seen["images"]) == {str(item) for item in seen["queue"]}
    assert all(url.startswith("data:image/png;base64,") for url in seen["images"].values())
    assert [one["name"] for one in seen["classes"]] == ["a", "b", "c"]
    assert (seen["total"], seen["done"], seen["pool"], seen["goal"]) == (0, 0, 70, 70)
    assert (seen["recent"], seen["history"], seen["median"]) == ([], [], None)
    assert seen["stopped"] is None


def test_images_that_the_browser_has_are_not_sent_again(dataset: Dataset) -> None:
    queue = board(count=10)["queue"]
    held = ",".join(str(item) for item in queue[:8])
    assert set(board(count=10, have=held)["images"]) == {str(item) for item in queue[8:]}
    assert "79" in board(count=10, have=held, want="79,100000,x,-3")["images"]


def test_large_images_come_a_few_at_a_time(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "IMAGE_BYTES", 1)
    seen = board(count=40)
    assert len(seen["queue"]) == 40
    assert list(seen["images"]) == [str(item) for item in seen["queue"][: routes.LEAST_IMAGES]]


def test_events_are_stored_and_the_rest_refused_one_by_one(dataset: Dataset) -> None:
    good = event(item=3, value=1, seconds=0.5, origin="adopted")
    status, answer = post(
        "events",
        store=open_labels(dataset).identity,
        events=[
            good,
            event(item=3, value=99),
            event("shout"),
            {"event": "x"},
            "nonsense",
            event(item=10**30),
            event(seconds=float("inf")),
        ],
    )
    assert status == 200
    assert answer["acknowledged"] == [good["event"]]
    assert len(answer["refused"]) == 6
    assert "no class 99" in answer["refused"][-1]["reason"]
    seen = board(count=1)
    assert [(label["item"], label["value"]) for label in seen["recent"]] == [(3, 1)]
    assert seen["history"][0]["event"] == good["event"]  # by hand, whatever it said of itself
    assert seen["counts"] == {"1": 1, "2": 0, "3": 0}
    assert "3" in seen["images"]


def test_each_person_undoes_what_they_did_themselves(dataset: Dataset) -> None:
    store = open_labels(dataset).identity
    mine, theirs = event(item=3, value=1), event(item=3, value=2, person="5f-A_")
    post("events", store=store, events=[mine, theirs])
    assert [action["event"] for action in board()["history"]] == [mine["event"]]
    assert [action["event"] for action in board(person="5f-A_")["history"]] == [theirs["event"]]
    assert board(person="someone-new")["history"] == []
    assert board()["counts"] == {"1": 0, "2": 1, "3": 0}  # the latest counts
    back = event("undo", item=3, target=theirs["event"], person="5f-A_")
    post("events", store=store, events=[back])
    assert board()["counts"] == {"1": 1, "2": 0, "3": 0}


@pytest.mark.parametrize("person", ["", "a b", "ä", "x" * 65, "<b>"])
def test_a_person_that_no_browser_names_is_refused(dataset: Dataset, person: str) -> None:
    address = "/api/labels/tiny/board"
    answer = call(APP, "GET", address, query={"person": person}, headers=HEADERS)
    assert answer.status == 400
    good, odd = event(value=1), event(value=1, person=person)
    store = open_labels(dataset).identity
    answer = post("events", store=store, events=[good, odd])[1]
    assert answer["acknowledged"] == [good["event"]]
    assert [one["event"] for one in answer["refused"]] == [odd["event"]]


def test_events_for_another_store_are_kept_by_the_browser(dataset: Dataset) -> None:
    status, answer = post("events", store="old", events=[event(value=1)])
    assert status == 409
    assert "imported again" in answer["error"]
    store = open_labels(dataset).identity
    assert post("events", store=store, events=[event(value=1)] * 1001)[0] == 413
    assert post("events", store=store, events="all")[0] == 400
    assert post("events", store=store)[0] == 400


def test_a_store_that_cannot_write_says_so_and_acknowledges_nothing(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_labels(dataset)
    store._writer._stopped = "The disk is full."
    status, answer = post("events", store=store.identity, events=[event(value=1)])
    assert (status, answer) == (503, {"error": "The disk is full."})
    assert board()["stopped"] == "The disk is full."


def test_classes_and_the_goal_are_changed(dataset: Dataset) -> None:
    status, schema = post("classes", action="add", name=" d ", colour="#112233")
    assert status == 200
    assert schema["classes"][-1] == {
        "identifier": 4,
        "name": "d",
        "colour": "#112233",
        "key": "4",
        "reference": None,
    }
    post("classes", action="rename", identifier=4, name="e")
    post("classes", action="recolour", identifier=4, colour="#332211")
    _, schema = post("classes", action="merge", identifier=1, target=4)
    assert [(one["name"], one["colour"]) for one in schema["classes"]][-1] == ("e", "#332211")
    assert len(schema["classes"]) == 3
    assert post("goal", goal=12)[1]["goal"] == 12
    for what, body in (
        ("classes", {"action": "add", "name": "b"}),
        ("classes", {"action": "add"}),
        ("classes", {"action": "explode"}),
        ("classes", {"action": "rename", "identifier": True, "name": "x"}),
        ("goal", {"goal": 0}),
        ("goal", {"goal": "many"}),
    ):
        status, answer = post(what, **body)
        assert status == 400
        assert answer["error"]


def test_texts_come_with_their_heads_answers_and_numbers(workspace: Workspace) -> None:
    letters = make_texts(workspace, name="tiny")
    store = open_labels(letters)
    given = [
        event(item=3, value=2),
        event(item=3, value=5, head="urgent"),
        event(item=4, value=30.5, head="age"),
        event(item=4, value=9, head="mood"),
        event(item=4, value=1, head="age", person="<b>"),
    ]
    answer = post("events", store=store.identity, events=given)[1]
    assert answer["acknowledged"] == [one["event"] for one in given[:3]]
    seen = board(count=100)
    assert "images" not in seen
    assert seen["texts"]["4"] == "Letter 4 is about money."
    assert (seen["columns"], seen["numbers"]["5"]) == (["length", "weight"], [5.0, 1.25])
    assert [(one["name"], one["kind"], one["asked"]) for one in seen["heads"]] == [
        ("topic", "categorical", True),
        ("urgent", "binary", True),
        ("age", "regression", True),
    ]
    assert [one["name"] for one in seen["heads"][1]["classes"]] == ["no", "yes"]
    assert seen["counts"] == {"1": 0, "2": 1, "3": 0, "4": 0, "5": 1}
    assert seen["answers"] == {"3": {"topic": 2, "urgent": 5}, "4": {"age": 30.5}}
    assert [action["head"] for action in seen["history"]] == ["age", "urgent", "topic"]
    assert seen["recent"] == [{"item": 4, "value": None}, {"item": 3, "value": 2}]
    assert (seen["total"], seen["done"], seen["pool"]) == (0, 0, 24)
    assert set(seen["queue"][:2]) == {3, 4}  # what was begun is finished first
    last = event(item=3, value=1, head="age")
    post("events", store=store.identity, events=[last])
    assert board()["total"] == 1
    _, schema = post("classes", action="add", name="mild", head="topic")
    assert schema["classes"][-1]["name"] == "mild"
    assert "keeps its two" in post("classes", action="add", name="x", head="urgent")[1]["error"]


def test_a_very_long_text_is_cut(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    make_texts(workspace, name="tiny")
    monkeypatch.setattr(routes, "LONGEST_TEXT", 9)
    assert board(want="1")["texts"]["1"] == "Letter 1  … (the first 9 of 24 characters)"


@pytest.mark.parametrize("name", ["nothing", "..", "TINY", "a" * 200])
def test_a_dataset_that_is_not_there(dataset: Dataset, name: str) -> None:
    answer = call(APP, "GET", f"/api/labels/{name}/board", headers=HEADERS)
    assert answer.status == 404
    assert answer.json()["error"]


def test_a_dataset_that_was_deleted_and_imported_again(
    dataset: Dataset, make_dataset: MakeDataset
) -> None:
    first = board()["store"]
    shutil.rmtree(dataset.folder)
    assert call(APP, "GET", "/api/labels/tiny/board", headers=HEADERS).status == 404
    make_dataset(count=30, test=3)
    again = board(count=100)
    assert again["store"] != first
    assert len(again["queue"]) == 27


def test_a_foreign_page_is_refused(dataset: Dataset) -> None:
    assert call(APP, "GET", "/api/labels/tiny/board").status == 403
    foreign = {**HEADERS, "Origin": "http://evil.example"}
    for what in ("events", "classes", "goal"):
        answer = call(APP, "POST", f"/api/labels/tiny/{what}", headers=foreign, body=b"{}")
        assert answer.status == 403
