"""What the watch page says of a finished run: its figures, what they are of, what is missing."""

import json

import pytest
from changed_runs import change_labels, change_request, change_results, change_status
from fake_runs import digits_dataset, fake_run
from pages_under_test import opened_page, texts

from pages.parts.rundetails import missing_pictures
from pages.parts.words import THIN_SPACE
from ssl_core.datasets.dataset import Dataset
from ssl_core.runs.folder import METRICS, RunFolder
from ssl_core.workspace import Workspace


@pytest.fixture
def dataset(workspace: Workspace) -> Dataset:
    return digits_dataset(workspace, count=120, test=40)


def test_a_finished_run_shows_its_results_with_interval_and_source(
    workspace: Workspace, dataset: Dataset
) -> None:
    fake_run(workspace, dataset, "done", title="My <b>best</b> run")
    page = opened_page("watch", run="done")
    assert not page.exception
    words = texts(page)
    assert "Test accuracy" in words
    assert "reference labels of the test split" in words
    assert "My &lt;b&gt;best&lt;/b&gt; run" in words
    assert "Stop" not in [button.label for button in page.button]
    assert not page.code  # the log is read where it is opened
    page.session_state["log-open-done"] = True
    assert "step 1190 of 1200" in page.run().code[0].value


def test_a_missing_reliability_curve_is_explained(workspace: Workspace, dataset: Dataset) -> None:
    for run, labels in (("few", 19), ("enough", 20)):
        change_labels(fake_run(workspace, dataset, run), validation=labels)
    missing = "No reliability curve: it takes 20 validation labels, and this run has 19."
    assert missing in texts(opened_page("watch", run="few"))
    assert "reliability curve" not in texts(opened_page("watch", run="enough"))


def test_no_reliability_curve_is_missed_where_none_could_be(
    workspace: Workspace, dataset: Dataset
) -> None:
    folder = fake_run(workspace, dataset, "few")
    change_labels(folder, validation=0)
    assert "has none" in missing_pictures(RunFolder(folder).request())
    change_request(folder, classes=())
    assert missing_pictures(RunFolder(folder).request()) == "", "there is no confidence"
    other = fake_run(workspace, dataset, "unlabelled")
    change_labels(other, validation=0, per_class={})
    assert missing_pictures(RunFolder(other).request()) == "", "no labels were given at all"


def test_what_the_best_step_reaches_is_told_only_where_it_is_another_than_the_last(
    workspace: Workspace, dataset: Dataset
) -> None:
    folder = fake_run(workspace, dataset, "done", steps=1200)
    change_results(folder, selected_test_accuracy=0.9, selected_step=800)
    assert "best on validation" in texts(opened_page("watch"))
    change_results(folder, selected_step=1200)
    assert "best on validation" not in texts(opened_page("watch"))


def test_the_speed_is_that_of_the_chart(workspace: Workspace, dataset: Dataset) -> None:
    folder = fake_run(workspace, dataset, "done")  # about 2 050 images a second in its lines
    change_status(folder, seconds=3 * RunFolder(folder).status().seconds)
    with (folder / METRICS).open("a") as stream:
        for odd in (None, 9e9):
            stream.write(json.dumps({"step": 1210, "values": {"throughput": odd}}) + "\n")
    words = texts(opened_page("watch"))
    shown = words.partition("<dt>Median speed</dt><dd>")[2].partition(" images/s")[0]
    assert 1900 < int(shown.replace(THIN_SPACE, "")) < 2200


def test_a_speed_that_is_no_number_is_not_shown(workspace: Workspace, dataset: Dataset) -> None:
    folder = fake_run(workspace, dataset, "done")
    row = {"step": 10, "seconds": 1.0, "images": 1280, "values": {"throughput": None}}
    (folder / METRICS).write_text(json.dumps(row) + "\n")
    page = opened_page("watch")
    assert not page.exception
    assert "Training time" in texts(page)
    assert "speed" not in texts(page)


def test_brackets_are_spoken_of_where_there_are_some(
    workspace: Workspace, dataset: Dataset
) -> None:
    folder = fake_run(workspace, dataset, "done")
    assert "brackets hold" in texts(opened_page("watch"))
    change_results(folder, test_interval=None, validation_interval=None)
    words = texts(opened_page("watch"))
    assert "Figures are of the averaged weights" in words
    assert "brackets" not in words
