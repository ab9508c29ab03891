"""The routes of the grid."""

import uuid
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from asgi_client import call
from label_requests import APP, HEADERS, post
from named_runs import said_run
from support.heads import make_texts
from support.told import WAYS, Way, tell_by_reference

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.labels.store import open_labels
from ssl_core.workspace import Workspace

MakeDataset = Callable[..., Dataset]


@pytest.fixture
def dataset(workspace: Workspace, make_dataset: MakeDataset) -> Dataset:
    made = make_dataset(count=90, test=18)
    open_labels(made)
    said_run(workspace, made, "own", clusters=True, embeddings=True)
    return made


def get(path: str = "", dataset: str = "tiny", **query: object) -> tuple[int, dict[str, Any]]:
    text = {name: str(value) for name, value in query.items()}
    where = f"/api/labels/{dataset}/grid{path}"
    answer = call(APP, "GET", where, query=text, headers=HEADERS)
    return answer.status, answer.json()


def submit(dataset: Dataset, items: list[int], origin: str = "grid", person: str = "me") -> str:
    """Label `items` as the browser does; the batch."""
    batch = uuid.uuid4().hex
    one = {"kind": "label", "person": person, "value": 1, "origin": origin, "batch": batch}
    events = [{**one, "event": uuid.uuid4().hex, "item": item, "seconds": 0.1} for item in items]
    store = open_labels(dataset).identity
    assert len(post("events", store=store, events=events)[1]["acknowledged"]) == len(items)
    return batch


def test_a_page_holds_unlabelled_items_and_their_pictures(dataset: Dataset) -> None:
    _, seen = get(count=50)
    assert (seen["total"], len(seen["items"]), seen["scores"]) == (72, 50, None)
    assert seen["tile"] == [8, 8]
    assert [sheet[:22] for sheet in seen["sheets"]] == ["data:image/png;base64,"]
    _, rest = get(offset=50)
    assert not set(rest["items"]) & set(seen["items"])
    assert not any(dataset.splits[item] == TEST for item in seen["items"] + rest["items"])
    submit(dataset, seen["items"][:5])
    assert get()[1]["total"] == 67
    assert get(count=10**9)[1]["items"] == seen["items"][5:] + rest["items"]


def test_a_run_sorts_what_it_calls_a_class(dataset: Dataset) -> None:
    _, listing = get("/runs", run="own")
    (run,) = listing["runs"]
    assert (run["called"], run["clusters"], listing["open"]) == (True, "own", 72)
    assert run["classes"] == {"1": 24, "2": 24, "3": 24}
    _, seen = get(**{"run": "own", "class": 2})
    assert seen["items"] == sorted(seen["items"], reverse=True)
    assert set(np.asarray(dataset.reference_labels)[seen["items"]]) == {1}
    assert seen["scores"] == sorted(seen["scores"], reverse=True)
    _, back = get(**{"run": "own", "class": 2, "order": "unsure"})
    assert back["items"] == seen["items"][::-1]
    post("classes", action="merge", identifier=3, target=2)
    assert get(**{"run": "own", "class": 2})[1]["total"] == 48


@pytest.mark.parametrize("way", WAYS)
def test_classes_known_by_reference_labels_are_not_told(
    workspace: Workspace, dataset: Dataset, way: Way
) -> None:
    tell_by_reference(workspace.runs / "own", way)
    (run,) = get("/runs", run="own")[1]["runs"]
    assert (run["called"], run["classes"]) == (False, {})
    status_code, refusal = get(**{"run": "own", "class": 2})
    assert status_code == 400
    assert "reference labels" in refusal["error"]
    assert get("/clusters", run="own")[0] == 200


def test_clusters_are_listed_opened_and_split(dataset: Dataset) -> None:
    _, seen = get("/clusters", run="own")
    assert [(one["name"], one["size"], one["open"]) for one in seen["clusters"]] == [
        ("0", 24, 24),
        ("1", 24, 24),
        ("2", 24, 24),
    ]
    assert len(seen["sheets"]) == 1
    assert seen["can_split"]
    submit(dataset, seen["clusters"][1]["shown"], "cluster")
    labelled = get("/clusters", run="own")[1]["clusters"][1]
    assert (labelled["open"], labelled["counts"]) == (12, [[1, 12]])
    _, inside = get(run="own", cluster="1")
    assert inside["total"] == 12
    assert inside["scores"] is not None
    assert get("/items", run="own", cluster="1")[1]["items"] == inside["items"]
    _, halves = get("/clusters", run="own", splits="2")
    assert [one["name"] for one in halves["clusters"]][-2:] == ["2a", "2b"]
    status, refusal = get(run="own", cluster="2")
    assert status == 200
    status, refusal = get(run="own", cluster="2", splits="2")
    assert status == 400
    assert "no cluster '2'" in refusal["error"]


def test_what_others_look_at_is_left_out(dataset: Dataset) -> None:
    asked = {"run": "own", "cluster": "1"}
    _, ana = get(**asked, person="ana")
    assert len(ana["items"]) == ana["total"] == 24
    _, ben = get(**asked, person="ben")
    assert (ben["items"], ben["total"], ben["elsewhere"]) == ([], 0, 24)
    assert get("/items", **asked, person="ben")[1]["items"] == []
    assert get("/items", **asked, person="ana")[1]["items"] == ana["items"]
    # How pure a cluster is does not hang on who looks at it.
    assert len(get(**asked, person="ben", spot=1)[1]["items"]) == 20
    assert not set(get(person="ben", count=40, ahead="yes")[1]["items"]) & set(ana["items"])
    assert get(**asked, person="ana")[1]["items"] == ana["items"]  # nothing was lent to ben
    assert get(person="<b>")[0] == 400


def test_a_page_that_was_fetched_ahead_is_lent_once_it_is_shown(dataset: Dataset) -> None:
    first = get(person="ana", count=20)[1]
    ahead = get(person="ana", count=20, offset=first["after"], ahead="yes")[1]["items"]
    assert get(person="ben", count=10)[1]["items"] == ahead[:10]
    told = post("grid/loan", person="ana", head="", items=ahead)
    assert told == (200, {"lost": sorted(ahead[:10])})
    assert get(person="ben", count=50)[1]["items"][:20] == first["items"]  # given back
    assert post("grid/loan", person="ben", head="", items=[])[1] == {"lost": []}
    assert not set(get(person="cleo")[1]["items"]) & set(ahead[10:])
    assert post("grid/loan", person="ben", head="", items=["x", -1, 10**9, True, 2.5])[0] == 200
    assert post("grid/loan", person="", head="", items=[])[0] == 400


def test_a_page_ahead_that_somebody_labelled_meanwhile_is_lost(dataset: Dataset) -> None:
    first = get(person="ana", count=20)[1]
    ahead = get(person="ana", count=20, offset=first["after"], ahead="yes")[1]["items"]
    submit(dataset, ahead[:4])
    told = post("grid/loan", person="ana", head="", items=ahead)
    assert told == (200, {"lost": sorted(ahead[:4])})


def test_a_spot_check_is_random_and_its_purity_has_an_interval(dataset: Dataset) -> None:
    drawn = [tuple(get(run="own", cluster="0", spot=1)[1]["items"]) for _ in range(5)]
    assert all(len(set(one)) == 20 for one in drawn)
    assert len(set(drawn)) > 1
    _, found = get("/purity", wrong=2, checked=20)
    assert found["share"] == pytest.approx(0.9)
    assert (found["low"], found["high"]) == (
        pytest.approx(0.699, abs=1e-3),
        pytest.approx(0.972, abs=1e-3),
    )


def test_a_batch_is_taken_back_by_who_gave_it(dataset: Dataset) -> None:
    items = get(count=8)[1]["items"]
    first, second = submit(dataset, items[:5]), submit(dataset, items[5:], "accepted")
    assert get("/last", person="me")[1] == {"batch": second, "labels": 3}
    assert get("/last", person="you")[1]["batch"] is None
    assert post("grid/undo", batch=second, person="you")[0] == 400
    assert post("grid/undo", batch=second, person="me")[1] == {"labels": 3}
    assert get("/last", person="me")[1]["batch"] == first
    assert open_labels(dataset).total() == 5
    assert post("grid/undo", batch=second, person="me")[0] == 400
    assert get("/last", person="<b>")[0] == 400


def test_texts_come_as_cards(workspace: Workspace) -> None:
    texts = make_texts(workspace)
    open_labels(texts)
    _, seen = get(dataset=texts.identifier)
    assert len(seen["texts"]) == len(seen["items"]) > 0
    assert "sheets" not in seen


def test_odd_requests_are_answered_with_a_sentence(dataset: Dataset) -> None:
    for query in ({"run": "none", "class": 1}, {"run": "own", "cluster": "77"}, {"head": "x"}):
        status, answer = get(**query)
        assert status == 400
        assert answer["error"].endswith(".")
    assert get(dataset="gone")[0] == 404
    assert get("/clusters", run="own", groups="1")[0] == 400
    assert get("/clusters", run="own", splits="2;drop,../x,9" * 100)[0] == 200
