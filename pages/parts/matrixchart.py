"""A matrix as a heat map with cells to click on. Pure functions, as in charts.py."""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go

from pages.parts.charts import CLEAR, Look, Number, distinct, dress
from pages.parts.tones import ink_on, tones_of
from pages.parts.words import share

_MOST_WRITTEN = 12  # classes; above it the cells of a matrix carry no text
_MOST_CELLS = 4_000  # above it a click would be slow
_CELL = 34  # pixels
_WHOLE = 0.1  # shares of a matrix below it all are written with a decimal
_ANGLES = [0, -45, -90]  # degrees, of names below a matrix: the first at which they fit


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
            hovertemplate=_hover(titles, unit, shares),
            showscale=False,
        )
    )
    if len(rows) * len(columns) <= _MOST_CELLS:
        cells = _cells(len(numbers), rows, columns)
        if max(len(rows), len(columns)) <= _MOST_WRITTEN:
            form = _percent(top) if shares or unit == "share" else _number
            cells |= _written(numbers, (low, top), tones, form)
        figure.add_scatter(**cells)
    if chosen is not None:
        _frame(figure, chosen, look)
    dress(figure, look, min(560, max(200, _CELL * len(rows) + 90)), dragmode=False)
    _square_axes(figure, rows, columns, titles)
    return figure


def _hover(titles: tuple[str, str], unit: str, shares: bool) -> str:
    """What plotly writes beside the pointer."""
    value = "%{customdata:.1%}" if unit == "share" else f"%{{customdata:.4~g}} {unit}"
    of_row = " (%{z:.1%} of the row)" if shares else ""
    return f"{titles[0]}: %{{y}}<br>{titles[1]}: %{{x}}<br>{value}{of_row}<extra></extra>"


def _square_axes(
    figure: go.Figure, rows: Sequence[str], columns: Sequence[str], titles: tuple[str, str]
) -> None:
    """Axes of a matrix: the first row on top, no room around the cells."""
    figure.update_layout(hovermode="closest")
    axis = {"type": "category", "showgrid": False, "ticks": "", "zeroline": False}
    across, down = (-0.5, len(columns) - 0.5), (len(rows) - 0.5, -0.5)
    figure.update_xaxes(title_text=titles[1], range=across, autotickangles=_ANGLES, **axis)
    figure.update_yaxes(title_text=titles[0], range=down, **axis)


def _frame(figure: go.Figure, cell: tuple[int, int], look: Look) -> None:
    """A frame around one cell of a matrix, given as row and column."""
    row, column = cell
    edges = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
    figure.add_shape(type="rect", line={"color": look.category(1), "width": 3}, **edges)


def _cells(number: int, rows: Sequence[str], columns: Sequence[str]) -> dict[str, object]:
    """A scatter with an invisible marker in each cell, which takes clicks.

    The heat map itself takes no clicks in streamlit. number: of the cells there should be.
    """
    cells = [(row, column) for row in range(len(rows)) for column in range(len(columns))]
    if number != len(cells):
        raise ValueError(f"expected {len(cells)} cells, got {number}")
    return {
        "x": [columns[column] for _, column in cells],
        "y": [rows[row] for row, _ in cells],
        "customdata": cells,
        "mode": "markers",
        "marker": {"symbol": "square", "size": _CELL, "color": CLEAR},
        "hoverinfo": "none",
        "showlegend": False,
    }


def _written(
    numbers: Sequence[Number],
    ends: tuple[Number, Number],
    tones: Sequence[str],
    form: Callable[[Number], str],
) -> dict[str, object]:
    """The text of the cells of a matrix, each in an ink that its tone lets be read.

    numbers: row by row. ends: the numbers that have the first and the last of `tones`.
    """
    low, top = ends
    places = [(value - low) / (top - low) for value in numbers]
    inks = [ink_on(tone) for tone in tones_of(places, tones)]
    texts = [form(value) for value in numbers]
    return {"text": texts, "textfont": {"color": inks, "size": 12}, "mode": "markers+text"}


def _row_shares(row: Sequence[Number]) -> list[float]:
    total = sum(row)
    return [value / total if total else 0.0 for value in row]


def _percent(top: Number) -> Callable[[Number], str]:
    """Writes shares short enough for a cell, and nothing for what rounds to 0.

    In whole per cents, with a decimal where the largest share, `top`, is small.
    """
    decimals = 0 if top >= _WHOLE else 1
    return lambda value: share(value, decimals) if round(100 * value, decimals) else ""


def _number(value: Number) -> str:
    if not value:
        return ""
    return f"{value:.0f}" if value == int(value) or abs(value) >= 100 else f"{value:.2g}"
