"""The table of the compare page with one row for all seeds of a kind, and its tags and notes."""

import pytest
from fake_runs import digits_dataset, fake_run
from pages_under_test import opened_page, texts

from pages.parts.grouptable import group_table
from pages.parts.runtable import run_table
from ssl_core.runs.comparison import group_over_seeds
from ssl_core.runs.listing import list_runs
from ssl_core.runs.notes import write_notes

ROWS = "rows-of-table"


@pytest.fixture
def dataset(workspace):
    return digits_dataset(workspace, count=120, test=40)


@pytest.fixture
def two_kinds(workspace, dataset):
    """Three seeds of one kind, then one run of another and one that failed."""
    for seed in (1, 2, 3):
        fake_run(workspace, dataset, f"base-{seed}", seed=seed, age=9)
    fake_run(workspace, dataset, "auto", method="autoencoder", age=5)
    fake_run(workspace, dataset, "bad", state="failed", share_done=0.2, seed=9)


def test_one_row_holds_the_seeds_of_a_kind_with_mean_and_interval(workspace, two_kinds):
    runs = list_runs(workspace)
    table = group_table(group_over_seeds(runs)).set_index("kind")
    assert table["seeds"].tolist() == ["9", "1", "1, 2, 3"]
    assert table["runs"].tolist() == [1, 1, 3]
    base = table.iloc[2]
    shares = [r.status.results.test_accuracy for r in runs if r.run.startswith("base")]
    assert base["mean test accuracy"] == pytest.approx(100 * sum(shares) / 3)
    assert base["deviation"] > 0
    assert base["95 % interval"].endswith("%")
    assert table["deviation"].isna().tolist() == [True, True, False]
    assert table["mean test accuracy"].isna().tolist() == [True, False, False]


def test_a_tick_takes_all_seeds_of_a_kind(workspace, two_kinds):
    page = opened_page("compare")
    assert len(page.dataframe[0].value) == 5, "one row a run"
    page = page.segmented_control(key=ROWS).set_value("kinds").run()
    assert not page.exception
    assert len(page.dataframe[0].value) == 3, "one row a kind"
    assert sorted(page.table[0].value["Seeds"]) == ["1", "1,\u00a02,\u00a03"], "the finished ones"


def test_where_every_kind_is_one_run_nothing_is_asked(workspace, dataset):
    fake_run(workspace, dataset, "one")
    fake_run(workspace, dataset, "two", method="autoencoder")
    page = opened_page("compare")
    assert ROWS not in [control.key for control in page.segmented_control]


def test_a_note_is_in_the_table_also_without_any_tag(workspace, dataset):
    fake_run(workspace, dataset, "one", age=1)
    fake_run(workspace, dataset, "two")
    write_notes(workspace.runs / "one", [], "Rate too high.")
    table = run_table(list_runs(workspace))
    assert table["note"].tolist()[1] == "Rate too high."
    assert table["note"].isna().tolist() == [True, False]
    assert "tags" not in table
    assert "note" in opened_page("compare").dataframe[0].proto.column_order


def test_tags_that_no_run_has_together_are_told(workspace, dataset):
    for run in ("one", "two"):
        fake_run(workspace, dataset, run)
        write_notes(workspace.runs / run, [f"tag-{run}"], "")
    page = opened_page("compare")
    page = page.pills(key="with-tags").set_value(["tag-one", "tag-two"]).run()
    assert not page.exception
    assert "No run has all of these tags" in texts(page)
