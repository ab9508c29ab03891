"""The compare page with nothing, with few runs, and with a hundred."""

import time

import pytest
from changed_runs import change_labels
from fake_runs import digits_dataset, fake_run
from pages_under_test import opened_page, texts

from pages.parts.groupview import first_groups, group_names
from pages.parts.runtable import run_table
from ssl_core.runs.comparison import group_over_seeds
from ssl_core.runs.listing import list_runs
from tests.support.runs import READS_NOTHING


@pytest.fixture
def dataset(workspace):
    return digits_dataset(workspace, count=120, test=40)


def charts(page):
    return page.get("plotly_chart")


def test_without_images_and_without_runs_it_says_where_to_go(workspace, make_dataset):
    page = opened_page("compare")
    assert "Nothing to compare yet" in texts(page)
    make_dataset()
    page = opened_page("compare")
    assert not page.exception
    assert "No run on tiny yet" in texts(page)


def test_runs_of_one_kind_are_taken_together_over_their_seeds(workspace, dataset):
    for seed in (1, 2, 3):
        fake_run(workspace, dataset, f"base-{seed}", seed=seed)
        fake_run(workspace, dataset, f"auto-{seed}", seed=seed, method="autoencoder")
    page = opened_page("compare")
    assert not page.exception
    table = page.table[0].value
    assert sorted(table["Seeds"]) == 2 * ["1,\u00a02,\u00a03"]
    assert all("±" in text for text in table["Test\u00a0accuracy"])
    assert "Mean ± standard deviation over seeds" in texts(page)
    assert len(charts(page)) == 3, "the curves and a matrix for each kind"
    assert "uses reference labels" in texts(page)


def test_overlapping_intervals_are_called_a_tie(workspace, dataset):
    fake_run(workspace, dataset, "one", seed=1)
    fake_run(workspace, dataset, "two", seed=1, configuration={"batch_size": 32})
    page = opened_page("compare")
    assert "A tie within the interval" in page.info[0].value
    assert "batch size 32" in page.info[0].value


def test_runs_without_a_result_are_listed_but_not_chosen(workspace, dataset):
    fake_run(workspace, dataset, "bad", state="failed", share_done=0.2)
    page = opened_page("compare")
    assert not page.exception
    assert "Tick runs in the table" in texts(page)
    assert page.dataframe[0].value["state"].tolist() == ["failed"]


def test_a_click_on_a_cell_shows_its_images(workspace, dataset):
    fake_run(workspace, dataset, "one")
    page = opened_page("compare")
    page.session_state["confusion-cell"] = ("one", 3, 3)
    page.run()
    assert not page.exception
    words = texts(page)
    assert "3 taken for 3" in words
    assert words.count("<figure") > 0
    assert "digits/" in words


@pytest.mark.parametrize("most", [2, 3])
def test_kinds_that_are_left_out_are_named_those_without_classes_first(workspace, dataset, most):
    fake_run(workspace, dataset, "nothing", method=READS_NOTHING, age=1)
    for number in (1, 2):
        fake_run(workspace, dataset, f"run-{number}", labels=50 + number, age=number + 1)
    groups = group_over_seeds(list_runs(workspace))
    assert groups[0].request.method == READS_NOTHING, "the newest"
    shown, left_out = first_groups(groups, most)
    if most == 3:
        assert (shown, left_out) == (groups, [])
    else:
        assert shown == groups[1:]
        assert left_out == ["MINE on Gaussian variables"]


def test_the_page_says_what_is_left_out_and_what_to_do(workspace, dataset, monkeypatch):
    monkeypatch.setattr("pages.parts.runtable.FIRST_GROUPS", 11)
    for number in range(11):
        fake_run(workspace, dataset, f"run-{number:02}", labels=50 + number, age=number)
    page = opened_page("compare")
    assert not page.exception
    message = page.warning[0].value.replace("\\", "")
    assert "11 kinds of run are chosen, and 10 are shown. Untick some" in message
    assert message.endswith("- Supervised baseline · 60 labels")


@pytest.mark.parametrize("kinds", [2, 3])
def test_matrices_that_are_left_out_are_told(workspace, dataset, monkeypatch, kinds):
    monkeypatch.setattr("pages.parts.confusionview.MOST", 2)
    for number in range(kinds):
        fake_run(workspace, dataset, f"run-{number}", labels=50 + number)
    page = opened_page("compare")
    assert not page.exception
    assert len(charts(page)) == 1 + 2, "the curves and two matrices"
    assert ("The first 2 of 3 kinds of run" in texts(page)) == (kinds > 2)


def test_each_matrix_says_what_it_was_counted_on(workspace, dataset):
    fake_run(workspace, dataset, "one")
    fake_run(workspace, dataset, "two", method="autoencoder")
    page = opened_page("compare")
    assert not page.exception
    assert texts(page).count("40 images: reference labels of the test split") == 2


def test_runs_on_other_images_of_the_same_name_are_not_compared(workspace, dataset):
    fake_run(workspace, dataset, "now")
    before = fake_run(workspace, dataset, "before") / "request.json"
    before.write_text(before.read_text().replace(dataset.manifest.fingerprint, "0" * 64))
    page = opened_page("compare")
    assert not page.exception
    assert len(page.dataframe[0].value) == 1
    assert "1 run on other images that had this name before" in texts(page)


def test_equal_names_are_numbered(workspace, dataset):
    for number in range(3):  # the same settings, each on other labels of the same number
        change_labels(fake_run(workspace, dataset, f"run-{number}"), last_event=number)
    names = group_names(group_over_seeds(list_runs(workspace)))
    assert names == [names[0], f"{names[0]} (2)", f"{names[0]} (3)"]


def test_settings_of_another_method_are_not_in_a_name(workspace, dataset):
    fake_run(workspace, dataset, "one", age=2)
    fake_run(workspace, dataset, "two", age=1, method="fixmatch", configuration={"batch_size": 9})
    other = {"method": "fixmatch", "configuration": {"batch_size": 10}}
    groups = group_over_seeds(list_runs(workspace))
    assert not [name for name in group_names(groups) if "batch size" in name]
    fake_run(workspace, dataset, "three", **other)
    names = group_names(group_over_seeds(list_runs(workspace)))
    assert ["batch size" in name for name in names] == [True, True, False]


def test_the_test_accuracy_stands_before_the_settings(workspace, dataset):
    fake_run(workspace, dataset, "one")
    fake_run(workspace, dataset, "two", configuration={"learning_rate": 0.01})
    order = list(opened_page("compare").dataframe[0].proto.column_order)
    assert order.index("test accuracy") < order.index("learning rate")


def test_a_missing_test_accuracy_is_a_dash(workspace, dataset):
    fake_run(workspace, dataset, "bad", state="failed", share_done=0.2)
    assert opened_page("compare").dataframe[0].proto.placeholder == "–"


def test_the_table_has_only_settings_that_differ(workspace, dataset):
    fake_run(workspace, dataset, "one", age=1)
    fake_run(workspace, dataset, "two", configuration={"learning_rate": 0.01}, title="Quick")
    table = run_table(list_runs(workspace))
    assert table["run"].tolist() == ["Quick", "Supervised baseline"]
    assert table["learning rate"].tolist() == ["0.01", "0.001"]
    assert "batch size" not in table
    assert "identifier" in table.to_csv()


def test_the_share_for_validation_is_in_a_name_where_the_method_reads_it(workspace, dataset):
    for method in ("supervised", READS_NOTHING):
        for share in (0.1, 0.2):
            settings = {"validation_share": share}
            fake_run(workspace, dataset, f"{method}-{share}", method=method, configuration=settings)
    groups = group_over_seeds(list_runs(workspace))
    told = {
        (group.request.method, "validation share" in name)
        for group, name in zip(groups, group_names(groups), strict=True)
    }
    assert told == {("supervised", True), (READS_NOTHING, False)}


@pytest.mark.timed
def test_a_rerun_with_a_hundred_runs_is_quick(workspace, dataset, monkeypatch):
    monkeypatch.setattr("pages.parts.runtable.FIRST_GROUPS", 10)
    for number in range(100):
        labels = 50 + number // 5
        fake_run(workspace, dataset, f"run-{number}", seed=number % 5, labels=labels, steps=200)
    page = opened_page("compare")
    assert page.table[0].value["Seeds"].str.count("\\d").sum() == 50, "of all runs that are shown"
    took = []
    for _ in range(5):
        start = time.process_time()
        page.run()
        took.append(time.process_time() - start)
    assert not page.exception
    assert sorted(took)[2] < 0.6, f"median of five reruns {sorted(took)[2]:.2f} s (goal: 0.3 s)"


def test_more_classes_than_a_matrix_can_show_are_told(workspace, dataset, monkeypatch):
    monkeypatch.setattr("pages.parts.confusionview.MATRIX_LIMIT", 9)
    fake_run(workspace, dataset, "one")
    page = opened_page("compare")
    assert not page.exception
    assert "no confusion matrix is drawn" in texts(page)
    assert len(charts(page)) == 1, "the curves alone"
