"""Labels from a file and into one, on the data page."""

import json
import zipfile

from streamlit.testing.v1 import AppTest

from ssl_core.labels.class_folders import export_class_folders
from ssl_core.labels.label_studio import export_label_studio
from ssl_core.labels.store import open_labels
from tests.labels.label_events import label
from tests.labels.label_facts import facts
from tests.support.heads import make_texts

SECONDS = 30


def card(dataset: str, head: str | None = None) -> AppTest:
    """The card alone, on the dataset with this identifier."""

    def page() -> None:
        import streamlit as st

        from pages.parts.label_files import label_files
        from pages.parts.session import workspace
        from ssl_core.datasets.dataset import open_dataset
        from ssl_core.labels.store import open_labels

        dataset = open_dataset(workspace(), st.query_params["dataset"])
        store = open_labels(dataset)
        st.success(label_files(dataset, store, store.head(st.query_params.get("head"))) or "-")

    opened = AppTest.from_function(page, default_timeout=SECONDS)
    opened.query_params["dataset"] = dataset
    if head:
        opened.query_params["head"] = head
    return opened.run()


def test_tasks_of_label_studio_are_taken(make_dataset, tmp_path):
    dataset, other = make_dataset(), make_dataset(name="other")
    store = open_labels(dataset)
    one, two, _ = (kind.identifier for kind in store.classes())
    store.append([label(3, one, "ann", seconds=2), label(3, two, "bob"), label(4, two, "ann")])
    path = tmp_path / "tasks.json"
    export_label_studio(dataset, store, path)
    tasks = json.loads(path.read_text("utf-8"))
    tasks[1]["data"] = {"file": "gone.png"}
    page = card("other")
    content = json.dumps(tasks).encode()
    page.file_uploader(key="labels-csv").set_value(("t.JSON", content, "application/json")).run()
    page.button(key="take-csv").click().run()
    assert not page.exception
    assert page.success[0].value == (
        "2 labels taken over. 1 answer left out. "
        "Task 2, gone.png: No image of the dataset has this name."
    )
    assert facts(open_labels(other)) == facts(store)[:2]


def test_class_folders_are_taken(make_dataset, tmp_path):
    dataset, other = make_dataset(), make_dataset(name="other")
    store = open_labels(dataset)
    one, two, _ = (kind.identifier for kind in store.classes())
    store.append([label(3, one), label(4, two)])
    path = tmp_path / "labels.zip"
    export_class_folders(dataset, store, path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("b/gone.png", b"")
    page = card("other")
    upload = ("t.ZIP", path.read_bytes(), "application/zip")
    page.file_uploader(key="labels-csv").set_value(upload).run()
    page.button(key="take-csv").click().run()
    assert not page.exception
    assert page.success[0].value == (
        "2 labels taken over. 1 answer left out. "
        "Entry 3, b/gone.png: No image of the dataset has this name."
    )
    found = [fact[:3] for fact in facts(open_labels(other))]
    assert found == [fact[:3] for fact in facts(store)]


def test_a_file_that_holds_no_tasks_is_told(make_dataset):
    make_dataset()
    page = card("tiny")
    page.file_uploader(key="labels-csv").set_value(("t.json", b"{", "application/json")).run()
    page.button(key="take-csv").click().run()
    assert not page.exception
    assert "is not JSON" in page.error[0].value


def test_the_labelling_screen_is_shown_with_the_tasks(make_dataset):
    open_labels(make_dataset())
    page = card("tiny")
    assert not page.code
    page.button_group(key="labels-form-False").set_value(".json").run()
    assert not page.exception
    assert '<Choice value="b" />' in page.code[0].value


def test_numbers_have_no_class_folders(workspace):
    make_texts(workspace)
    (numbers,) = card("letters", "age").button_group
    (classes,) = card("letters", "topic").button_group
    assert list(numbers.options) == ["CSV", "Label Studio"]
    taken = [card("letters", head).file_uploader[0].allowed_type for head in ("age", "topic")]
    assert [".zip" in types for types in taken] == [False, True]
    assert len(classes.options) == 3


def test_very_many_images_are_left_to_the_command_line(make_dataset, monkeypatch):
    store = open_labels(make_dataset())
    store.append([label(3, store.classes()[0].identifier)])
    monkeypatch.setattr("pages.parts.label_files._MOST_BYTES", 10)
    page = card("tiny")
    assert not page.code
    page.button_group(key="labels-form-False").set_value(".zip").run()
    assert page.code[0].value == "python -m ssl_core labels tiny --out labels.zip"
