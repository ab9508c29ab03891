"""How the pictures of a run are laid out: two columns of about the same height."""

from pathlib import Path

import numpy as np
import pytest
from fake_runs import digits_dataset, fake_run
from pages_under_test import opened_page, texts
from streamlit.testing.v1 import AppTest

from pages.parts.panels import shared_out
from ssl_core.runs.folder import PANELS
from ssl_core.runs.writer import RunWriter
from ssl_core.training.panels import bars, image_grid, matrix
from ssl_core.workspace import Workspace


@pytest.fixture
def folder(workspace: Workspace) -> Path:
    """A finished run without pictures."""
    made = fake_run(workspace, digits_dataset(workspace, count=120, test=40), "done")
    for file in (made / PANELS).glob("*/*"):
        file.unlink()
    return made


def columns_of_pictures() -> list[list[str]]:
    """The titles of the pictures in each column of the watch page."""
    page = opened_page("watch", run="done")
    assert not page.exception
    return columns_of(page)


def columns_of(page: AppTest) -> list[list[str]]:
    shown = []
    for column in page.columns:
        cards = [block.proto.body for block in column.get("html")]
        names = [body.split(">")[1].split("<")[0].strip() for body in cards if "hf-name" in body]
        shown += [names] if names else []
    return shown


def publish(folder: Path, *panels) -> None:
    writer = RunWriter(folder)
    for panel in panels:
        writer.panel(panel.name, panel.info(), 100, panel.payload)
    writer.close()


def square(name: str, size: int):
    names = [str(place) for place in range(size)]
    return matrix(name, name, "", np.eye(size), (names, names), ("label", "answer"))


def test_two_small_matrices_lie_beside_a_large_one(folder: Path) -> None:
    publish(folder, square("a_large", 14), square("b_small", 2), square("c_small", 2))
    assert columns_of_pictures() == [["a_large"], ["b_small", "c_small"]]


def test_matrices_of_one_size_take_turns(folder: Path) -> None:
    """Negative control: it is the size that puts two in one column."""
    publish(folder, square("a", 4), square("b", 4), square("c", 4))
    assert columns_of_pictures() == [["a", "c"], ["b"]]


def test_a_column_is_not_left_blank() -> None:
    """The heights of a run with a montage at its end, which by turns would lie below all others."""
    heights = [620, 400, 480, 400, 480, 450, 690]
    columns = shared_out(heights)
    filled = [sum(h for h, c in zip(heights, columns, strict=True) if c == side) for side in (0, 1)]
    assert abs(filled[0] - filled[1]) < 150
    by_turns = [0, 1, 1, 0, 1, 0, 1]
    assert sum(one != other for one, other in zip(columns, by_turns, strict=True)) <= 2


def test_pictures_that_take_turns_well_are_left_there() -> None:
    assert shared_out([300, 250, 300, 300, 310]) == (0, 1, 1, 0, 1)
    assert (shared_out([]), shared_out([7])) == ((), (0,))


def test_a_grid_counts_with_all_its_rows(folder: Path) -> None:
    row = np.zeros((8, 8, 8, 1), np.float32)
    grid = image_grid("grid", "grid", "", [row] * 9)
    heights = [bars(name, name, "", ["x"], {"y": np.ones(1)}, "y", "") for name in ("one", "two")]
    publish(folder, square("a", 14), grid, *heights)
    assert columns_of_pictures() == [["a", "one"], ["grid", "two"]]


def test_rows_without_names_have_no_column_of_names(folder: Path) -> None:
    row = np.zeros((4, 8, 8, 1), np.float32)
    publish(folder, image_grid("samples", "Samples", "", [row, row]))
    assert "hf-montage-names" not in texts(opened_page("watch", run="done"))
    publish(folder, image_grid("views", "Views", "", {"image": row, "view": row}))
    assert "hf-montage-names" in texts(opened_page("watch", run="done"))


def test_a_damaged_picture_counts_as_a_small_one(folder: Path) -> None:
    publish(folder, square("a", 14), square("b", 2), square("c", 2))
    (folder / PANELS / "b" / "00000100.json").write_text("{")
    assert columns_of_pictures() == [["a"], ["b", "c"]]


def test_the_member_of_a_family_that_is_shown_counts_for_the_columns(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.parts.panels.MOST_AT_ONCE", 3)
    publish(folder, square("a_1", 14), square("a_2", 2), square("b", 4), square("c", 4))
    assert columns_of_pictures() == [["a_1"], ["b", "c"]]
    page = opened_page("watch", run="done")
    page.button_group(key="panel-of-done-a_1").select("a_2").run()
    assert not page.exception
    assert columns_of(page) == [["a_2", "c"], ["b"]]
