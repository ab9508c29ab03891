"""Watch and compare with runs of a clustering method: guides, alarms, many panels, figures."""

import json
import time

import pytest
from changed_runs import change_labels, change_request, change_results
from fake_clusters import GUIDES, clustering_run, payload_of
from fake_digits import digits_dataset
from fake_runs import fake_run
from pages_under_test import opened_page, texts

from pages.parts.runtable import figure_columns, run_table
from ssl_core.files import write_json
from ssl_core.runs.alarms import active_alarms
from ssl_core.runs.comparison import group_over_seeds
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.guides import write_guides
from ssl_core.runs.listing import list_runs


@pytest.fixture
def dataset(workspace):
    return digits_dataset(workspace, count=240, test=40)


def column(table, words):
    """The cells below the heading that has these words."""
    return table[next(name for name in table if words in name)].tolist()


def charts(page):
    return page.get("plotly_chart")


def test_an_alarm_stands_above_the_curves_while_it_is_on(workspace, dataset):
    about = {"state": "running", "alive": True}
    clustering_run(workspace, dataset, "live", share_done=0.9, **about)
    page = opened_page("watch", run="live")
    assert not page.exception
    (warning,) = page.warning
    assert "Few clusters or classes get nearly all items" in warning.value
    assert "since step 8" in warning.value
    assert "another seed" in warning.value
    early = clustering_run(workspace, dataset, "early", share_done=0.5, **about)
    assert not active_alarms(RunFolder(early), RunFolder(early).request())
    assert not opened_page("watch", run="early").warning


def test_an_alarm_that_needs_hidden_labels_says_so(workspace, dataset):
    folder = fake_run(workspace, dataset, "done")
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    for line in lines:
        line["values"] |= {"pseudo/coverage": 0.9, "pseudo/precision": 0.4}
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (warning,) = opened_page("watch", run="done").warning
    assert "uses hidden labels" in warning.value


def test_results_show_figures_with_units_and_what_clusters_were_mapped_with(workspace, dataset):
    clustering_run(workspace, dataset, "done")
    page = opened_page("watch", run="done")
    assert not page.exception
    words = texts(page)
    for text in ("Test accuracy", "Normalised MI: clusters", "0.7712"):
        assert text in words
    assert words.count(">reference labels<") == 2, "both figures of clusters are marked"
    assert "with reference labels of the training split" in words
    assert "counted on the same labels, not on the test split" in words
    assert "uses reference labels" in words


def test_clusters_mapped_with_hand_labels_have_no_badge(workspace, dataset):
    folder = clustering_run(workspace, dataset, "done", tested=False)
    change_results(folder, mapping="hand labels")
    words = texts(opened_page("watch", run="done"))
    assert "mapped to classes with hand labels" in words
    assert "reference labels<" not in words


def test_a_run_without_any_accuracy_shows_only_what_it_has(workspace, dataset):
    folder = clustering_run(workspace, dataset, "done", tested=False)
    change_request(folder, classes=())
    change_labels(folder, per_class={}, train=0, validation=0, held_out=0)
    page = opened_page("watch", run="done")
    assert not page.exception
    words = texts(page)
    assert "Test accuracy" not in words
    assert "Validation accuracy" not in words
    assert "Without classes there is no accuracy" in words
    assert "no labels" in words
    page = opened_page("compare")
    assert not page.exception
    table = page.table[0].value
    assert "Test\u00a0accuracy" not in table
    assert column(table, "Normalised MI") == ["0.7712 :orange-badge[reference\u00a0labels]"]
    assert "test accuracy" not in list(page.dataframe[0].proto.column_order)


def test_many_panels_are_shown_sort_by_sort(workspace, dataset):
    clustering_run(workspace, dataset, "done")
    page = opened_page("watch", run="done")
    assert not page.exception
    assert len(charts(page)) == 5, "the matrices, and nothing else"
    assert "Confidence, head 1" not in texts(page)
    page.session_state["panel-sort-done"] = "Images"
    page.run()
    assert not page.exception
    assert len(charts(page)) == 0
    words = texts(page)
    assert "/panels/montage/1200.png" in words
    assert "cluster 19, which is large" in words
    assert 'width="460"' in words, "ten columns of 46 pixels: twenty rows fit a screen"
    assert 'width="576"' in words, "eight columns of 72 pixels"
    page.session_state["panel-sort-done"] = "Distributions"
    page.run()
    assert not page.exception
    assert len(charts(page)) == 6


def test_too_many_of_one_sort_are_shown_family_by_family(workspace, dataset, monkeypatch):
    monkeypatch.setattr("pages.parts.panels.MOST_AT_ONCE", 4)
    clustering_run(workspace, dataset, "done")
    page = opened_page("watch", run="done")
    assert not page.exception
    assert len(charts(page)) == 1
    assert "Clusters and classes, head 1" in texts(page)
    page.session_state["panel-of-done-clusters_head_1"] = "clusters_head_4"
    page.run()
    assert not page.exception
    assert "Clusters and classes, head 4" in texts(page)
    assert "uses hidden labels" in texts(page)


@pytest.mark.parametrize(
    ("panel", "damage"),
    [
        ("heads", {"series": [1, 2]}),
        ("heads", {"names": None}),
        ("confidence_head_1", {"series": {"right": 3}}),
        ("confidence_head_1", {"edges": []}),
        ("clusters_head_1", {"values": [[1], [1, 2]]}),
        ("reliability", {"series": {"a": {"x": [1]}}}),
    ],
)
def test_a_damaged_picture_of_any_kind_spoils_nothing_else(workspace, dataset, panel, damage):
    folder = clustering_run(workspace, dataset, "done")
    payload = payload_of(folder, panel, 1200) | damage
    write_json(folder / "panels" / panel / "00001200.json", payload)
    page = opened_page("watch", run="done")
    for sort in ("Matrices", "Distributions", "Curves and points"):
        page.session_state["panel-sort-done"] = sort
        page.run()
        assert not page.exception


def test_the_table_of_runs_has_a_column_a_figure_and_keeps_those_without(workspace, dataset):
    clustering_run(workspace, dataset, "clusters", age=1)
    fake_run(workspace, dataset, "base")
    runs = list_runs(workspace)
    assert list(figure_columns(runs)) == [
        "Normalised MI: clusters",
        "Adjusted Rand index: clusters",
    ]
    table = run_table(runs)
    assert table["Normalised MI: clusters"].isna().tolist() == [True, False]
    assert table["mapped with"].dropna().tolist() == ["reference labels of the training split"]
    page = opened_page("compare")
    assert not page.exception
    groups, further = page.table[0].value, page.table[1].value
    assert column(groups, "Mapped") == ["–", ":orange-badge[reference\u00a0labels]"]
    assert "which other runs never see" in texts(page)
    (cell,) = column(further, "Normalised MI")  # only rows that have a figure
    assert cell.startswith("0.7712")


def test_figures_are_taken_together_over_the_seeds(workspace, dataset):
    for seed in (1, 2, 3):
        clustering_run(workspace, dataset, f"clusters-{seed}", seed=seed)
    (group,) = group_over_seeds(list_runs(workspace))
    spread = group.figures["nmi/clusters"]
    assert (spread.mean, spread.deviation, spread.count) == (pytest.approx(0.7712), 0.0, 3)


def test_the_curves_of_compare_speak_as_the_live_charts(workspace, dataset):
    clustering_run(workspace, dataset, "done")
    page = opened_page("compare")
    metric = page.selectbox(key="metric")
    assert "Mutual information: head 1" in metric.options
    assert not any("count" in option for option in metric.options)
    metric.set_value("mi/head 1").run()
    assert not page.exception
    assert "How much one view" in texts(page)
    figure = json.loads(charts(page)[0].proto.spec)
    assert figure["layout"]["yaxis"]["title"]["text"] == "Mutual information: head 1 (nats)"


def test_compare_draws_the_guides_that_all_runs_share(workspace, dataset):
    def drawn():
        page = opened_page("compare")
        page.selectbox(key="metric").set_value("mi/head 1").run()
        assert not page.exception
        layout = json.loads(charts(page)[0].proto.spec)["layout"]
        return [note["text"] for note in layout.get("annotations", [])]

    clustering_run(workspace, dataset, "one")
    fake_run(workspace, dataset, "without this metric")
    assert drawn() == list(GUIDES["mi"])
    other = clustering_run(workspace, dataset, "two", seed=2)
    write_guides(other, {"mi": {"ln 10": GUIDES["mi"]["ln 10"], "1 merged": 1.0}})
    assert drawn() == ["ln 10"]


@pytest.mark.timed
def test_alarms_cost_a_few_milliseconds_in_a_long_run(workspace, dataset):
    folder = RunFolder(clustering_run(workspace, dataset, "long", steps=20_000))
    request = folder.request()
    active_alarms(folder, request)
    took = []
    for _ in range(5):
        began = time.process_time()
        found = active_alarms(folder, request)
        took.append(1000 * (time.process_time() - began))
    assert found
    assert sorted(took)[2] < 25, f"median {sorted(took)[2]:.1f} ms (goal: 5 ms)"
