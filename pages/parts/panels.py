"""The pictures that a run publishes, drawn by kind. Nothing here knows a method."""

from collections.abc import Mapping
from html import escape
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

from pages.parts.charts import Look, histogram_figure, matrix_figure, scatter_figure
from pages.parts.live_routes import picture_address
from pages.parts.look import current_look
from pages.parts.looks import quiet, tag
from pages.parts.words import count
from ssl_core.errors import UserError
from ssl_core.files import JsonObject
from ssl_core.runs.confusion import MATRIX_LIMIT, NO_MATRIX
from ssl_core.runs.folder import PANELS, PanelInfo, RunFolder

NO_TOOLS = {"displayModeBar": False}
_WIDE = ("image_grid",)
_HEIGHTS = {"matrix": 520, "histogram": 380, "scatter": 460}  # pixels, with the frame


def show_panels(folder: RunFolder) -> None:
    """All panels at one step."""
    infos = folder.panels()
    if len(folder.request().classes) > MATRIX_LIMIT:
        quiet(NO_MATRIX)
    if not infos:
        quiet("Pictures such as the confusion matrix appear here once the run publishes them.")
        return
    step = _chosen_step(folder.run, sorted({step for info in infos for step in info.steps}))
    narrow = [info for info in infos if info.kind not in _WIDE]
    for info in infos:
        if info.kind in _WIDE:
            _panel(folder, info, step)
    columns, filled = st.columns(2), [0, 0]
    for info in sorted(narrow, key=lambda info: info.kind != "matrix"):
        place = filled.index(min(filled))
        filled[place] += _HEIGHTS.get(info.kind, 400)
        with columns[place]:
            _panel(folder, info, step)


def _chosen_step(run: str, steps: list[int]) -> int:
    """The newest step, or the one chosen with the slider."""
    if len(steps) < 2:
        return steps[-1]
    key = f"panel-step-{run}"
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if st.toggle("Follow the latest", value=True, key=f"latest-{run}"):
            st.session_state.pop(key, None)
            return steps[-1]
        if st.session_state.get(key) not in steps:
            st.session_state[key] = steps[-1]
        chosen = st.select_slider(
            "Step shown",
            steps,
            key=key,
            format_func=count,
            width="stretch",
            label_visibility="collapsed",
        )
    return int(chosen)


def _panel(folder: RunFolder, info: PanelInfo, step: int) -> None:
    """One panel in its frame, at the newest picture that is not later than `step`."""
    shown = max((kept for kept in info.steps if kept <= step), default=info.steps[0])
    with st.container(border=True, key=f"hf-card-panel-{info.name}"):
        oracle = tag("uses hidden labels", "reference") if info.uses_reference_labels else ""
        st.html(
            f'<p class="hf-name">{escape(info.title)} {oracle}</p><p class="hf-quiet">'
            f"step {count(shown)}{' · ' if info.help else ''}{escape(info.help)}</p>"
        )
        try:
            if info.kind == "image_grid":
                _image_grid(folder, info, shown)
            elif info.kind in BUILDERS:
                _chart(folder, info, shown)
            else:
                quiet(f"This version cannot draw a panel of kind {info.kind!r}.")
        except (UserError, OSError):
            quiet("This picture was just replaced by newer ones.")
        except (KeyError, TypeError, ValueError):
            quiet("This picture is damaged and cannot be shown.")


def _image_grid(folder: RunFolder, info: PanelInfo, step: int) -> None:
    """One PNG with the names of its rows beside it; the browser keeps what it has seen."""
    address = picture_address(folder.run, info.name, step, _stamp(folder, info, step, "png"))
    names = info.meta.get("rows")
    rows = [str(name) for name in names] if isinstance(names, list) else []
    spans = "".join(f"<span>{escape(name)}</span>" for name in rows)
    text = escape(f"{info.title}, step {step}; rows: {', '.join(rows)}")
    st.html(
        '<div style="display:flex;gap:0.8rem;align-items:stretch"><div style="display:flex;'
        "flex-direction:column;justify-content:space-around;font-size:0.82rem;text-align:right;"
        f'flex:none;max-width:9rem">{spans}</div><img src="{address}" alt="{text}" '
        'style="flex:1 1 0;min-width:0;max-width:100%;image-rendering:pixelated;'
        'border-radius:6px;object-fit:contain;object-position:left"></div>'
    )


def _chart(folder: RunFolder, info: PanelInfo, step: int) -> None:
    shares = info.kind == "matrix" and _shares_wanted(info.name)
    stamp = _stamp(folder, info, step, "json")
    figure = _figure(str(folder.path), info.name, info.kind, step, stamp, current_look(), shares)
    st.plotly_chart(figure, key=f"panel-{info.name}", config=NO_TOOLS)


def _shares_wanted(panel: str) -> bool:
    chosen = st.segmented_control(
        "Cells show",
        ["count", "share of row"],
        default="count",
        required=True,
        key=f"cells-{panel}",
        label_visibility="collapsed",
    )
    return chosen == "share of row"


def _stamp(folder: RunFolder, info: PanelInfo, step: int, ending: str) -> int:
    """Changes when the picture does: a run that was resumed may publish a step again."""
    return (folder.path / PANELS / info.name / f"{step:08d}.{ending}").stat().st_mtime_ns


@st.cache_resource(max_entries=200, show_spinner=False)
def _figure(
    path: str, panel: str, kind: str, step: int, stamp: int, look: Look, shares: bool
) -> go.Figure:
    """A figure is made once for all viewers; streamlit only reads it."""
    folder = RunFolder(Path(path))
    payload = folder.panel_json(panel, step)
    colours = {trained.name: trained.colour for trained in folder.request().classes}
    return BUILDERS[kind](payload, look, shares, colours)


def _matrix(payload: JsonObject, look: Look, shares: bool, colours: Mapping[str, str]) -> go.Figure:
    return matrix_figure(
        _table(payload, "values"),
        (_texts(payload, "rows"), _texts(payload, "columns")),
        (_text(payload, "row_title", "row"), _text(payload, "column_title", "column")),
        look,
        unit=_text(payload, "unit"),
        shares=shares,
    )


def _histogram(
    payload: JsonObject, look: Look, shares: bool, colours: Mapping[str, str]
) -> go.Figure:
    edges, counts = _numbers(payload["edges"]), _numbers(payload["counts"])
    return histogram_figure(edges, counts, _text(payload, "title_x"), _text(payload, "unit"), look)


def _scatter(
    payload: JsonObject, look: Look, shares: bool, colours: Mapping[str, str]
) -> go.Figure:
    return scatter_figure(
        _numbers(payload["x"]),
        _numbers(payload["y"]),
        _texts(payload, "group"),
        (_text(payload, "title_x"), _text(payload, "title_y")),
        colours,
        look,
    )


BUILDERS = {"matrix": _matrix, "histogram": _histogram, "scatter": _scatter}


def _text(payload: JsonObject, name: str, other: str = "") -> str:
    return str(payload.get(name) or other)


def _texts(payload: JsonObject, name: str) -> list[str]:
    return [str(value) for value in _list(payload[name])]


def _table(payload: JsonObject, name: str) -> list[list[float]]:
    return [_numbers(row) for row in _list(payload[name])]


def _numbers(found: object) -> list[float]:
    """A list of numbers; what was not finite is written as null and drawn as 0."""
    return [value if isinstance(value, int | float) else 0.0 for value in _list(found)]


def _list(found: object) -> list[object]:
    if not isinstance(found, list):
        raise TypeError(f"expected a list, got {type(found).__name__}")
    return found
