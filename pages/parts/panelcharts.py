"""Distributions, bars and curves of a panel as plotly figures. Pure functions, as in charts.py."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import plotly.graph_objects as go

from pages.parts.charts import (
    DASHED,
    LEGEND,
    SHARE_TOP,
    Look,
    Number,
    distinct,
    dress,
    horizontal_lines,
    with_unit,
)
from pages.parts.tones import faded

_FEW_POINTS = 40  # up to here a curve shows its points
_NAME_DROP = 0.09  # share of the height by which the name of a vertical line hangs below the last
_MIDDLE = {"x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper", "showarrow": False}


def histogram_figure(
    edges: Sequence[Number],
    series: Mapping[str, Sequence[Number]],
    titles: tuple[str, str],
    look: Look,
    lines: Mapping[str, Number] | None = None,
) -> go.Figure:
    """Bars between `edges` (one more than each series has), several series over each other.

    titles: of x, of y. lines: vertical ones, by name.
    """
    widths = [right - left for left, right in pairwise(edges)]
    middles = [left + width / 2 for left, width in zip(edges, widths, strict=False)]
    several = len(series) > 1
    figure = go.Figure()
    for place, (name, counts) in enumerate(series.items()):
        colour = look.category(place)
        figure.add_bar(
            x=middles,
            y=list(counts),
            width=widths,
            name=name,
            marker={"color": faded(colour, 0.5) if several else colour, "line": {"width": 0}},
            hovertemplate=f"%{{x:.3~g}}: %{{y}}<extra>{name if several else ''}</extra>",
        )
    dress(figure, look, 300, bargap=0.04, barmode="overlay", showlegend=several, legend=LEGEND)
    figure.update_xaxes(title_text=titles[0])
    figure.update_yaxes(title_text=titles[1], rangemode="tozero")
    if lines:
        highest = max((count for counts in series.values() for count in counts), default=0) or 1
        figure.update_yaxes(range=(0, highest * (1.04 + _NAME_DROP * len(lines))))
        _vertical(figure, lines, (edges[0] + edges[-1]) / 2, look)
    return figure


def _vertical(figure: go.Figure, lines: Mapping[str, Number], middle: Number, look: Look) -> None:
    """Dashed lines; their names hang below each other, above the bars, towards the middle."""
    for place, (name, x) in enumerate(lines.items()):
        # Under it one in the colour of the ground, or it could not be seen on a bar.
        figure.add_vline(x=x, line={"color": look.sequence[0], "width": 4})
        figure.add_vline(x=x, line=DASHED)
        figure.add_annotation(
            x=x,
            y=1 - _NAME_DROP * place,
            yref="paper",
            yanchor="top",
            xanchor="left" if x < middle else "right",
            xshift=4 if x < middle else -4,
            text=name,
            showarrow=False,
        )


def bars_figure(
    names: Sequence[str],
    series: Mapping[str, Sequence[Number | None]],
    title: str,
    unit: str,
    look: Look,
    lines: Mapping[str, Number] | None = None,
    title_x: str = "",
) -> go.Figure:
    """Bars side by side, one group a name; None leaves a gap. lines: horizontal ones, by name."""
    share = unit == "share"
    figure = go.Figure()
    for place, (name, values) in enumerate(series.items()):
        figure.add_bar(
            x=distinct(names),
            y=list(values),
            name=name,
            marker={"color": look.category(place), "line": {"width": 0}},
            hovertemplate=f"%{{x}}: %{{y:{'.1%' if share else '.4~g'}}}<extra>{name}</extra>",
        )
    dress(
        figure, look, 320, barmode="group", bargap=0.25, showlegend=len(series) > 1, legend=LEGEND
    )
    figure.update_xaxes(type="category", title_text=title_x)
    figure.update_yaxes(title_text=with_unit(title, unit), rangemode="tozero")
    if share:
        figure.update_yaxes(
            title_text=title, tickformat=".0%", autorangeoptions={"clipmax": SHARE_TOP}
        )
    if not any(value for values in series.values() for value in values):
        figure.add_annotation(text="nothing above 0", **_MIDDLE)
    horizontal_lines(figure, lines or {})
    return figure


def curve_figure(
    series: Mapping[str, tuple[Sequence[Number | None], Sequence[Number | None]]],
    titles: tuple[str, str],
    look: Look,
    *,
    diagonal: bool = False,
) -> go.Figure:
    """Lines of y over x, one colour each; `diagonal` is the line on which y equals x."""
    figure = go.Figure()
    if diagonal:
        ends = _diagonal(series)
        ignored = {"showlegend": False, "hoverinfo": "skip"}
        figure.add_scatter(x=ends, y=ends, mode="lines", line=DASHED, **ignored)
    several = len(series) > 1
    for place, (name, (x, y)) in enumerate(series.items()):
        figure.add_scatter(
            x=list(x),
            y=list(y),
            name=name,
            mode="lines+markers" if len(x) <= _FEW_POINTS else "lines",
            line={"color": look.category(place), "width": 2},
            marker={"size": 6},
            hovertemplate=f"%{{x:.4~g}}: %{{y:.4~g}}<extra>{name if several else ''}</extra>",
        )
    dress(figure, look, 360, legend=LEGEND, showlegend=several)
    figure.update_xaxes(title_text=titles[0])
    figure.update_yaxes(title_text=titles[1])
    return figure


def _diagonal(
    series: Mapping[str, tuple[Sequence[Number | None], Sequence[Number | None]]],
) -> list[Number]:
    """From where to where: shares from 0 to 1, else what the curves cover."""
    numbers = [value for pair in series.values() for part in pair for value in part]
    known = [value for value in numbers if value is not None]
    low, high = min(known, default=0), max(known, default=1)
    return [0, 1] if low >= 0 and high <= 1 else [low, high]
