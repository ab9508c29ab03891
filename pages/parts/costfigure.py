"""Accuracy against the cost of labels as a figure. A pure function, as in charts.py."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from pages.parts.charts import DASHED, LEGEND, LEGEND_ROW, SHARE_TOP, Look, Number, dress
from pages.parts.tones import faded

_SPREAD_OUT = 8  # the largest cost over the smallest: from here on the axis is logarithmic


@dataclass(frozen=True)
class CostCurve:
    """One method. x: costs, ascending; shares: at each of them one a draw, in [0, 1]."""

    name: str
    x: Sequence[Number]
    shares: Sequence[Sequence[float]]
    low: Sequence[float]  # edges of the band around the means
    high: Sequence[float]
    is_baseline: bool = False

    @property
    def means(self) -> list[float]:
        return [sum(values) / len(values) for values in self.shares]


def cost_figure(
    curves: Sequence[CostCurve], title: str, ceiling: float | None, look: Look
) -> go.Figure:
    """A line through the means with a band, and a dot for each draw. title: of the costs.

    The baseline is dashed; the ceiling is a grey line over the whole width.
    """
    figure = go.Figure()
    costs = [cost for curve in curves for cost in curve.x]
    for place, curve in enumerate(curves):
        _add(figure, curve, look.category(place))
    if ceiling is not None and costs:
        figure.add_scatter(
            x=[min(costs), max(costs)],
            y=[ceiling, ceiling],
            mode="lines",
            name="All reference labels",
            line=DASHED,
            hovertemplate="%{y:.1%}",
        )
    dress(figure, look, 400 + LEGEND_ROW * (len(curves) + 1), hovermode="x unified")
    figure.update_layout(showlegend=True, legend=LEGEND, uirevision="kept")
    spread_out = bool(costs) and min(costs) > 0 and max(costs) >= _SPREAD_OUT * min(costs)
    places = sorted(set(costs))
    figure.update_xaxes(
        title_text=title,
        type="log" if spread_out else "linear",
        tickvals=places,
        ticktext=[f"{place:,.0f}" for place in places],
    )
    ends = {"clipmin": 0, "clipmax": SHARE_TOP}
    figure.update_yaxes(title_text="test accuracy", tickformat=".0%", autorangeoptions=ends)
    return figure


def _add(figure: go.Figure, curve: CostCurve, colour: str) -> None:
    band = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    band |= {"x": list(curve.x), "legendgroup": curve.name}
    figure.add_scatter(y=list(curve.low), **band)
    fill = {"fill": "tonexty", "fillcolor": faded(colour, 0.15)}
    figure.add_scatter(y=list(curve.high), **fill, **band)
    figure.add_scatter(
        x=[x for x, values in zip(curve.x, curve.shares, strict=True) for _ in values],
        y=[share for values in curve.shares for share in values],
        mode="markers",
        marker={"color": colour, "size": 6, "opacity": 0.55},
        hoverinfo="skip",
        showlegend=False,
        legendgroup=curve.name,
    )
    figure.add_scatter(
        x=list(curve.x),
        y=curve.means,
        mode="lines+markers",
        name=curve.name,
        legendgroup=curve.name,
        line={"color": colour, "width": 2.5, "dash": "dash" if curve.is_baseline else "solid"},
        marker={"size": 9},
        hovertemplate="%{y:.1%}",
    )
