"""The predict page without a browser: what it offers, and what it says where there is nothing."""

import json
from pathlib import Path

import numpy as np
import pytest
from pages_under_test import opened_page, texts

from pages.parts.takeaway import stage_line
from ssl_core.datasets.progress import ImportProgress
from ssl_core.predictions.request import Description, PredictedHead
from ssl_core.workspace import Workspace
from tests.conftest import MakeDataset
from tests.pages.fake_runs import fake_run
from tests.support.runs import make_run

JOB = "20260101-000000-abcdef"
HEADS = (
    PredictedHead(name="class", title="Class", kind="categorical", classes=("a", "b")),
    PredictedHead(name="age", title="Age", kind="regression", unit="years"),
)


def fake_network(folder: Path) -> None:
    """As much of a saved network as is read without a framework."""
    import zipfile

    shape = {"batch_shape": [None, 8, 8, 1]}
    layer = {"module": "keras.layers", "class_name": "InputLayer", "config": shape}
    with zipfile.ZipFile(folder / "model.keras", "w") as archive:
        archive.writestr("config.json", json.dumps({"config": {"layers": [layer]}}))


def fake_prediction(workspace: Workspace, run: str) -> Path:
    """A finished prediction of three images."""
    folder = workspace.predictions / JOB
    folder.mkdir()
    request = {"run": run, "location": "x", "name": "new.zip", "created": "2026-01-01T00:00:00Z"}
    (folder / "request.json").write_text(json.dumps(request))
    (folder / "progress.json").write_text(json.dumps({"state": "finished"}))
    np.save(folder / "items.npy", np.zeros((4, 8, 8, 1), np.uint8))
    lines = [json.dumps(name) + "\n" for name in ("<x>.png", "two.png", "three.png")]
    (folder / "names.jsonl").write_text("".join(lines))
    np.save(folder / "names.idx.npy", np.cumsum([0, *map(len, lines[:-1])]).astype(np.int64))
    np.savez(
        folder / "result.npz",
        **{
            "class/predicted": np.array([0, 1, 0], np.int32),
            "class/confidence": np.array([0.9, 0.6, 0.7], np.float32),
            "age/predicted": np.array([3.0, 1.0, 2.0], np.float32),
        },
    )
    described = Description(kind="images", count=3, heads=HEADS)
    (folder / "result.json").write_text(described.model_dump_json())
    return folder


@pytest.fixture
def run(workspace: Workspace, make_dataset: MakeDataset) -> str:
    folder = fake_run(workspace, make_dataset(), "run-1")
    fake_network(folder)
    return folder.name


def test_without_a_finished_run_the_page_says_what_comes_first(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    page = opened_page("predict")
    assert "No finished run yet" in texts(page)
    dataset = make_dataset()
    assert "Go to Label" in texts(opened_page("predict", dataset.identifier))
    make_run(workspace, dataset)
    assert "Go to Watch" in texts(opened_page("predict", dataset.identifier))


def test_what_the_run_takes_is_told(run: str) -> None:
    page = opened_page("predict", "tiny")
    assert not page.exception
    assert "8 × 8 pixels, grey" in texts(page)


def test_answers_are_filtered_ordered_and_escaped(workspace: Workspace, run: str) -> None:
    fake_prediction(workspace, run)
    page = opened_page("predict", "tiny")
    assert not page.exception
    shown = texts(page)
    assert "&lt;x&gt;.png" in shown
    assert "<x>" not in shown
    assert shown.index("two.png") < shown.index("three.png") < shown.index("&lt;x&gt;.png")
    assert "Age: 1 years" in shown
    chosen = next(box for box in page.selectbox if box.label == "Class")
    page = chosen.select(1).run()
    shown = texts(page)
    assert "two.png" in shown
    assert "three.png" not in shown
    question = next(box for box in page.selectbox if box.label == "Question")
    page = question.select("age").run()
    assert not page.exception
    assert "three.png" in texts(page)


def test_a_damaged_prediction_is_a_sentence(workspace: Workspace, run: str) -> None:
    (fake_prediction(workspace, run) / "result.npz").unlink()
    page = opened_page("predict", "tiny")
    assert not page.exception
    assert "Delete it and predict again" in page.error[0].value


def test_a_prediction_that_goes_on_has_a_bar_with_its_unit(
    workspace: Workspace, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fake_prediction(workspace, run)
    progress = {"state": "running", "phase": "asking the model", "done": 1200, "total": 50_000}
    (folder / "progress.json").write_text(json.dumps(progress))
    monkeypatch.setattr("ssl_core.jobs.is_running", lambda _: True)
    page = opened_page("predict", "tiny")
    assert not page.exception
    shown = texts(page).replace("\u2009", " ")
    assert "asking the model" in shown
    assert "1 200 of 50 000 images" in shown


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        ({}, "Starting …"),
        ({"phase": "loading the model", "done": 0, "total": 3}, "Stage 1 of 3: loading the model"),
        ({"phase": "packing the files", "done": 2, "total": 3}, "Stage 3 of 3: packing the files"),
    ],
)
def test_the_stage_of_an_export_is_told(progress: dict[str, object], line: str) -> None:
    told = ImportProgress.model_validate({"state": "running", **progress})
    assert stage_line(told) == line
