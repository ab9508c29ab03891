"""Figures are made from numbers alone, with the colours that are handed in."""

import pytest

from pages.parts.charts import (
    Curve,
    Look,
    curves_figure,
    lines_in_reach,
    matrix_figure,
    scatter_figure,
    with_unit,
)
from pages.parts.tones import faded

LOOK = Look(
    dark=False,
    text="#123456",
    categories=("#102030", "#405060", "#708090"),
    sequence=("#ffffff", "#808080", "#000000"),
    diverging=("#ff0000", "#ffffff", "#0000ff"),
)


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
    assert list(figure.data[1].text) == ["75", "25", "", ""]


def test_a_unit_of_shares_is_written_in_whole_per_cents():
    names = ["a", "b"]
    figure = matrix_figure(
        [[0.97, 0.004], [0.0, 0.0251]], (names, names), ("x", "y"), LOOK, unit="share"
    )
    assert list(figure.data[1].text) == ["97%", "", "", "3%"]
    assert "%{customdata:.1%}" in figure.data[0].hovertemplate


def test_small_shares_are_written_with_a_decimal():
    names = ["a", "b"]
    figure = matrix_figure(
        [[0.0125, 0.0004], [0.0, 0.0999]], (names, names), ("x", "y"), LOOK, unit="share"
    )
    assert list(figure.data[1].text) == ["1.2%", "", "", "10.0%"]


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


def test_letters_have_the_colour_of_the_text():
    curve = curves_figure([Curve("a", [0], [1])], ("x", "y"), LOOK)
    points = scatter_figure([1], [2], ["a"], ("x", "y"), {}, LOOK)
    for layout in (curve.layout, points.layout, matrix([[1]]).layout):
        assert layout.font.color == layout.legend.font.color == LOOK.text
        for axis in (layout.xaxis, layout.yaxis):
            assert axis.tickfont.color == axis.title.font.color == LOOK.text
            assert axis.title.text
            assert axis.automargin


def test_an_axis_of_shares_does_not_leave_what_shares_can_be():
    def ends(*curves, share=True):
        axis = curves_figure(curves, ("step", "y"), LOOK, share=share).layout.yaxis
        return (axis.autorangeoptions.clipmin, axis.autorangeoptions.clipmax)

    assert ends(Curve("constant", [0, 1], [0.5, 0.5])) == (0, 1.02)
    assert ends(Curve("gap", [0, 1], [-0.1, -0.1])) == (-1, 1.02)
    assert ends(Curve("band", [0, 1], [0.1, 0.1], [-0.1, 0.0], [0.3, 0.2])) == (-1, 1.02)
    assert ends(Curve("loss", [0, 1], [5, 5]), share=False) == (None, None)


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


def test_scattered_points_keep_the_colour_of_their_class():
    figure = scatter_figure(
        [1, 2, 3], [4, 5, 6], ["b", "a", "b"], ("x", "y"), {"b": "#abcdef"}, LOOK
    )
    assert [trace.name for trace in figure.data] == ["b", "a"]
    assert list(figure.data[0].x) == [1, 3]
    assert figure.data[0].marker.color == "#abcdef"
    assert figure.data[1].marker.color == "#405060"


def test_the_diagonal_of_points_goes_where_they_are():
    def lines(**options):
        figure = scatter_figure([1, 2], [3, 5], ["a", "a"], ("x", "y"), {}, LOOK, **options)
        return [(line.x0, line.y0, line.x1, line.y1) for line in figure.layout.shapes]

    assert lines(diagonal=True) == [(1, 1, 5, 5)]
    assert lines() == []


def test_groups_that_are_no_classes_stand_as_they_appear():
    figure = scatter_figure([1, 2], [3, 4], ["together", "apart"], ("x", "y"), {}, LOOK)
    assert [trace.name for trace in figure.data] == ["together", "apart"]


def test_curves_take_the_colours_in_order_and_begin_again_after_the_last():
    curves = [Curve(str(place), [0, 1], [0, 1]) for place in range(4)]
    figure = curves_figure(curves, ("step", "loss (nats)"), LOOK)
    assert [trace.line.color for trace in figure.data] == [*LOOK.categories, LOOK.categories[0]]
    assert figure.layout.xaxis.title.text == "step"


def test_a_band_lies_around_its_curve_in_its_colour_without_a_legend_of_its_own():
    curve = Curve("three seeds", [0, 1], [0.5, 0.6], [0.4, 0.5], [0.6, 0.7])
    low, high, line = curves_figure([curve], ("step", "share"), LOOK, share=True).data
    assert (list(low.y), list(high.y), list(line.y)) == ([0.4, 0.5], [0.6, 0.7], [0.5, 0.6])
    assert high.fill == "tonexty"
    assert high.fillcolor == faded("#102030", 0.18) == "rgba(16,32,48,0.18)"
    assert [trace.showlegend for trace in (low, high, line)] == [False, False, None]


def test_lines_are_drawn_across_where_the_curves_are_near():
    curves = [Curve("a", [0, 1], [0.5, 2.0]), Curve("nothing yet", [], [])]
    lines = {"ln 10": 2.3, "just in reach": 4.0, "far above": 4.1, "far below": -2.1}
    assert lines_in_reach(curves, lines) == {"ln 10": 2.3, "just in reach": 4.0}
    assert lines_in_reach([Curve("nothing yet", [], [])], lines) == {}
    figure = curves_figure(curves, ("step", "nats"), LOOK, lines=lines)
    assert [shape.y0 for shape in figure.layout.shapes] == [2.3, 4.0]
    assert [note.text for note in figure.layout.annotations] == ["ln 10", "just in reach"]
    bare = curves_figure(curves, ("step", "nats"), LOOK).layout
    assert (bare.shapes, bare.annotations) == ((), ())
    assert figure.layout.margin.r > bare.margin.r, "there is room for the names"


def test_a_matrix_is_as_high_as_its_rows():
    heights = [matrix([[1] * rows] * rows).layout.height for rows in (2, 5, 10, 40)]
    assert heights == sorted(set(heights))
    assert heights[0] <= 200


def test_a_title_without_unit_has_no_brackets():
    assert with_unit("loss", "") == "loss"
