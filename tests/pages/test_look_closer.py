"""What looks closer on the compare page: a pair, one step for all, disagreements; notes."""

import json

import numpy as np
import pytest
from fake_clusters import clustering_run
from fake_runs import digits_dataset, fake_run
from pages_under_test import opened_page, texts

from ssl_core.labels.store import open_labels
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.notes import read_notes, write_notes


@pytest.fixture
def dataset(workspace):
    return digits_dataset(workspace, count=120, test=40)


@pytest.fixture
def two_kinds(workspace, dataset):
    fake_run(workspace, dataset, "base", seed=1, age=2)
    fake_run(workspace, dataset, "auto", seed=1, method="autoencoder", age=1)
    return dataset


def look(page, what, key="look-closer"):
    return page.segmented_control(key=key).set_value(what).run()


def test_two_runs_are_tested_on_the_same_items(workspace, two_kinds):
    page = opened_page("compare")
    assert not page.exception
    words = texts(page)
    assert "A is right on" in words
    assert "40 images, reference labels of the test split" in words
    assert "McNemar" in words
    sides = {choice.label: choice for choice in page.selectbox}
    assert sides["Run A"].value != sides["Run B"].value


def test_one_run_alone_cannot_be_tested(workspace, dataset):
    fake_run(workspace, dataset, "base")
    page = opened_page("compare")
    assert "Tick two finished runs" in texts(page)
    page = look(page, "Where they disagree")
    assert "Tick finished runs of two kinds" in texts(page)


def test_disagreements_are_shown_and_sent_to_the_label_queue(workspace, two_kinds):
    page = look(opened_page("compare"), "Where they disagree")
    assert not page.exception
    answers = [RunFolder(workspace.runs / run).predicted() for run in ("base", "auto")]
    differ = set(np.flatnonzero(answers[0] != answers[1])[:1000].tolist())
    pool = {item for item in differ if item < 80}
    words = texts(page)
    assert f"They differ on {len(pool)} of 80 images" in words
    assert words.count("<figure") == len(pool)
    assert "<b>A</b>" in words
    (button,) = [one for one in page.button if one.label.startswith("Send the first")]
    page = button.click().run()
    assert not page.exception
    assert set(open_labels(two_kinds).sent_items()) == pool
    assert f"{len(pool)} images sent to the front" in page.success[0].value.replace("\\", "")
    assert "None is left to send" in texts(page)
    assert not [one for one in page.button if one.label.startswith("Send the first")]


def test_what_is_sent_is_shown_as_text_and_not_as_html(workspace, two_kinds):
    path = workspace.runs / "base" / "request.json"
    request = json.loads(path.read_text())
    request["classes"][3]["name"] = "<b onclick=x>three"
    path.write_text(json.dumps(request))
    page = look(opened_page("compare"), "Where they disagree")
    assert "<b onclick" not in texts(page)


def test_pictures_of_both_runs_at_one_step_name_the_nearest_one(workspace, two_kinds):
    for last in (workspace.runs / "auto" / "panels").rglob("00001200.*"):
        last.unlink()
    page = look(opened_page("compare"), "Pictures at the same step")
    assert not page.exception
    shown = [one for one in page.get("plotly_chart") if "same-step" in str(one)]
    assert len(shown) == 2
    assert "the nearest to" in texts(page), "the last step is gone in one of them"


def test_tags_and_notes_are_shown_and_choose_runs(workspace, two_kinds):
    write_notes(workspace.runs / "base", ["kept", "for *paper*"], "line one\n<b>two</b>")
    page = opened_page("watch", run="base")
    assert not page.exception
    words = texts(page)
    assert "for *paper*" in words
    assert "line one<br>&lt;b&gt;two&lt;/b&gt;" in words
    page = opened_page("compare")
    table = page.dataframe[0].value
    assert "kept, for *paper*" in table["tags"].tolist()
    page = page.pills(key="with-tags").set_value(["kept"]).run()
    assert not page.exception
    assert page.dataframe[0].value["identifier"].tolist() == ["base"]


def test_a_note_is_written_in_the_dialog(workspace, two_kinds):
    page = opened_page("watch", run="base")
    page.button(key="notes-base").click().run()
    page.text_area(key="note-base").set_value("good at sevens")
    page.button(key="save-notes").click().run()
    assert not page.exception
    assert read_notes(workspace.runs / "base").note == "good at sevens"
    assert "good at sevens" in texts(opened_page("watch", run="base"))


def test_groups_are_sorted_as_wanted(workspace, two_kinds):
    page = opened_page("compare")
    page = look(page, "method", "group-order")
    names = [name.replace("\u00a0", " ") for name in page.table[0].value[""]]
    assert names == sorted(names)
    page = look(page, "accuracy", "group-order")
    shares = [float(text.split("\u2009")[0].split("\u202f")[0].split()[0].rstrip("%"))
              for text in page.table[0].value["Test\u00a0accuracy"]]  # fmt: skip
    assert shares == sorted(shares, reverse=True)


def test_a_smoothed_curve_has_a_band_of_its_extremes(workspace, two_kinds):
    page = opened_page("compare")
    bands = page.get("plotly_chart")[0].proto.spec.count('"tonexty"')
    page = page.select_slider(key="smoothing").set_value(10).run()
    assert not page.exception
    assert bands == 0
    assert page.get("plotly_chart")[0].proto.spec.count('"tonexty"') == 2, "one for each kind"
    assert "no extreme is lost" in texts(page)


def at(page, key, position):
    return page.select_slider(key=key).set_value(position).run()


def matrices(page):
    """The numbers of the matrices below "What they confuse", in order."""
    found = [one.proto for one in page.get("plotly_chart") if "confusion" in one.proto.id]
    return [json.loads(one.spec)["data"][0]["customdata"] for one in found]


def published(workspace, run, step, panel="confusion"):
    return RunFolder(workspace.runs / run).panel_json(panel, step)["values"]


def test_the_matrices_of_all_runs_are_moved_by_one_slider(workspace, two_kinds):
    (workspace.runs / "auto" / "panels" / "confusion" / "00000400.json").unlink()
    page = opened_page("compare")
    slider = page.select_slider(key="confusion-step")
    assert slider.options[-2:] == ["1\u2009200", "end"]
    assert slider.value == -1, "the end"
    in_the_end = matrices(page)
    assert [sum(map(sum, table)) for table in in_the_end] == [40, 40], "the test split"
    page = at(page, "confusion-step", 400)
    assert not page.exception
    expected = [published(workspace, "auto", 200), published(workspace, "base", 400)]
    assert matrices(page) == expected, "the nearest that each of them has"
    words = texts(page)
    assert "Confusion on the validation labels, while it trained" in words
    assert "step 200, the nearest to 400 that it published" in words
    assert "Click a cell" not in words
    page = at(page, "confusion-step", -1)
    assert matrices(page) == in_the_end
    assert "Click a cell" in texts(page)


def test_cells_show_shares_at_any_step_too(workspace, two_kinds):
    page = at(opened_page("compare"), "confusion-step", 200)
    counts = page.get("plotly_chart")[1].proto.spec
    page = look(page, "share of row", "cells")
    assert not page.exception
    assert page.get("plotly_chart")[1].proto.spec != counts
    assert "of the row" in page.get("plotly_chart")[1].proto.spec


def test_clusters_against_classes_have_the_slider_and_who_has_none_is_named(workspace, dataset):
    fake_run(workspace, dataset, "base", age=2)
    clustering_run(workspace, dataset, "clusters", age=1)
    page = opened_page("compare")
    assert len(matrices(page)) == 2, "both in the end"
    page = at(page, "confusion-step", 200)
    assert len(matrices(page)) == 1
    assert "Without such a matrix from its training: clustering" in texts(page)
    choice = page.selectbox(key="matrix-panel")
    assert choice.options[:2] == ["Confusion", "Clusters and classes, head 1 (1 run)"]
    page = choice.set_value("clusters_head_1").run()
    assert not page.exception
    assert matrices(page) == [published(workspace, "clusters", 1200, "clusters_head_1")]
    assert "Without such a matrix from its training: Supervised baseline" in texts(page)
    page = at(page, "matrix-step", 300)
    assert matrices(page) == [published(workspace, "clusters", 300, "clusters_head_1")]
    assert "uses hidden labels" in texts(page)


def test_a_run_that_answered_no_test_shows_the_matrices_of_its_training(workspace, dataset):
    (fake_run(workspace, dataset, "base") / "predictions.npz").unlink()
    page = opened_page("compare")
    assert matrices(page) == []
    assert "A finished run with something to test on shows here" in texts(page)
    page = at(page, "confusion-step", 600)
    assert not page.exception
    assert matrices(page) == [published(workspace, "base", 600)]
    assert "A finished run with something" not in texts(page)


def test_a_matrix_that_is_gone_or_damaged_spoils_nothing_else(workspace, two_kinds):
    (workspace.runs / "auto" / "panels" / "confusion" / "00000400.json").write_text("{")
    page = at(opened_page("compare"), "confusion-step", 400)
    assert not page.exception
    assert "just replaced, or is damaged" in texts(page)
    assert matrices(page) == [published(workspace, "base", 400)]


def test_points_that_are_smoothed_over_are_said_to_be_of_every_seed(workspace, dataset):
    for seed in (1, 2):
        fake_run(workspace, dataset, f"base-{seed}", seed=seed)
    page = at(opened_page("compare"), "smoothing", 10)
    assert not page.exception
    assert "mean of 10 neighbouring points of every seed" in texts(page)


def test_the_seed_of_a_matrix_is_told_where_there_are_several(workspace, dataset):
    for seed in (4, 5):
        fake_run(workspace, dataset, f"base-{seed}", seed=seed)
    page = opened_page("compare")
    for position in (-1, 200):
        words = texts(at(page, "confusion-step", position))
        assert ("· seed 4" in words, "· seed 5" in words) == (True, False)
