"""Compare with runs of several kinds: other heads, other items, more than stay in memory."""

import json

import pytest
from fake_clusters import clustering_run
from fake_runs import digits_dataset, fake_run
from pages_under_test import opened_page, texts

from pages.parts import groupcurves
from pages.parts.runtable import run_table
from ssl_core.files import write_json
from ssl_core.methods import catalogue, uses_items
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.guides import write_guides
from ssl_core.runs.listing import list_runs
from ssl_core.runs.request import TrainedHead
from tests.support.heads import make_texts

OF_PAIRS = next(name for name in catalogue() if not uses_items(name))
TOPIC = TrainedHead(name="topic", title="Topic", kind="categorical")
AGE = TrainedHead(name="age", title="Age", kind="regression", unit="years")


@pytest.fixture
def dataset(workspace):
    return digits_dataset(workspace, count=120, test=40)


def with_heads(folder, *heads):
    """The run in `folder` as one of these heads, with curves of their figures."""
    run = RunFolder(folder)
    request = run.request().model_copy(update={"heads": heads})
    write_json(folder / "request.json", request.model_dump(mode="json"))
    values = {f"mae/{head.name}": 4.0 for head in heads if head.kind == "regression"}
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
    assert axes_of(page)[1] == "Mean absolute error: age (years)"
    names = page.table[0].value.iloc[:, 0].tolist()
    assert sorted("Age" in name for name in names) == [False, True], "the questions tell them apart"
    assert sorted(run_table(list_runs(workspace))["questions"]) == ["Topic", "Topic, Age"]


@pytest.mark.parametrize(
    ("methods", "word"),
    [(["supervised"], "images"), (["supervised", OF_PAIRS], "items"), ([OF_PAIRS], "pairs")],
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
    assert axes_of(page) == [f"{word} seen", f"Throughput ({word}/s)"]
    assert f"All {word} that went through" in texts(page)
    columns = json.loads(page.dataframe[0].proto.columns)
    assert columns["items seen"]["label"] == f"{word.capitalize()} seen"


def test_a_rerun_opens_no_series_again_unless_its_run_goes_on(workspace, dataset, monkeypatch):
    """More runs than series stay in memory: each would be read anew at every click."""
    monkeypatch.setattr("pages.parts.runtable._CHOSEN_AT_FIRST", 4)
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


@pytest.mark.parametrize("mapping", ["reference labels of the training split", "hand labels"])
def test_figures_counted_on_reference_labels_are_marked(workspace, dataset, mapping):
    folder = RunFolder(clustering_run(workspace, dataset, "done"))
    status = folder.status()
    figures = status.results.figures | {"probe/accuracy": 0.8}
    results = status.results.model_copy(update={"mapping": mapping, "figures": figures})
    status = status.model_copy(update={"results": results})
    write_json(folder.path / "status.json", status.model_dump(mode="json"))
    page = opened_page("compare")
    assert not page.exception
    marked = mapping.startswith("reference")
    further = page.table[1].value.iloc[0, 1:]
    assert ["badge" in cell for cell in further] == [marked, marked, False]
    columns = json.loads(page.dataframe[0].proto.columns)
    helps = [columns[title].get("help") for title in columns if "clusters" in title]
    assert [bool(text) for text in helps] == [marked, marked]
