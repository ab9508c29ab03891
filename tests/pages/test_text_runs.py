"""Watch and compare with runs on texts with further heads: nothing speaks of images."""

import json

import pytest
from changed_runs import change_labels, change_request, change_results
from fake_runs import fake_run
from pages_under_test import opened_page, texts

from pages.parts.chartplan import items_word, units_of
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.request import TrainedHead
from tests.support.heads import make_texts

AGE = TrainedHead(name="age", title="Age", kind="regression", unit="years")


@pytest.fixture
def dataset(workspace):
    return make_texts(workspace, count=120, test=40)


@pytest.fixture
def folder(workspace, dataset):
    """A finished run that has a further head and a figure of it."""
    path = fake_run(workspace, dataset, "done", labels=60)
    classes = RunFolder(path).request().classes
    topic = TrainedHead(name="topic", title="Topic", kind="categorical", classes=classes)
    change_request(path, heads=(topic, AGE))
    change_labels(path, others={"Age": 40})
    change_results(path, figures={"mae/age": 4.2})
    return RunFolder(path)


def test_results_speak_of_texts_and_of_years(folder, workspace):
    assert items_word(workspace, folder.request()) == "texts"
    assert units_of(folder.request()) == {"age": "years"}
    page = opened_page("watch", run="done")
    assert not page.exception
    words = texts(page)
    for text in (
        "Texts seen",
        "texts/s",
        "Test mean absolute error: Age",
        "4.2 years",
        "300 texts",
        "40 of Age",
    ):
        assert text in words
    assert "images" not in words.replace("Confidence on unlabelled images", "")  # a fake title


def test_compare_shows_the_texts_of_a_cell(folder):
    page = opened_page("compare", "letters")
    assert not page.exception
    assert "Test mean absolute error: Age (years)" in page.dataframe[0].value
    page.session_state["confusion-cell"] = ("done", 0, 0)
    page.run()
    assert not page.exception
    words = texts(page)
    assert "sport taken for sport" in words
    shown = page.table[-1].value
    assert all("is about sport" in text for text in shown["text"])
    assert max(len(text) for text in shown["text"]) < 400, "a long text is shortened"
    assert "images" not in words


def test_a_histogram_counts_texts(folder):
    page = opened_page("watch", run="done")
    figures = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    titles = [figure["layout"]["yaxis"].get("title", {}).get("text") for figure in figures]
    assert "texts" in titles
