"""From the payload of a panel to its figure, by kind. A payload that is no such thing raises."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeGuard

import plotly.graph_objects as go

from pages.parts.charts import Look, Number, scatter_figure, with_unit
from pages.parts.matrixchart import matrix_figure
from pages.parts.panelcharts import bars_figure, curve_figure, histogram_figure
from ssl_core.files import JsonObject

ONE_SERIES = ""  # the name of a series that has none


@dataclass(frozen=True)
class Context:
    """What a figure depends on beside its payload and the look."""

    items: str  # what the dataset is made of, "images" or "texts"
    shares: bool = False  # cells of a matrix of counts as shares of their row


Colours = Mapping[str, str]  # class name -> "#rrggbb"


def _matrix(payload: JsonObject, look: Look, context: Context, colours: Colours) -> go.Figure:
    values = [_numbers(row) for row in _list(payload["values"])]
    counted = all(value >= 0 and value == int(value) for row in values for value in row)
    return matrix_figure(
        values,
        (_texts(payload, "rows"), _texts(payload, "columns")),
        (_text(payload, "row_title", "row"), _text(payload, "column_title", "column")),
        look,
        unit=_text(payload, "unit"),
        shares=context.shares and counted,
    )


def _histogram(payload: JsonObject, look: Look, context: Context, colours: Colours) -> go.Figure:
    series = payload.get("series") or {ONE_SERIES: payload["counts"]}
    title = with_unit(_text(payload, "title_x"), _text(payload, "unit"))
    return histogram_figure(
        _numbers(payload["edges"]),
        {name: _numbers(counts) for name, counts in _mapping(series).items()},
        (title, _text(payload, "title_y", context.items)),
        look,
        _lines(payload),
    )


def _bars(payload: JsonObject, look: Look, context: Context, colours: Colours) -> go.Figure:
    return bars_figure(
        _texts(payload, "names"),
        {name: _gaps(values) for name, values in _mapping(payload["series"]).items()},
        _text(payload, "title_y"),
        _text(payload, "unit"),
        look,
        _lines(payload),
        _text(payload, "title_x"),
    )


def _curve(payload: JsonObject, look: Look, context: Context, colours: Colours) -> go.Figure:
    drawn = {
        name: (_gaps(_mapping(line)["x"]), _gaps(_mapping(line)["y"]))
        for name, line in _mapping(payload["series"]).items()
    }
    titles = (_text(payload, "title_x"), _text(payload, "title_y"))
    return curve_figure(drawn, titles, look, diagonal=payload.get("diagonal") is True)


def _scatter(payload: JsonObject, look: Look, context: Context, colours: Colours) -> go.Figure:
    return scatter_figure(
        _numbers(payload["x"]),
        _numbers(payload["y"]),
        _texts(payload, "group"),
        (_text(payload, "title_x"), _text(payload, "title_y")),
        colours,
        look,
        diagonal=payload.get("diagonal") is True,
    )


BUILDERS: dict[str, Callable[[JsonObject, Look, Context, Colours], go.Figure]] = {
    "matrix": _matrix,
    "histogram": _histogram,
    "scatter": _scatter,
    "bars": _bars,
    "curve": _curve,
}


def _text(payload: JsonObject, name: str, other: str = "") -> str:
    return str(payload.get(name) or other)


def _texts(payload: JsonObject, name: str) -> list[str]:
    return [str(value) for value in _list(payload[name])]


def _lines(payload: JsonObject) -> dict[str, Number]:
    """Name -> place of a line; one without a finite place is not drawn."""
    found = _mapping(payload.get("lines") or {})
    return {name: value for name, value in found.items() if _is_number(value)}


def _numbers(found: object) -> list[Number]:
    """A list of numbers; what was not finite is written as null and drawn as 0."""
    return [0 if value is None else value for value in _gaps(found)]


def _gaps(found: object) -> list[Number | None]:
    """A list of numbers; null stays a gap."""
    return [value if _is_number(value) else None for value in _list(found)]


def _is_number(value: object) -> TypeGuard[Number]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _mapping(found: object) -> dict[str, object]:
    if not isinstance(found, dict):
        raise TypeError(f"expected an object, got {type(found).__name__}")
    return found


def _list(found: object) -> list[object]:
    if not isinstance(found, list):
        raise TypeError(f"expected a list, got {type(found).__name__}")
    return found
