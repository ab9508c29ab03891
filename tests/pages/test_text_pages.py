"""Datasets of texts on the data page and the first screen: cards, heads, columns, the form."""

from pathlib import Path

import pytest
from pages_under_test import opened_page, texts

from pages.parts.import_form import Source
from pages.parts.reference_answers import number
from pages.parts.text_form import hint
from ssl_core.datasets.dataset import Dataset, open_dataset
from ssl_core.datasets.importer import ImportSource, run_import
from ssl_core.datasets.readers.column_profile import Column
from ssl_core.datasets.text_columns import TargetColumn, TextColumns
from ssl_core.workspace import Workspace

HEADER = "text,age,mood,kind,hour,split\n"
ROWS = HEADER + "".join(
    f"<b>text</b> number {i},{20 + i if i else ''},{'good' if i % 2 else 'bad'},{'abc'[i % 3]},"
    f"{i * 500.5 if i != 3 else ''},{'test' if i % 4 == 0 else 'train'}\n"
    for i in range(30)
)
COLUMNS = TextColumns(
    text="text",
    numeric=("hour",),
    targets=(
        TargetColumn(column="mood", kind="binary"),
        TargetColumn(column="age", kind="regression", unit="years"),
    ),
    split="split",
)


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HANDFUL_SOURCES", str(tmp_path))
    path = tmp_path / "rows.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


@pytest.fixture
def dataset(workspace: Workspace, table: Path) -> Dataset:
    source = ImportSource(location=str(table), name="Rows", columns=COLUMNS)
    return open_dataset(workspace, run_import(workspace, source).identifier)


def opened_form(path: Path):
    page = opened_page("data")
    page.session_state["data_view"] = "Add data"
    page.session_state["import_source"] = Source(str(path), "rows")
    return page.run()


def test_the_overview_tells_heads_columns_and_ranges(dataset):
    page = opened_page("data")
    assert not page.exception
    shown = texts(page).replace("\u2009", " ")
    assert "Texts" in shown
    assert "Pixels" not in shown
    assert "kept apart from your labels" in shown
    heads, columns = page.dataframe[1].value, page.dataframe[0].value
    assert heads["Question"].tolist() == ["Mood", "Age"]
    assert heads["Classes or unit"].tolist() == ["bad, good", "years"]
    assert heads["Answered"].tolist() == [30, 29]
    assert columns.iloc[0].tolist() == ["hour", "0", "7\u2009508", "14\u2009514", 1]
    assert 'title="good"' in shown
    page.session_state[f"histogram-head-{dataset.identifier}"] = "age"
    page.run()
    assert not page.exception
    assert 'title="21 – 23"' in texts(page)


def test_texts_are_cards_and_reference_answers_are_hidden_at_first(dataset):
    page = opened_page("data")
    page.session_state[f"detail-{dataset.identifier}"] = "Texts"
    page.run()
    assert not page.exception
    shown = texts(page)
    assert shown.count("<article") == 24
    assert "&lt;b&gt;text&lt;/b&gt; number 3" in shown
    assert "<b>text</b>" not in shown
    assert "1 to 24 of 30 texts" in shown
    assert "Mood: " not in shown
    page.toggle(key="gallery-reference").set_value(True).run()
    shown = texts(page)
    assert "Mood: good" in shown
    assert "Age: 23 years" in shown


def test_the_first_screen_shows_a_glimpse_of_the_texts(dataset):
    page = opened_page("home")
    assert not page.exception
    shown = texts(page)
    assert "hf-text-strip" in shown
    assert "30 texts, 2 questions, 1 numeric column" in shown


def test_rows_left_out_are_called_rows(workspace, table):
    table.write_text(ROWS + "short\n", encoding="utf-8")
    run_import(workspace, ImportSource(location=str(table), name="Rows", columns=COLUMNS))
    page = opened_page("data")
    page.session_state["detail-rows"] = "Left out · 1"
    page.run()
    assert not page.exception
    assert "1 row of the source" in texts(page)
    assert page.dataframe[-1].value["Row"].tolist() == ["rows.csv, line 32"]


def test_without_reference_labels(workspace, table):
    plain = TextColumns(text="text")
    run_import(workspace, ImportSource(location=str(table), name="Rows", columns=plain))
    page = opened_page("data")
    assert not page.exception
    assert "No reference labels came along" in texts(page)
    page.session_state["detail-rows"] = "Texts"
    page.run()
    assert not [toggle for toggle in page.toggle if toggle.key == "gallery-reference"]


def test_the_form_suggests_a_use_for_each_column(workspace, table):
    page = opened_form(table)
    assert not page.exception
    roles = {box.label: box.value for box in page.selectbox}
    assert roles["Use of text"] == "text"
    assert roles["Use of age"] == "numeric"
    assert roles["Use of mood"] == "binary"
    assert roles["Use of kind"] == "categorical"
    assert "“good” is positive" in texts(page)
    assert page.selectbox(key="column-main").options == ["mood", "kind"]


def test_every_use_can_be_changed_before_the_import(workspace, table, monkeypatch):
    started = []
    monkeypatch.setattr(
        "pages.parts.import_form.start_import", lambda _, source: started.append(source)
    )
    page = opened_form(table)
    page.selectbox(key="column-role-1").set_value("regression").run()
    page.text_input(key="column-unit-1").set_value("years").run()
    page.selectbox(key="column-main").set_value("kind").run()
    page.button(key="import-start").click().run()
    assert not page.exception
    (source,) = started
    assert source.columns.numeric == ("hour",)
    assert [(one.column, one.kind, one.unit) for one in source.columns.targets] == [
        ("kind", "categorical", ""),
        ("age", "regression", "years"),
        ("mood", "binary", ""),
    ]


def test_uses_that_contradict_shut_the_button(workspace, table):
    page = opened_form(table)
    page.selectbox(key="column-role-2").set_value("text").run()
    assert not page.exception
    assert "2 columns are used as the text" in page.error[0].value.replace("\\", "")
    assert page.button(key="import-start").disabled
    page.selectbox(key="column-role-0").set_value("ignored").run()
    assert not page.error
    assert not page.button(key="import-start").disabled


def test_a_file_that_cannot_be_read_is_told(workspace, table):
    table.write_text("a,b\n1,2\n", encoding="utf-8")
    page = opened_form(table)
    assert not page.exception
    assert "no column of texts" in page.error[0].value.replace("\\", "")


def test_ready_made_texts_need_no_download(workspace, monkeypatch):
    started = []
    monkeypatch.setattr(
        "pages.parts.import_form.start_import", lambda _, source: started.append(source)
    )
    page = opened_page("data")
    page.session_state["data_view"] = "Add data"
    page.run()
    assert page.button(key="add-posts").label == "Add"
    page.button(key="add-posts").click().run()
    assert not page.exception
    assert [source.location for source in started] == ["catalogue:posts"]


def test_numbers_in_words():
    assert [number(value) for value in (51.0, 3.14159, 12034.5, float("nan"))] == [
        "51",
        "3.142",
        "12\u2009034",
        "–",
    ]


def test_hints_are_short(workspace, table):
    column = Column("x")
    assert hint(column, "ignored") == "empty"
    for value in ("a" * 90, "b" * 90):
        column.add(value, False)
    assert len(hint(column, "binary")) < 200
