"""Figures are made from numbers alone, with the colours that are handed in."""

from pages.parts.charts import (
    Curve,
    Look,
    curves_figure,
    lines_in_reach,
    scatter_figure,
    with_unit,
)
from pages.parts.matrixchart import matrix_figure
from pages.parts.tones import faded

LOOK = Look(
    dark=False,
    text="#123456",
    categories=("#102030", "#405060", "#708090"),
    sequence=("#ffffff", "#808080", "#000000"),
    diverging=("#ff0000", "#ffffff", "#0000ff"),
)


def test_letters_have_the_colour_of_the_text():
    curve = curves_figure([Curve("a", [0], [1])], ("x", "y"), LOOK)
    points = scatter_figure([1], [2], ["a"], ("x", "y"), {}, LOOK)
    cells = matrix_figure([[1]], (["a"], ["a"]), ("x", "y"), LOOK)
    for layout in (curve.layout, points.layout, cells.layout):
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


def test_a_title_without_unit_has_no_brackets():
    assert with_unit("loss", "") == "loss"
