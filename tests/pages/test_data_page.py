"""The data page in its states: nothing, datasets, imports going on, failed imports."""

import csv
import gc
import io
import os
from pathlib import Path

import pytest
from asgi_client import call
from fake_runs import fake_run
from pages_under_test import opened_page, texts
from starlette.applications import Starlette

from pages.parts.dataset_detail import skipped_csv
from pages.parts.label_files import file_sentence
from pages.parts.labelboard.routes import label_routes
from ssl_core.datasets.dataset import MANIFEST, Manifest, SkippedFile, list_datasets
from ssl_core.datasets.importer import ImportProgress
from ssl_core.files import read_json, write_json
from ssl_core.labels.csv_files import CsvReport, SkippedRow
from ssl_core.labels.store import open_labels

VIEW, HERE, ADD = "data_view", "Your datasets", "Add data"


def progress(**changes):
    values = {"state": "running", "phase": "decoding", "done": 300, "total": 1000}
    return ImportProgress(**{**values, "per_second": 150.0, "skipped": 2, "message": "", **changes})


def with_imports(monkeypatch, **changes):
    entries = [("job-1", progress(**changes))]
    monkeypatch.setattr("pages.parts.import_board.list_imports", lambda _: entries)


def rewrite(dataset, **changes):
    path = dataset.folder / MANIFEST
    manifest = Manifest.model_validate(read_json(path)).model_copy(update=changes)
    write_json(path, manifest.model_dump(mode="json"))


def open_tab(page, dataset, label):
    page.session_state[f"detail-{dataset.identifier}"] = label
    return page.run()


def press_in_dialog(page, opener, button):
    """A dialog stays open in a browser; AppTest runs the whole page, so it is opened again."""
    page.button(key=opener).click()
    page.button(key=button).click()
    page.run()


def test_an_empty_workspace_opens_with_the_ways_to_add_data(workspace):
    page = opened_page("data")
    assert not page.exception
    assert page.session_state[VIEW] == ADD
    shown = texts(page)
    assert "CIFAR-10" in shown
    assert "MB to download" in shown
    assert "Licence" in shown


def test_without_datasets_the_list_says_what_to_do(workspace):
    page = opened_page("data")
    page.session_state[VIEW] = HERE
    assert "No dataset yet" in texts(page.run())


def test_a_dataset_shows_counts_and_marks_its_reference_labels(workspace, make_dataset):
    make_dataset()
    page = opened_page("data")
    assert not page.exception
    shown = texts(page)
    assert "8 × 8" in shown
    assert "Split “train”" in shown
    assert "kept apart from your labels" in shown
    assert 'title="b"' in shown


def test_without_reference_labels_nothing_can_be_drawn(workspace, make_dataset):
    dataset = make_dataset(reference=False)
    page = open_tab(opened_page("data"), dataset, "Labels")
    assert not page.exception
    assert "nothing to draw from" in texts(page)


def test_the_gallery_shows_a_page_of_images(workspace, make_dataset):
    dataset = make_dataset(count=240, test=40)
    page = open_tab(opened_page("data"), dataset, "Images")
    assert not page.exception
    shown = texts(page)
    assert shown.count("<figure") == 96
    assert "1 to 96 of 240 images" in shown
    assert "reference: " not in shown
    page.toggle(key="gallery-reference").set_value(True).run()
    assert "reference: " in texts(page)


def test_drawn_labels_are_counted(workspace, make_dataset):
    dataset = make_dataset()
    page = open_tab(opened_page("data"), dataset, "Labels")
    page.number_input(key="draw-each").set_value(2).run()
    page.button(key="draw").click().run()
    assert not page.exception
    assert open_labels(dataset).total() == 6
    assert "6 images labelled from the reference labels" in texts(page).replace("\\", "")


def test_adopting_asks_first(workspace, make_dataset):
    dataset = make_dataset()
    page = open_tab(opened_page("data"), dataset, "Labels")
    page.button(key="adopt").click().run()
    assert open_labels(dataset).total() == 0
    press_in_dialog(page, "adopt", "adopt-yes")
    assert open_labels(dataset).total() == 48


def test_labels_from_a_csv(workspace, make_dataset):
    dataset = make_dataset()
    page = open_tab(opened_page("data"), dataset, "Labels")
    text = "name,label\n00000.png,a\n00001.png,b\nnowhere.png,a\n"
    text += "gone.png,b\n,a\n00003.png,a\n00004.png,z\n"
    page.file_uploader(key="labels-csv").set_value(("l.csv", text.encode(), "text/csv")).run()
    page.button(key="take-csv").click().run()
    assert not page.exception
    assert open_labels(dataset).total() == 3
    said = page.success[0].value.replace("\\", "")
    assert said == (
        "3 labels taken over. 4 answers left out. "
        "Line 4, nowhere.png: No image of the dataset has this name. "
        "Line 5, gone.png: No image of the dataset has this name. "
        "Line 6: It names no file."
    )


def test_all_rows_left_out_of_a_csv_are_counted():
    row = SkippedRow(line=3, file="a.png", reason="It has no label.")
    report = CsvReport(labelled=0, per_class={}, skipped=(row,), skipped_count=2500)
    said = file_sentence(report, "Line")
    assert said.replace("\u2009", "").replace(",", "") == (
        "0 labels taken over. 2500 answers left out. Line 3 a.png: It has no label."
    )


def test_files_left_out_are_listed_with_their_reasons(workspace, make_dataset):
    dataset = make_dataset()
    skipped = (SkippedFile(file="=1+1.png", reason="The file is cut off."),)
    rewrite(dataset, skipped=skipped, skipped_count=1)
    page = open_tab(opened_page("data"), dataset, "Left out · 1")
    assert not page.exception
    assert page.dataframe[-1].value["Why it was left out"].tolist() == ["The file is cut off."]
    manifest = list_datasets(workspace)[0]
    rows = list(csv.reader(io.StringIO(skipped_csv(manifest).decode())))
    assert rows == [["file", "reason"], ["'=1+1.png", "The file is cut off."]]


def test_deleting_asks_first_and_then_removes(workspace, make_dataset):
    make_dataset()
    page = opened_page("data")
    page.button(key="delete-dataset").click().run()
    assert len(list_datasets(workspace)) == 1
    press_in_dialog(page, "delete-dataset", "deletion-confirm")
    assert not page.exception
    assert list_datasets(workspace) == []
    again = make_dataset()
    page.run()
    assert not page.exception
    assert open_labels(again).total() == 0


def test_deleting_lets_go_of_the_files(workspace, make_dataset):
    """A file that is mapped or open keeps its room on the disk after its name is gone."""
    dataset = make_dataset()
    folder = str(dataset.folder)
    del dataset
    board = Starlette(routes=label_routes())
    query = {"person": "someone"}
    answer = call(board, "GET", "/api/labels/tiny/board", query=query, headers={"X-Handful": "1"})
    assert answer.status == 200
    page = opened_page("data")
    assert held_in(folder)
    page.button(key="delete-dataset").click().run()
    press_in_dialog(page, "delete-dataset", "deletion-confirm")
    assert not page.exception
    gc.collect()
    assert held_in(folder) == set()


def held_in(folder):
    """The files below `folder` that this process has open or mapped."""
    opened = [os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()]
    mapped = Path("/proc/self/maps").read_text().splitlines()
    return {line for line in opened + mapped if folder in line}


def test_a_dataset_that_a_run_trains_on_is_kept(workspace, make_dataset):
    dataset = make_dataset()
    fake_run(workspace, dataset, "one", labels=12, state="running", share_done=0.5, alive=True)
    page = opened_page("data")
    page.button(key="delete-dataset").click().run()
    assert not page.exception
    assert "trains on" in page.error[0].value
    assert not [button for button in page.button if button.key == "deletion-confirm"]


def test_an_import_going_on_can_be_cancelled(workspace, monkeypatch):
    with_imports(monkeypatch)
    cancelled = []
    monkeypatch.setattr(
        "pages.parts.import_board.cancel_import", lambda _, job: cancelled.append(job)
    )
    page = opened_page("data")
    assert not page.exception
    shown = texts(page).replace("\u2009", " ")
    assert "300 of 1 000 · 150 a second · about 5 s left · 2 left out" in shown
    page.button(key="cancel-job-1").click().run()
    assert cancelled == ["job-1"]


def test_a_failed_import_tells_why_and_can_be_dismissed(workspace, monkeypatch):
    with_imports(monkeypatch, state="failed", message="bad.zip is cut off. Copy it again.")
    dismissed = []
    monkeypatch.setattr(
        "pages.parts.import_board.dismiss_import", lambda _, job: dismissed.append(job)
    )
    page = opened_page("data")
    assert not page.exception
    assert "bad.zip is cut off. Copy it again." in texts(page)
    page.button(key="dismiss-job-1").click().run()
    assert dismissed == ["job-1"]


def test_a_finished_import_leads_on(workspace, make_dataset, monkeypatch):
    make_dataset()
    with_imports(monkeypatch, state="finished", dataset="tiny", done=1000)
    page = opened_page("data")
    assert not page.exception
    labels = [button.label for button in page.button]
    assert "Label these images" in labels


@pytest.mark.parametrize("path", ["/etc/passwd", "", "../../etc"])
def test_a_path_outside_the_allowed_folders_is_refused(workspace, path):
    page = opened_page("data")
    page.session_state["add-way"] = "A path on this machine"
    page.run()
    page.text_input(key="typed-path").set_value(path)
    page.button[-1].click().run()
    assert not page.exception
    assert page.error
