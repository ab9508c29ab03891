"""The watch page with a queued run, one that trains, and ones that ended."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fake_runs import digits_dataset, fake_run
from pages_under_test import opened_page, texts
from streamlit.testing.v1 import AppTest

from pages.parts.runtext import left_text, seconds_left
from ssl_core.datasets.dataset import Dataset
from ssl_core.runs import launch
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.status import RunStatus
from ssl_core.runs.supervision import StopRequest, write_stop
from ssl_core.workspace import Workspace


@pytest.fixture
def dataset(workspace: Workspace) -> Dataset:
    return digits_dataset(workspace, count=120, test=40)


def buttons(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def test_a_running_run_shows_progress_figures_and_a_stop_button(
    workspace: Workspace, dataset: Dataset
) -> None:
    fake_run(workspace, dataset, "done", age=10)
    fake_run(
        workspace,
        dataset,
        "live",
        method="autoencoder",
        state="running",
        share_done=0.5,
        alive=True,
    )
    page = opened_page("watch")
    assert not page.exception
    assert page.selectbox(key="watched-run").value == "live", "running runs come first"
    words = texts(page)
    for text in ("Time left", "Validation accuracy", "images/s", "uses hidden labels"):
        assert text in words
    assert {"Stop", "Rename"} <= set(buttons(page))
    assert "Delete" not in buttons(page)
    assert [bar.proto.value for bar in page.get("progress")] == [50]


def test_a_queued_run_names_what_it_waits_for(workspace: Workspace, dataset: Dataset) -> None:
    fake_run(workspace, dataset, "first", state="running", share_done=0.2, alive=True, age=5)
    fake_run(workspace, dataset, "second", state="queued", share_done=0, alive=True)
    page = opened_page("watch", run="second")
    assert not page.exception
    assert "It waits for the CPU" in texts(page)
    assert "Supervised baseline" in texts(page)


def test_a_failed_run_says_why_and_offers_to_resume(workspace: Workspace, dataset: Dataset) -> None:
    reason = "The loss became infinite at step 410. Lower the learning rate."
    fake_run(workspace, dataset, "bad", state="failed", share_done=0.3, message=reason)
    page = opened_page("watch", run="bad")
    assert not page.exception
    assert "became infinite" in page.error[0].value
    assert {"Resume", "Rename", "Delete"} <= set(buttons(page))


def test_a_run_whose_process_is_gone_is_failed(workspace: Workspace, dataset: Dataset) -> None:
    fake_run(workspace, dataset, "dead", state="running", share_done=0.3)
    page = opened_page("watch", run="dead")
    assert not page.exception
    assert "Resume" in buttons(page)
    assert page.error


def test_a_run_that_was_stopped_by_force_says_so(workspace: Workspace, dataset: Dataset) -> None:
    folder = RunFolder(fake_run(workspace, dataset, "dead", state="running", share_done=0.3))
    write_stop(folder, StopRequest(asked=1.0, forced=True))
    assert "before it could save" in opened_page("watch", run="dead").info[0].value


def test_a_wish_to_stop_that_came_to_nothing_is_not_called_a_stop(
    workspace: Workspace, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "request_stop", lambda folder, patience: "nothing")
    fake_run(workspace, dataset, "live", state="running", share_done=0.5, alive=True)
    page = opened_page("watch", run="live")
    page.button(key="stop-live").click().run()
    assert not page.exception
    assert [toast.value for toast in page.toast] == ["It has ended, or was asked a moment ago."]


def test_time_left_follows_the_latest_speed(workspace: Workspace, dataset: Dataset) -> None:
    request = RunFolder(fake_run(workspace, dataset, "done")).request()
    halfway = RunStatus(state="running", step=100, steps=200, seconds=90, images_seen=1000)
    assert seconds_left(request, halfway, 100.0) == 10, "80 s of the 90 were compiling"
    assert seconds_left(request, halfway, None) is None
    minutes = request.model_copy(update={"steps": None, "minutes": 2.0})
    assert seconds_left(minutes, halfway, 100.0) == 10
    assert seconds_left(minutes, halfway, 1.0) == 30, "the clock ends it"
    over = halfway.model_copy(update={"seconds": 121.0})
    assert left_text(minutes, over, 100.0) == "–"
    nearly = halfway.model_copy(update={"seconds": 119.99})
    assert left_text(minutes, nearly, 100.0) == "1.0 s"


def test_a_run_can_be_renamed(workspace: Workspace, dataset: Dataset) -> None:
    folder = fake_run(workspace, dataset, "done")
    page = opened_page("watch", run="done")
    page.button(key="rename-done").click().run()
    page.text_input(key="run-title").set_value("Baseline, tuned")
    page.button(key="save-title").click().run()
    assert RunFolder(folder).title() == "Baseline, tuned"
    assert page.selectbox(key="watched-run").options[0].startswith("Baseline, tuned")


def test_a_name_that_is_too_long_is_cut_off_and_the_dialog_says_so(
    workspace: Workspace, dataset: Dataset
) -> None:
    folder = fake_run(workspace, dataset, "done")
    page = opened_page("watch", run="done")
    page.button(key="rename-done").click().run()
    assert "At most 100 characters" in texts(page)
    page.text_input(key="run-title").set_value("x" * 120)
    page.button(key="save-title").click().run()
    assert RunFolder(folder).title() == "x" * 100


def test_deleting_asks_first(workspace: Workspace, dataset: Dataset) -> None:
    folder = fake_run(workspace, dataset, "done")
    page = opened_page("watch", run="done")
    page.button(key="delete-done").click().run()
    assert folder.exists()
    assert "cannot be undone" in texts(page)
    page.button(key="delete-for-good").click().run()
    assert not folder.exists()
    assert "No run yet" in texts(page)


def test_an_address_of_a_run_that_is_gone_is_no_error(
    workspace: Workspace, dataset: Dataset
) -> None:
    fake_run(workspace, dataset, "done")
    page = opened_page("watch", run="../../etc")
    assert not page.exception
    assert page.query_params["run"] in ("done", ["done"])


def test_pictures_of_an_earlier_step_are_shown_on_demand(
    workspace: Workspace, dataset: Dataset
) -> None:
    fake_run(workspace, dataset, "done", method="autoencoder")
    page = opened_page("watch", run="done")
    page.toggle(key="latest-done").set_value(False).run()
    assert not page.exception
    page.select_slider[0].set_value(200).run()
    assert not page.exception
    assert "/panels/reconstruction/200.png" in texts(page)


@pytest.mark.parametrize("damage", ["panel.json", "00001200.json"])
def test_a_damaged_picture_spoils_nothing_else(
    workspace: Workspace, dataset: Dataset, damage: str
) -> None:
    folder = fake_run(workspace, dataset, "done")
    (folder / "panels" / "confusion" / damage).write_text("{")
    page = opened_page("watch", run="done")
    assert not page.exception
    assert "Confidence on unlabelled images" in texts(page)


def test_a_panel_of_an_unknown_kind_is_named(workspace: Workspace, dataset: Dataset) -> None:
    folder: Path = fake_run(workspace, dataset, "done")
    info = folder / "panels" / "confusion" / "panel.json"
    info.write_text(info.read_text().replace('"matrix"', '"hologram"'))
    page = opened_page("watch", run="done")
    assert not page.exception
    assert "hologram" in texts(page)


def test_a_run_of_another_dataset_brings_its_dataset_along(
    workspace: Workspace, dataset: Dataset, make_dataset: Callable[..., Dataset]
) -> None:
    tiny = make_dataset()
    fake_run(workspace, dataset, "of-digits")
    fake_run(workspace, tiny, "of-tiny")
    for run, expected in (("of-tiny", "tiny"), ("of-digits", "digits")):
        page = opened_page("watch", run=run)
        assert not page.exception
        assert page.selectbox(key="watched-run").value == run
        assert page.session_state["chosen_dataset"] == expected
        assert len(page.selectbox(key="watched-run").options) == 1


def test_more_classes_than_a_matrix_can_show_are_told(
    workspace: Workspace, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_run(workspace, dataset, "done")
    assert "no confusion matrix is drawn" not in texts(opened_page("watch", run="done"))
    monkeypatch.setattr("pages.parts.panels.MATRIX_LIMIT", 9)
    page = opened_page("watch", run="done")
    assert not page.exception
    assert "no confusion matrix is drawn" in texts(page)
