"""Numbers to plotly figures. Pure functions: no streamlit calls, the look is handed in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from pages.parts.tones import faded, ink_on, tones_of

Number = int | float
_CLEAR = "rgba(0,0,0,0)"
_MOST_WRITTEN = 12  # classes; above it the cells of a matrix carry no text
_MOST_CELLS = 4_000  # above it a click would be slow
_CELL = 34  # pixels
_LETTER = 7  # pixels
_WHOLE = 0.1  # shares of a matrix below it all are written with a decimal
_LEGEND_ROW = 19  # pixels; a long name has a row of its own
_ANGLES = [0, -45, -90]  # degrees, of names below a matrix: the first at which they fit
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
    grounds = {"paper_bgcolor": _CLEAR, "plot_bgcolor": _CLEAR}
    figure.update_layout(height=height, margin=_MARGIN, font=ink, legend_font=ink, **grounds)
    figure.update_layout(**layout)
    for update in (figure.update_xaxes, figure.update_yaxes):
        update(automargin=True, tickfont=ink, title_font=ink)


def matrix_figure(
    values: Sequence[Sequence[Number]],
    names: tuple[Sequence[str], Sequence[str]],
    titles: tuple[str, str],
    look: Look,
    *,
    unit: str = "",
    shares: bool = False,
    chosen: tuple[int, int] | None = None,
) -> go.Figure:
    """A heat map with the first row on top. A click lands on an invisible marker of its cell.

    values: rows by columns; where some are negative, colours go both ways from 0. names, titles:
    of rows, of columns. unit: "share" is written in per cent. shares: colour and text are parts
    of the row's sum. Every cell has the custom data [row, column]; `chosen` gets a frame.
    """
    rows, columns = (distinct(part) for part in names)
    shown = [_row_shares(row) if shares else list(row) for row in values]
    numbers = [value for row in shown for value in row]
    top = 1 if shares else max(map(abs, numbers), default=0) or 1
    low = -top if min(numbers, default=0) < 0 else 0
    tones = look.diverging if low else look.sequence
    figure = go.Figure(
        go.Heatmap(
            z=shown,
            x=columns,
            y=rows,
            colorscale=list(tones),
            zmin=low,
            zmax=top,
            xgap=1,
            ygap=1,
            customdata=values,
            hovertemplate=(
                f"{titles[0]}: %{{y}}<br>{titles[1]}: %{{x}}<br>"
                f"%{{customdata:{'.1%}' if unit == 'share' else '.4~g} ' + unit}"
                f"{' (%{z:.1%} of the row)' if shares else ''}<extra></extra>"
            ),
            showscale=False,
        )
    )
    if len(rows) * len(columns) <= _MOST_CELLS:
        form = _percent(top) if unit == "share" else _share if shares else _number
        places = [(value - low) / (top - low) for value in numbers]
        inks = [ink_on(tone) for tone in tones_of(places, tones)]
        figure.add_scatter(**_cells(list(map(form, numbers)), inks, rows, columns))
    if chosen is not None:
        row, column = chosen
        frame = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
        figure.add_shape(type="rect", line={"color": look.category(1), "width": 3}, **frame)
    dress(figure, look, min(560, max(200, _CELL * len(rows) + 90)), dragmode=False)
    _square_axes(figure, rows, columns, titles)
    return figure


def _square_axes(
    figure: go.Figure, rows: Sequence[str], columns: Sequence[str], titles: tuple[str, str]
) -> None:
    """Axes of a matrix: the first row on top, no room around the cells."""
    figure.update_layout(hovermode="closest")
    axis = {"type": "category", "showgrid": False, "ticks": "", "zeroline": False}
    across, down = (-0.5, len(columns) - 0.5), (len(rows) - 0.5, -0.5)
    figure.update_xaxes(title_text=titles[1], range=across, autotickangles=_ANGLES, **axis)
    figure.update_yaxes(title_text=titles[0], range=down, **axis)


def _cells(
    texts: Sequence[str], inks: Sequence[str], rows: Sequence[str], columns: Sequence[str]
) -> dict[str, object]:
    """A scatter with an invisible marker in each cell, which takes clicks, and its text.

    The heat map itself takes no clicks in streamlit. texts, inks: row by row.
    """
    cells = [(row, column) for row in range(len(rows)) for column in range(len(columns))]
    if len(texts) != len(cells):
        raise ValueError(f"expected {len(cells)} cells, got {len(texts)}")
    written = max(len(rows), len(columns)) <= _MOST_WRITTEN
    return {
        "x": [columns[column] for _, column in cells],
        "y": [rows[row] for row, _ in cells],
        "text": texts,
        "textfont": {"color": inks, "size": 12},
        "customdata": cells,
        "mode": "markers+text" if written else "markers",
        "marker": {"symbol": "square", "size": _CELL, "color": _CLEAR},
        "hoverinfo": "none",
        "showlegend": False,
    }


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
    dress(figure, look, 400 + _LEGEND_ROW * len(curves), hovermode="x unified", uirevision="kept")
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
    return {"clipmin": -1 if below else 0, "clipmax": 1.02}


def with_unit(title: str, unit: str) -> str:
    """'loss', 'nats' -> 'loss (nats)'."""
    return f"{title} ({unit})" if unit else title


def _row_shares(row: Sequence[Number]) -> list[float]:
    total = sum(row)
    return [value / total if total else 0.0 for value in row]


def _share(value: Number) -> str:
    return f"{100 * value:.0f}" if value else ""


def _percent(top: Number) -> Callable[[Number], str]:
    """Writes shares short enough for a cell, and nothing for what rounds to 0.

    In whole per cents, with a decimal where the largest share, `top`, is small.
    """
    decimals = 0 if top >= _WHOLE else 1
    return lambda value: f"{100 * value:.{decimals}f}%" if round(100 * value, decimals) else ""


def _number(value: Number) -> str:
    if not value:
        return ""
    return f"{value:.0f}" if value == int(value) or abs(value) >= 100 else f"{value:.2g}"


def distinct(names: Sequence[str]) -> list[str]:
    """Names as different categories, shortened; plotly would lay two equal ones over each other."""
    seen: dict[str, int] = {}
    made = []
    for name in names:
        short = name if len(name) <= 18 else f"{name[:11]}…{name[-6:]}"
        seen[short] = seen.get(short, 0) + 1
        made.append(short if seen[short] == 1 else f"{short} ({seen[short]})")
    return made
