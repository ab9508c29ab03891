"""The pictures that a run publishes, drawn by kind. Nothing here knows a method."""

from collections.abc import Callable
from html import escape

import streamlit as st

from pages.parts.charts import Look, histogram_figure, matrix_figure, scatter_figure
from pages.parts.live_routes import picture_address
from pages.parts.look import current_look
from pages.parts.looks import quiet, tag
from pages.parts.words import count
from ssl_core.errors import UserError
from ssl_core.files import JsonObject
from ssl_core.runs.folder import PANELS, PanelInfo, RunFolder

NO_TOOLS = {"displayModeBar": False}
_WIDE = ("image_grid",)
Drawer = Callable[[RunFolder, PanelInfo, int, Look], None]


@st.fragment(key="panels")
def show_panels(folder: RunFolder) -> None:
    """All panels at one step. The live charts ask for a redraw when a new picture is there."""
    infos = folder.panels()
    if not infos:
        quiet("Pictures such as the confusion matrix appear here once the run publishes them.")
        return
    step = _chosen_step(folder.run, sorted({step for info in infos for step in info.steps}))
    narrow = [info for info in infos if info.kind not in _WIDE]
    for info in infos:
        if info.kind in _WIDE:
            _panel(folder, info, step)
    columns = st.columns(2)
    for place, info in enumerate(sorted(narrow, key=lambda info: info.kind != "matrix")):
        with columns[place % 2]:
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
            f'<p class="hf-name" title="{escape(info.help)}">{escape(info.title)} {oracle}</p>'
            f'<p class="hf-quiet">step {count(shown)}{" · " if info.help else ""}'
            f"{escape(info.help)}</p>"
        )
        drawer = DRAWERS.get(info.kind)
        if drawer is None:
            quiet(f"This version cannot draw a panel of kind {info.kind!r}.")
            return
        try:
            drawer(folder, info, shown, current_look())
        except UserError:
            quiet("This picture was just replaced by newer ones.")
        except (KeyError, TypeError, ValueError):
            quiet("This picture is damaged and cannot be shown.")


def _matrix(folder: RunFolder, info: PanelInfo, step: int, look: Look) -> None:
    payload = folder.panel_json(info.name, step)
    shares = st.segmented_control(
        "Cells show",
        ["count", "share of row"],
        default="count",
        required=True,
        key=f"cells-{info.name}",
        label_visibility="collapsed",
    )
    rows, columns = _texts(payload, "rows"), _texts(payload, "columns")
    titles = (_text(payload, "row_title", "row"), _text(payload, "column_title", "column"))
    figure = matrix_figure(
        payload["values"],  # type: ignore[arg-type]
        (rows, columns),
        titles,
        look,
        unit=_text(payload, "unit"),
        shares=shares == "share of row",
    )
    st.plotly_chart(figure, key=f"matrix-{info.name}", config=NO_TOOLS)


def _image_grid(folder: RunFolder, info: PanelInfo, step: int, look: Look) -> None:
    """One PNG with the names of its rows beside it; the browser keeps what it has seen."""
    picture = folder.path / PANELS / info.name / f"{step:08d}.png"
    try:
        stamp = picture.stat().st_mtime_ns
    except OSError as error:
        raise UserError(f"The picture of step {step} is gone.") from error
    address = picture_address(folder.run, info.name, step, stamp)
    names = info.meta.get("rows")
    rows = names if isinstance(names, list) else []
    spans = "".join(f"<span>{escape(str(name))}</span>" for name in rows)
    text = escape(f"{info.title}, step {step}; rows: {', '.join(map(str, rows))}")
    st.html(
        f'<div style="display:flex;gap:0.8rem;align-items:stretch"><div style="display:flex;'
        f"flex-direction:column;justify-content:space-around;font-size:0.82rem;text-align:right;"
        f'flex:none;max-width:9rem">{spans}</div><img src="{address}" alt="{text}" '
        f'style="flex:1 1 0;min-width:0;max-width:100%;image-rendering:pixelated;'
        f'border-radius:6px;object-fit:contain;object-position:left"></div>'
    )


def _histogram(folder: RunFolder, info: PanelInfo, step: int, look: Look) -> None:
    payload = folder.panel_json(info.name, step)
    figure = histogram_figure(
        payload["edges"],  # type: ignore[arg-type]
        payload["counts"],  # type: ignore[arg-type]
        _text(payload, "title_x"),
        _text(payload, "unit"),
        look,
    )
    st.plotly_chart(figure, key=f"histogram-{info.name}", config=NO_TOOLS)


def _scatter(folder: RunFolder, info: PanelInfo, step: int, look: Look) -> None:
    payload = folder.panel_json(info.name, step)
    colours = {kind.name: kind.colour for kind in folder.request().classes}
    figure = scatter_figure(
        payload["x"],  # type: ignore[arg-type]
        payload["y"],  # type: ignore[arg-type]
        _texts(payload, "group"),
        (_text(payload, "title_x"), _text(payload, "title_y")),
        colours,
        look,
    )
    st.plotly_chart(figure, key=f"scatter-{info.name}", config=NO_TOOLS)


def _text(payload: JsonObject, name: str, other: str = "") -> str:
    return str(payload.get(name) or other)


def _texts(payload: JsonObject, name: str) -> list[str]:
    found = payload[name]
    if not isinstance(found, list):
        raise TypeError(f"{name} is no list")
    return [str(value) for value in found]


DRAWERS: dict[str, Drawer] = {
    "matrix": _matrix,
    "image_grid": _image_grid,
    "histogram": _histogram,
    "scatter": _scatter,
}
