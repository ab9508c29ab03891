"""What looks closer on the compare page: a pair, one step for all, disagreements; notes."""

import json

import numpy as np
import pytest
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
