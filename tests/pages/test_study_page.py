"""The page of studies: making one, its curves, its ties, and pausing it."""

import json

import pytest
from pages_under_test import opened_page, texts

from pages.parts.charts import Look
from pages.parts.costfigure import CostCurve, cost_figure
from ssl_core.labels.draw import draw_labels
from ssl_core.labels.events import LabelEvent
from ssl_core.labels.store import open_labels
from ssl_core.runs import launch
from ssl_core.runs.listing import list_runs
from ssl_core.studies.progress import study_progress
from ssl_core.studies.study import create_study, list_studies, read_study
from tests.studies.study_runs import run_all, settings

LOOK = Look(False, "#000000", ("#0f766e", "#d1672a"), ("#ffffff", "#000000"), ("#111111",) * 3)


@pytest.fixture(autouse=True)
def no_process(monkeypatch):
    monkeypatch.setattr(launch, "_start", lambda folder: None)


def accuracy(cell):
    return 0.95 if cell.budget is None else 0.5 + 0.2 * (cell.method == "autoencoder")


def test_without_data_and_without_labels_it_says_where_to_go(workspace, make_dataset):
    assert "A study needs a dataset" in texts(opened_page("study"))
    make_dataset(reference=False)
    page = opened_page("study")
    assert not page.exception
    assert "No labels yet" in texts(page)


def test_a_study_is_made_from_the_form(workspace, make_dataset):
    make_dataset()
    page = opened_page("study")
    assert not page.exception
    page.multiselect(key="study-methods").set_value(["autoencoder"])
    page.text_input(key="study-budgets").set_value("12, 6")
    page.number_input(key="study-draws").set_value(2)
    page.number_input(key="study-steps").set_value(7)
    page.toggle(key="study-ceiling").set_value(True)
    page = page.run()
    assert "Makes 9 runs of 7 steps each" in texts(page)
    page = page.button(key="start-study").click().run()
    assert not page.exception
    (study,) = list_studies(workspace)
    assert study.settings.budgets == (6, 12)
    assert (study.settings.draws, study.settings.steps, study.settings.ceiling) == (2, 7, True)
    assert len(list_runs(workspace)) == 3
    words = texts(page)
    assert "0 of 9 runs" in words
    assert "The curves begin here" in words


@pytest.mark.parametrize(
    ("budgets", "words"),
    [("few", "expected whole numbers"), ("6, 400", "48 reference labels are known")],
)
def test_what_is_impossible_is_told_and_nothing_starts(workspace, make_dataset, budgets, words):
    make_dataset()
    page = opened_page("study")
    page.text_input(key="study-budgets").set_value(budgets)
    page = page.run()
    button = page.button(key="start-study")
    if not button.disabled:
        page = button.click().run()
    assert words in page.error[0].value.replace("\\", "")
    assert not list_studies(workspace)


def test_curves_ceiling_ties_and_seconds(workspace, make_dataset):
    dataset = make_dataset()
    store = open_labels(dataset)
    first = store.classes()[0].identifier
    event = {"kind": "label", "person": "me", "value": first, "origin": "grid", "batch": "b"}
    store.append([LabelEvent(event=f"e{n}", item=n, seconds=0.25, **event) for n in (1, 2)])
    study = create_study(workspace, settings(ceiling=True, draws=3))
    run_all(workspace, study.name, accuracy)
    page = opened_page("study")
    assert not page.exception
    words = texts(page)
    assert "13 of 13 runs" in words
    assert "uses reference labels" in words
    assert "0.25 s, the mean over 2 timed labels" in words
    table = page.table[0].value
    assert table["6 labels"].tolist()[0].replace("\\", "").startswith("+20.0 · **better**")
    (chart,) = page.get("plotly_chart")
    assert "All reference labels" in chart.proto.spec
    page = page.segmented_control(key="study-along").set_value("seconds").run()
    spec = json.loads(page.get("plotly_chart")[0].proto.spec)
    assert spec["layout"]["xaxis"]["title"]["text"] == "time of labelling (s)"
    assert spec["layout"]["xaxis"]["tickvals"] == [1.5, 3.0]  # 6 and 12 labels


def test_own_labels_make_one_draw(workspace, make_dataset):
    dataset = make_dataset()
    draw_labels(dataset, open_labels(dataset), 5, 0)
    page = opened_page("study")
    page = page.segmented_control(key="study-kind").set_value("hand").run()
    page.multiselect(key="study-methods").set_value(["autoencoder"])
    page.text_input(key="study-budgets").set_value("6 12")
    page = page.run()
    page = page.button(key="start-study").click().run()
    assert not page.error
    (study,) = list_studies(workspace)
    assert (study.settings.kind, study.settings.draws) == ("hand", 1)
    assert "your labels" in page.selectbox(key="study").options[0]


def test_a_study_is_paused_and_failed_runs_are_told(workspace, make_dataset):
    make_dataset()
    study = create_study(workspace, settings())
    page = opened_page("study")
    page = page.button(key="study-pause").click().run()
    assert not page.exception
    assert read_study(workspace, study.name).paused
    run_all(workspace, create_study(workspace, settings(draws=1)).name, lambda cell: None)
    page = opened_page("study")
    words = texts(page)
    assert "Some runs did not finish" in words
    assert "Go on" in words
    failed = study_progress(workspace, list_studies(workspace)[0]).ended("failed")
    assert len(failed) in (0, 4)


def test_the_figure_has_a_dot_for_each_draw_and_a_log_axis_only_where_it_is_wide():
    curve = CostCurve("one", [10, 90], [[0.4, 0.6], [0.8]], [0.4, 0.8], [0.6, 0.8], True)
    figure = cost_figure([curve], "labels", 0.9, LOOK)
    assert figure.layout.xaxis.type == "log"
    (line,) = [trace for trace in figure.data if trace.name == "one"]
    assert list(line.y) == [0.5, 0.8]
    assert line.line.dash == "dash"
    (dots,) = [trace for trace in figure.data if trace.mode == "markers"]
    assert list(dots.x) == [10, 10, 90]
    (top,) = [trace for trace in figure.data if trace.name == "All reference labels"]
    assert list(top.y) == [0.9, 0.9]
    near = CostCurve("one", [10, 50], [[0.4], [0.8]], [0.4, 0.8], [0.4, 0.8])
    figure = cost_figure([near], "labels", None, LOOK)
    assert figure.layout.xaxis.type == "linear"
    assert "All reference labels" not in [trace.name for trace in figure.data]
