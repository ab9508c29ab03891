"""Watch and compare with runs on texts with further heads: nothing speaks of images."""

import json

import pytest
from fake_runs import fake_run
from pages_under_test import ROOT, opened_page, texts
from streamlit.testing.v1 import AppTest

from pages.parts.chartplan import items_word, units_of
from ssl_core.files import write_json
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.request import TrainedHead
from tests.support.heads import make_texts

HEADS = (
    TrainedHead(name="topic", title="Topic", kind="categorical"),
    TrainedHead(name="age", title="Age", kind="regression", unit="years"),
)


@pytest.fixture
def dataset(workspace):
    return make_texts(workspace, count=120, test=40)


@pytest.fixture
def folder(workspace, dataset):
    """A finished run that has a further head and a figure of it."""
    folder = RunFolder(fake_run(workspace, dataset, "done", labels=60))
    request = folder.request()
    labels = request.labels.model_copy(update={"others": {"Age": 40}})
    request = request.model_copy(update={"heads": HEADS, "labels": labels})
    write_json(folder.path / "request.json", request.model_dump(mode="json"))
    status = folder.status()
    results = status.results.model_copy(update={"figures": {"mae/age": 4.2}})
    status = status.model_copy(update={"results": results})
    write_json(folder.path / "status.json", status.model_dump(mode="json"))
    return folder


def test_results_speak_of_texts_and_of_years(folder, workspace):
    assert items_word(workspace, folder.request()) == "texts"
    assert units_of(folder.request()) == {"age": "years"}
    page = AppTest.from_file(str(ROOT / "pages" / "watch.py"), default_timeout=30)
    page.query_params["run"] = "done"
    page.run()
    assert not page.exception
    words = texts(page)
    for text in (
        "Texts seen",
        "texts/s",
        "Test mean absolute error: age",
        "4.2 years",
        "300 texts",
        "40 of Age",
    ):
        assert text in words
    assert "images" not in words.replace("Confidence on unlabelled images", "")  # a fake title


def test_compare_shows_the_texts_of_a_cell(folder):
    page = opened_page("compare", "letters")
    assert not page.exception
    assert "Test mean absolute error: age (years)" in page.dataframe[0].value
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
    page = AppTest.from_file(str(ROOT / "pages" / "watch.py"), default_timeout=30)
    page.query_params["run"] = "done"
    page.run()
    figures = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    titles = [figure["layout"]["yaxis"].get("title", {}).get("text") for figure in figures]
    assert "texts" in titles
