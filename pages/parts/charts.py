"""Numbers to plotly figures. Pure functions: no streamlit calls, the look is handed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from pages.parts.tones import faded

Number = int | float
CLEAR = "rgba(0,0,0,0)"
_LETTER = 7  # pixels
SHARE_TOP = 1.02  # where an axis of shares ends at the latest
LEGEND_ROW = 19  # pixels; a long name has a row of its own
_MARGIN = {"l": 8, "r": 8, "t": 8, "b": 8}
LEGEND = {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0, "xanchor": "left"}
DASHED = {"color": "rgba(128,128,128,0.9)", "width": 1.5, "dash": "dash"}  # on light and dark


@dataclass(frozen=True)
class Look:
    """The colours of the theme in use."""

    dark: bool
    text: str  # "#rrggbb"
    categories: tuple[str, ...]  # "#rrggbb", in order
    sequence: tuple[str, ...]  # from the background to the strongest
    diverging: tuple[str, ...]  # from the strongest below zero to the strongest above

    def category(self, place: int) -> str:
        """The colour of the series at `place`; they begin again after the last one."""
        return self.categories[place % len(self.categories)]


@dataclass(frozen=True)
class Curve:
    """One line of a chart; `low` and `high` make a band around it."""

    name: str
    x: Sequence[Number]
    y: Sequence[Number]
    low: Sequence[Number] | None = None
    high: Sequence[Number] | None = None


def dress(figure: go.Figure, look: Look, height: int, **layout: object) -> None:
    """What all figures share: no ground, little room around, letters in the colour of the text.

    The axes are told too: the theme of streamlit writes them in a grey of little contrast.
    """
    ink = {"color": look.text}
    grounds = {"paper_bgcolor": CLEAR, "plot_bgcolor": CLEAR}
    figure.update_layout(height=height, margin=_MARGIN, font=ink, legend_font=ink, **grounds)
    figure.update_layout(**layout)
    for update in (figure.update_xaxes, figure.update_yaxes):
        update(automargin=True, tickfont=ink, title_font=ink)


def scatter_figure(
    x: Sequence[Number],
    y: Sequence[Number],
    group: Sequence[str],
    titles: tuple[str, str],
    colours: Mapping[str, str],
    look: Look,
    *,
    diagonal: bool = False,
) -> go.Figure:
    """Points coloured by group; a group that `colours` knows keeps its colour everywhere.

    The groups stand in the order of `colours`, those that it does not know as they appear.
    diagonal: also the line on which y equals x.
    """
    figure = go.Figure()
    found = dict.fromkeys(map(str, group))
    ordered = [name for name in colours if name in found]
    for place, name in enumerate([*ordered, *(name for name in found if name not in colours)]):
        chosen = [index for index, label in enumerate(group) if str(label) == name]
        figure.add_scattergl(
            x=[x[index] for index in chosen],
            y=[y[index] for index in chosen],
            mode="markers",
            name=name,
            marker={"size": 5, "color": colours.get(name, look.category(place)), "opacity": 0.75},
        )
    if diagonal and len(x):
        low, high = min(*x, *y), max(*x, *y)
        figure.add_shape(type="line", x0=low, y0=low, x1=high, y1=high, line=DASHED)
    dress(figure, look, 380)
    figure.update_xaxes(title_text=titles[0])
    figure.update_yaxes(title_text=titles[1])
    return figure


def horizontal_lines(figure: go.Figure, lines: Mapping[str, Number]) -> None:
    """Dashed lines across, their names at the right edge. lines: name -> y."""
    longest = max((len(name) for name in lines), default=0)
    if longest:
        figure.update_layout(margin={**_MARGIN, "r": 14 + _LETTER * longest})
    for name, y in lines.items():
        figure.add_hline(y=y, line=DASHED)
        beside = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 4}
        figure.add_annotation(**beside, y=y, text=name, showarrow=False)


def lines_in_reach(curves: Sequence[Curve], lines: Mapping[str, Number]) -> dict[str, Number]:
    """The horizontal lines that `curves` are near: one far away would press them flat.

    Near: not farther beyond them than they reach from each other and from 0.
    """
    values = [value for curve in curves for value in curve.y]
    if not values:
        return {}
    low, high = min(0, *values), max(0, *values)
    room = high - low
    return {name: y for name, y in lines.items() if low - room <= y <= high + room}


def curves_figure(
    curves: Sequence[Curve],
    titles: tuple[str, str],
    look: Look,
    *,
    share: bool = False,
    lines: Mapping[str, Number] | None = None,
) -> go.Figure:
    """Lines with bands, one colour each in the order given. titles: of x, of y. lines: across."""
    figure = go.Figure()
    for place, curve in enumerate(curves):
        colour = look.category(place)
        if curve.low is not None and curve.high is not None:
            band = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
            band |= {"x": list(curve.x), "showlegend": False, "legendgroup": curve.name}
            figure.add_scatter(y=list(curve.low), **band)
            figure.add_scatter(
                y=list(curve.high), fill="tonexty", fillcolor=faded(colour, 0.18), **band
            )
        figure.add_scatter(
            x=list(curve.x),
            y=list(curve.y),
            mode="lines",
            name=curve.name,
            legendgroup=curve.name,
            line={"color": colour, "width": 2},
            hovertemplate="%{y:.1%}" if share else "%{y:.4~g}",
        )
    dress(figure, look, 400 + LEGEND_ROW * len(curves), hovermode="x unified", uirevision="kept")
    figure.update_layout(showlegend=True, legend=LEGEND)
    figure.update_xaxes(title_text=titles[0], rangemode="tozero", exponentformat="none")
    figure.update_yaxes(title_text=titles[1])
    if share:
        figure.update_yaxes(tickformat=".0%", autorangeoptions=_share_ends(curves))
    horizontal_lines(figure, lines_in_reach(curves, lines or {}))
    return figure


def _share_ends(curves: Sequence[Curve]) -> dict[str, Number]:
    """What no axis of shares goes beyond; plotly would, around a value that stays the same."""
    edges = (part for curve in curves for part in (curve.y, curve.low or (), curve.high or ()))
    below = any(value < 0 for values in edges for value in values)
    return {"clipmin": -1 if below else 0, "clipmax": SHARE_TOP}


def with_unit(title: str, unit: str) -> str:
    """'loss', 'nats' -> 'loss (nats)'."""
    return f"{title} ({unit})" if unit else title


def distinct(names: Sequence[str]) -> list[str]:
    """Names as different categories, shortened; plotly would lay two equal ones over each other."""
    seen: dict[str, int] = {}
    made = []
    for name in names:
        short = name if len(name) <= 18 else f"{name[:11]}…{name[-6:]}"
        seen[short] = seen.get(short, 0) + 1
        made.append(short if seen[short] == 1 else f"{short} ({seen[short]})")
    return made
