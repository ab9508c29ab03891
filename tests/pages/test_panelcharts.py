"""Distributions, bars and curves of panels, and payloads that are none."""

import math

import pytest
from test_charts import LOOK

from pages.parts.panelcharts import bars_figure, curve_figure, histogram_figure
from pages.parts.panelkinds import BUILDERS, Context

IMAGES = Context("images")
GOOD = {
    "matrix": {"values": [[1, 2], [3, 4]], "rows": ["a", "b"], "columns": ["c", "d"]},
    "histogram": {"edges": [0, 1, 2], "counts": [3, 4], "title_x": "x", "unit": ""},
    "scatter": {"x": [1], "y": [2], "group": ["a"]},
    "bars": {"names": ["a", "b"], "series": {"one": [1, 2]}, "title_y": "y", "unit": "nats"},
    "curve": {"series": {"one": {"x": [0, 1], "y": [0, 1]}}, "title_x": "x", "title_y": "y"},
}


def built(kind, **changes):
    return BUILDERS[kind]({**GOOD[kind], **changes}, LOOK, IMAGES, {})


def test_a_histogram_puts_each_bar_between_its_edges():
    figure = histogram_figure([0, 0.5, 2], {"": [4, 6]}, ("confidence (share)", "images"), LOOK)
    (bars,) = figure.data
    assert (list(bars.x), list(bars.width), list(bars.y)) == ([0.25, 1.25], [0.5, 1.5], [4, 6])
    assert figure.layout.xaxis.title.text == "confidence (share)"
    assert figure.layout.yaxis.title.text == "images"
    assert figure.layout.showlegend is False
    assert bars.marker.color == LOOK.categories[0]


def test_several_series_lie_over_each_other_and_let_each_other_through():
    series = {"right": [4, 6], "wrong": [1, 2]}
    figure = histogram_figure([0, 0.5, 1], series, ("x", "texts"), LOOK)
    assert figure.layout.barmode == "overlay"
    assert [bars.name for bars in figure.data] == ["right", "wrong"]
    assert all(bars.marker.color.endswith(",0.5)") for bars in figure.data)
    assert figure.layout.showlegend is True


def test_vertical_lines_have_names_below_each_other_and_above_the_bars():
    lines = {"threshold": 0.9, "mean": 0.2}
    figure = histogram_figure([0, 0.5, 1], {"": [4, 6]}, ("x", "images"), LOOK, lines)
    grounds, dashed = figure.layout.shapes[::2], figure.layout.shapes[1::2]
    assert [shape.x0 for shape in dashed] == [shape.x0 for shape in grounds] == [0.9, 0.2]
    assert {shape.line.color for shape in grounds} == {LOOK.sequence[0]}, "seen on a bar too"
    assert {shape.line.dash for shape in dashed} == {"dash"}
    first, second = figure.layout.annotations
    assert (first.text, first.xanchor, second.text, second.xanchor) == (
        "threshold", "right", "mean", "left",
    )  # fmt: skip
    assert first.y > second.y
    assert figure.layout.yaxis.range[1] > 6


def test_bars_are_grouped_and_a_missing_value_is_a_gap():
    figure = bars_figure(["a", "b"], {"one": [1, None], "two": [3, 4]}, "use", "nats", LOOK)
    assert figure.layout.barmode == "group"
    assert list(figure.data[0].y) == [1, None]
    assert figure.layout.yaxis.title.text == "use (nats)"
    assert figure.layout.yaxis.tickformat is None
    assert figure.layout.yaxis.rangemode == "tozero"


def test_bars_of_shares_are_in_per_cent_with_their_lines():
    figure = bars_figure(["a"], {"one": [0.4]}, "agreement", "share", LOOK, {"chance": 0.1})
    assert figure.layout.yaxis.tickformat == ".0%"
    assert figure.layout.yaxis.title.text == "agreement"
    assert figure.layout.shapes[0].y0 == 0.1
    assert figure.layout.annotations[0].text == "chance"
    assert figure.layout.margin.r > 40, "room for the name"


def test_bars_of_shares_have_the_same_kind_of_axis_at_every_step():
    """Where it depended on the highest, the axis turned over from one step to the next."""

    def ends(*values, unit="share"):
        axis = bars_figure(["a", "b"], {"one": values}, "use", unit, LOOK).layout.yaxis
        return (axis.range, axis.rangemode, axis.autorangeoptions.clipmax)

    shares = {ends(0.1, 0.33), ends(0.1, 0.35), ends(None, None), ends(0, 1)}
    assert shares == {(None, "tozero", 1.02)}
    assert ends(0.9, unit="nats") == (None, "tozero", None)


def test_bars_can_say_what_stands_below_them():
    assert built("bars", title_x="cluster").layout.xaxis.title.text == "cluster"
    assert built("bars").layout.xaxis.title.text in ("", None)


@pytest.mark.parametrize("kind", GOOD)
def test_letters_of_every_kind_have_the_colour_of_the_text(kind):
    layout = built(kind, lines={"mean": 0.5}).layout
    for font in (layout.font, layout.legend.font, layout.xaxis.tickfont, layout.yaxis.title.font):
        assert font.color == LOOK.text


def test_bars_without_anything_to_see_say_so():
    def words(values):
        figure = bars_figure(["a", "b"], {"coverage": values}, "y", "share", LOOK)
        return [note.text for note in figure.layout.annotations]

    assert words([0, None]) == ["nothing above 0"]
    assert words([0, 0.5]) == []


def test_names_that_are_equal_stay_apart():
    figure = bars_figure(["a", "a"], {"one": [1, 2]}, "y", "", LOOK)
    assert list(figure.data[0].x) == ["a", "a (2)"]


def test_a_curve_keeps_its_gaps_and_shows_its_points_while_they_are_few():
    series = {"few": ([0, 1], [None, 1]), "many": (list(range(99)), list(range(99)))}
    figure = curve_figure(series, ("x", "y"), LOOK)
    few, many = figure.data
    assert list(few.y) == [None, 1]
    assert (few.mode, many.mode) == ("lines+markers", "lines")


def test_the_diagonal_goes_where_the_curves_are():
    shares = curve_figure({"a": ([0.2, 0.8], [0.1, None])}, ("x", "y"), LOOK, diagonal=True)
    assert list(shares.data[0].x) == [0, 1]
    assert shares.data[0].showlegend is False
    years = curve_figure({"a": ([20, 60], [25, 55])}, ("x", "y"), LOOK, diagonal=True)
    assert list(years.data[0].x) == list(years.data[0].y) == [20, 60]
    assert len(curve_figure({"a": ([0], [0])}, ("x", "y"), LOOK).data) == 1


def test_a_histogram_of_one_series_is_drawn_as_before_there_were_several():
    assert list(built("histogram").data[0].y) == [3, 4]
    several = built("histogram", series={"a": [1, 2], "b": [None, 4]})
    assert [list(bars.y) for bars in several.data] == [[1, 2], [0, 4]]


def test_a_line_without_a_place_is_not_drawn():
    figure = built("histogram", lines={"threshold": None, "mean": 1.5, "odd": "x"})
    assert [shape.x0 for shape in figure.layout.shapes] == [1.5, 1.5], "its ground and its dashes"
    assert len(built("bars", lines={"chance": 1}).layout.shapes) == 1


def test_only_counts_are_shown_as_shares_of_their_row():
    shares = Context("images", shares=True)
    counts = BUILDERS["matrix"](GOOD["matrix"], LOOK, shares, {})
    assert math.isclose(counts.data[0].z[0][0], 1 / 3)
    joint = {**GOOD["matrix"], "values": [[0.5, 0.0], [0.1, 0.4]]}
    assert BUILDERS["matrix"](joint, LOOK, shares, {}).data[0].z[0][0] == 0.5


@pytest.mark.parametrize("kind", GOOD)
def test_what_is_missing_or_of_another_kind_raises_what_the_page_expects(kind):
    built(kind)
    for name in GOOD[kind]:
        if name.startswith(("title", "unit")):
            continue
        for damage in (None, 3, "text", [None, "a"], {"a": 3}):
            payload = {**GOOD[kind], name: damage}
            try:
                BUILDERS[kind](payload, LOOK, IMAGES, {})
            except (LookupError, TypeError, ValueError):
                continue
        left = {key: value for key, value in GOOD[kind].items() if key != name}
        with pytest.raises((LookupError, TypeError, ValueError)):
            BUILDERS[kind](left, LOOK, IMAGES, {})
