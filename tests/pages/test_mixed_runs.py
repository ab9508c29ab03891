"""Compare with runs of several kinds: other heads, other items, more than stay in memory."""

import json

import pytest
from changed_runs import change_request, change_results
from fake_clusters import FIGURES, clustering_run
from fake_runs import digits_dataset, fake_run
from pages_under_test import opened_page, texts

from pages.parts import groupcurves, runtable
from pages.parts.runtable import run_table
from ssl_core.runs.guides import write_guides
from ssl_core.runs.listing import list_runs
from ssl_core.runs.request import TrainedHead
from tests.support.heads import make_texts
from tests.support.runs import READS_NOTHING

TOPIC = TrainedHead(name="topic", title="Topic", kind="categorical")
AGE = TrainedHead(name="age", title="Age", kind="regression", unit="years")


@pytest.fixture
def dataset(workspace):
    return digits_dataset(workspace, count=120, test=40)


def with_heads(folder, *heads):
    """The run in `folder` as one of these heads, with curves of their figures."""
    change_request(folder, heads=heads)
    numbers = [head.name for head in heads if head.kind == "regression"]
    values = {f"{group}/{name}": 4.0 for name in numbers for group in ("mae", "head_loss")}
    row = {"step": 1210, "seconds": 80.0, "images": 160_000, "values": values}
    with (folder / "metrics.jsonl").open("a") as stream:
        stream.write(json.dumps(row) + "\n")


def axes_of(page):
    layout = json.loads(page.get("plotly_chart")[0].proto.spec)["layout"]
    return [layout[axis]["title"]["text"] for axis in ("xaxis", "yaxis")]


@pytest.mark.parametrize("first", ["alone", "both"])
def test_the_unit_of_a_head_is_known_whichever_run_has_it(workspace, first):
    dataset = make_texts(workspace, count=120, test=40)
    for run, heads in (("alone", [TOPIC]), ("both", [TOPIC, AGE])):
        with_heads(fake_run(workspace, dataset, run, age=int(run != first)), *heads)
    page = opened_page("compare", "letters")
    page.selectbox(key="metric").set_value("mae/age").run()
    assert not page.exception
    assert axes_of(page)[1] == "Mean absolute error: Age (years)"
    names = page.table[0].value.iloc[:, 0].tolist()
    assert sorted("Age" in name for name in names) == [False, True], "the questions tell them apart"
    assert sorted(run_table(list_runs(workspace))["questions"]) == ["Topic", "Topic, Age"]


def test_the_guides_of_losses_of_numbers_stand_in_their_chart(workspace):
    folder = fake_run(workspace, make_texts(workspace, count=120, test=40), "both")
    with_heads(folder, TOPIC, AGE)
    write_guides(folder, {"head_loss/numbers": {"variance": 4.1}})
    page = opened_page("compare", "letters")
    page.selectbox(key="metric").set_value("head_loss/age").run()
    assert not page.exception
    layout = json.loads(page.get("plotly_chart")[0].proto.spec)["layout"]
    assert [note["text"] for note in layout["annotations"]] == ["variance"]


@pytest.mark.parametrize(
    ("methods", "word"),
    [
        (["supervised"], "images"),
        (["supervised", READS_NOTHING], "items"),
        ([READS_NOTHING], "pairs"),
    ],
)
def test_what_runs_have_seen_is_called_by_a_word_that_fits_all_of_them(
    workspace, dataset, methods, word
):
    for method in methods:
        fake_run(workspace, dataset, method, method=method)
    page = opened_page("compare")
    page.segmented_control(key="along").set_value("images").run()
    page.selectbox(key="metric").set_value("throughput").run()
    assert not page.exception
    assert axes_of(page) == [f"{word} seen", f"Speed ({word}/s)"]
    assert f"All {word} that went through" in texts(page)
    columns = json.loads(page.dataframe[0].proto.columns)
    assert columns["items seen"]["label"] == f"{word.capitalize()} seen"


def test_a_rerun_opens_no_series_again_unless_its_run_goes_on(workspace, dataset, monkeypatch):
    """More runs than series stay in memory: each would be read anew at every click."""
    monkeypatch.setattr("pages.parts.runtable.FIRST_GROUPS", 4)
    folders = [
        fake_run(workspace, dataset, f"run-{number}", seed=number % 5, labels=50 + number // 5)
        for number in range(20)
    ]
    opened, guides = [], []
    series, guides_of = groupcurves.metric_series, groupcurves.read_guides
    monkeypatch.setattr(
        groupcurves, "metric_series", lambda path: (opened.append(path.name), series(path))[1]
    )
    monkeypatch.setattr(
        groupcurves, "read_guides", lambda path: (guides.append(path.name), guides_of(path))[1]
    )
    page = opened_page("compare")
    assert set(opened) == set(guides) == {folder.name for folder in folders}, "all are chosen"
    opened.clear()
    guides.clear()
    page.run()
    assert not page.exception
    assert opened == guides == []
    with (folders[7] / "metrics.jsonl").open("a") as stream:
        stream.write(json.dumps({"step": 1210, "values": {"odd": 1.0}}) + "\n")
    write_guides(folders[8], {"accuracy": {"chance": 0.1}})
    page.run()
    assert "run-7" in opened
    assert guides == ["run-8"]


def test_figures_that_have_no_column_are_told(workspace, dataset):
    figures = {f"mi/head {head}": head / 10 for head in range(1, 7)}
    many = fake_run(workspace, dataset, "many")
    change_results(many, figures=figures)
    other = fake_run(workspace, dataset, "other", method="autoencoder", age=1)
    change_results(other, figures={"mi/head 6": 0.6})
    page = opened_page("compare")
    assert not page.exception
    further = page.table[1].value
    assert [title[-6:] for title in list(further)[1:]] == ["head 1", "head 2", "head 3", "head 4"]
    assert len(further) == 1, "the other run has none of these"
    assert "The first 4 of 6 figures; all of them are in the CSV" in texts(page)
    change_results(many, figures={"mi/head 6": 0.6})
    page.run()
    assert len(page.table[1].value) == 2
    assert "The first" not in texts(page)


@pytest.mark.parametrize("mapping", ["reference labels of the training split", "hand labels"])
def test_figures_counted_on_reference_labels_are_marked(workspace, dataset, mapping):
    figures = FIGURES | {"probe/accuracy": 0.8}
    change_results(clustering_run(workspace, dataset, "done"), mapping=mapping, figures=figures)
    page = opened_page("compare")
    assert not page.exception
    marked = mapping.startswith("reference")
    further = page.table[1].value.iloc[0, 1:]
    assert ["badge" in cell for cell in further] == [marked, marked, False]
    columns = json.loads(page.dataframe[0].proto.columns)
    helps = [columns[title].get("help") for title in columns if "clusters" in title]
    assert [bool(text) for text in helps] == [marked, marked]


def test_the_note_of_a_chart_is_the_same_as_on_the_watch_page(workspace, dataset):
    fake_run(workspace, dataset, "one")
    page = opened_page("compare")
    page.selectbox(key="metric").set_value("loss/validation").run()
    assert not page.exception
    assert "Validation rises again where the few labels are memorised." in texts(page)


def test_the_figures_get_their_columns_once_a_rerun(workspace, dataset, monkeypatch):
    asked, made = [], runtable.figure_columns
    monkeypatch.setattr(
        runtable, "figure_columns", lambda runs: (asked.append(len(runs)), made(runs))[1]
    )
    fake_run(workspace, dataset, "one")
    assert not opened_page("compare").exception
    assert asked == [1]
