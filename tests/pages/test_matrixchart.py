"""A matrix: its cells, what is written in them, and what takes the clicks."""

import pytest
from test_charts import LOOK

from pages.parts.matrixchart import matrix_figure
from pages.parts.words import THIN_SPACE


def matrix(values, shares=False, names=None):
    classes = names or [f"class {index}" for index in range(len(values))]
    return matrix_figure(
        values, (classes, classes), ("label", "answer"), LOOK, unit="images", shares=shares
    )


def test_a_matrix_has_its_first_row_on_top_and_a_marker_to_click_in_each_cell():
    figure = matrix([[3, 1], [0, 4]])
    heat, cells = figure.data
    assert [list(row) for row in heat.z] == [[3, 1], [0, 4]]
    assert heat.zmax == 4
    assert list(figure.layout.yaxis.range) == [1.5, -0.5]
    assert figure.layout.yaxis.title.text == "label"
    assert [list(cell) for cell in cells.customdata] == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert list(cells.text) == ["3", "1", "", "4"]
    assert cells.textfont.color == ("#ffffff", "#000000", "#000000", "#ffffff")


def test_shares_are_of_the_row_and_an_empty_row_divides_by_nothing():
    figure = matrix([[3, 1], [0, 0]], shares=True)
    assert [list(row) for row in figure.data[0].z] == [[0.75, 0.25], [0.0, 0.0]]
    assert figure.data[0].zmax == 1
    assert list(figure.data[1].text) == [f"75{THIN_SPACE}%", f"25{THIN_SPACE}%", "", ""]


def test_a_unit_of_shares_is_written_in_whole_per_cents():
    names = ["a", "b"]
    figure = matrix_figure(
        [[0.97, 0.004], [0.0, 0.0251]], (names, names), ("x", "y"), LOOK, unit="share"
    )
    assert list(figure.data[1].text) == [f"97{THIN_SPACE}%", "", "", f"3{THIN_SPACE}%"]
    assert "%{customdata:.1%}" in figure.data[0].hovertemplate


def test_small_shares_are_written_with_a_decimal():
    names = ["a", "b"]
    figure = matrix_figure(
        [[0.0125, 0.0004], [0.0, 0.0999]], (names, names), ("x", "y"), LOOK, unit="share"
    )
    assert list(figure.data[1].text) == [f"1.2{THIN_SPACE}%", "", "", f"10.0{THIN_SPACE}%"]


def test_the_letters_of_a_cell_are_told_from_its_own_tone():
    names = ["a", "b"]
    upwards = matrix_figure([[2, 5.3], [7, 10]], (names, names), ("x", "y"), LOOK)
    assert upwards.data[1].textfont.color == ("#000000", "#000000", "#ffffff", "#ffffff")
    both = matrix_figure([[-10, -1], [1, 10]], (names, names), ("x", "y"), LOOK)
    assert both.data[1].textfont.color == ("#000000", "#000000", "#000000", "#ffffff")


def test_cells_that_are_missing_are_an_error():
    with pytest.raises(ValueError, match="expected 4 cells, got 3"):
        matrix_figure([[1, 2], [3]], (["a", "b"], ["a", "b"]), ("x", "y"), LOOK)


def test_names_below_a_matrix_are_turned_only_where_they_do_not_fit():
    axis = matrix([[1, 2], [3, 4]], names=["female", "male"]).layout.xaxis
    assert (axis.tickangle, list(axis.autotickangles)) == (None, [0, -45, -90])


def test_an_empty_matrix_and_one_of_a_hundred_classes_are_drawn():
    assert matrix([[0, 0], [0, 0]]).data[0].zmax == 1
    large = matrix([[1] * 100 for _ in range(100)])
    assert len(large.data) == 1, "too many cells for markers"
    assert large.layout.height <= 560


def test_classes_with_long_or_equal_names_stay_apart():
    names = ["a very long name of a class, first", "a very long name of a class, first", "b"]
    figure = matrix([[1, 0, 0], [0, 1, 0], [0, 0, 1]], names=names)
    assert len(set(figure.data[0].x)) == 3
    assert max(len(name) for name in figure.data[0].x) < 24


def test_a_matrix_with_negative_cells_has_colours_both_ways_from_zero():
    figure = matrix([[1.0, -0.5], [-0.5, 1.0]])
    heat, cells = figure.data
    assert (heat.zmin, heat.zmax) == (-1.0, 1.0)
    assert [tone for _, tone in heat.colorscale] == list(LOOK.diverging)
    assert list(cells.text) == ["1", "-0.5", "-0.5", "1"]
    assert matrix([[1, 0], [0, 1]]).data[0].zmin == 0


def test_small_and_large_cells_stay_short():
    cells = matrix([[0.0951234, 1234.56], [3.0, 0.00021]]).data[1]
    assert list(cells.text) == ["0.095", "1235", "3", "0.00021"]


def test_a_matrix_is_as_high_as_its_rows():
    heights = [matrix([[1] * rows] * rows).layout.height for rows in (2, 5, 10, 40)]
    assert heights == sorted(set(heights))
    assert heights[0] <= 200


@pytest.mark.parametrize("classes", [12, 13])
def test_cells_too_small_for_a_text_are_sent_without_one(classes, monkeypatch):
    asked = []
    monkeypatch.setattr("pages.parts.matrixchart.ink_on", lambda tone: asked.append(tone) or "#fff")
    cells = matrix([[1] * classes] * classes).data[1]
    written = classes == 12
    assert ("text" in cells.mode, cells.text is not None, bool(asked)) == (written,) * 3
    assert len(cells.customdata) == classes**2, "they take clicks all the same"
