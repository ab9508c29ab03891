"""The pictures that a run publishes, in order. Nothing here knows a method."""

import re
from collections.abc import Sequence
from html import escape
from itertools import combinations
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

from pages.parts.charts import Look
from pages.parts.look import current_look
from pages.parts.looks import quiet, tag
from pages.parts.montage import is_wide, montage_height, show_montage
from pages.parts.panelkinds import BUILDERS, Context
from pages.parts.words import count
from ssl_core.errors import UserError
from ssl_core.runs.confusion import MATRIX_LIMIT, NO_MATRIX
from ssl_core.runs.folder import PANELS, PanelInfo, RunFolder

NO_TOOLS = {"displayModeBar": False}
MOST_AT_ONCE = 8  # panels; more are shown sort by sort, and if need be one of each family
_FRAME, _TEXT_LINE, _LETTERS = 90, 20, 75  # pixels around a picture, of a line of help; its letters
_BLANK = 150  # pixels: less at the foot of a column is not seen as a gap
_SORTS = {
    "Matrices": ("matrix",),
    "Images": ("image_grid",),
    "Distributions": ("histogram", "bars"),
    "Curves and points": ("curve", "scatter"),
}
_GONE = (UserError, OSError)
_DAMAGED = (LookupError, TypeError, ValueError)
_UNREADABLE = (*_GONE, *_DAMAGED)
_NUMBERED = re.compile(r"(.+?)[ _-]?\d+")


def show_panels(folder: RunFolder, items: str) -> None:
    """All panels at one step. items: what the dataset is made of, "images" or "texts"."""
    infos = folder.panels()
    if len(folder.request().classes) > MATRIX_LIMIT:
        quiet(NO_MATRIX)
    if not infos:
        quiet("Pictures such as the confusion matrix appear here once the run publishes them.")
        return
    step = _chosen_step(folder.run, sorted({step for info in infos for step in info.steps}))
    if len(infos) > MOST_AT_ONCE:
        infos = _chosen_sort(folder.run, infos)
    alone = len(infos) <= MOST_AT_ONCE
    families = [[info] for info in infos] if alone else _families(infos)
    shares = any(info.kind == "matrix" for info in infos) and _shares_wanted()
    _arrange(folder, families, step, Context(items, shares))


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


def _chosen_sort(run: str, infos: Sequence[PanelInfo]) -> list[PanelInfo]:
    """The panels of one sort: a page with all of them would be slow and without order."""
    sorts = {info.name: _sort_of(info.kind) for info in infos}
    names = [name for name in (*_SORTS, "Others") if name in sorts.values()]
    key = f"panel-sort-{run}"
    if st.session_state.get(key) not in names:
        st.session_state[key] = names[0]
    numbers = {name: list(sorts.values()).count(name) for name in names}
    chosen = st.segmented_control(
        "Pictures",
        names,
        key=key,
        required=True,
        format_func=lambda name: f"{name} ({numbers[name]})",
        label_visibility="collapsed",
    )
    return [info for info in infos if sorts[info.name] == chosen]


def _sort_of(kind: str) -> str:
    return next((name for name, kinds in _SORTS.items() if kind in kinds), "Others")


def _families(infos: Sequence[PanelInfo]) -> list[list[PanelInfo]]:
    """Panels whose names differ in the number at their end alone, such as those of heads."""
    families: dict[tuple[str, str], list[PanelInfo]] = {}
    for info in infos:
        match = _NUMBERED.fullmatch(info.name)
        families.setdefault((info.kind, match[1] if match else info.name), []).append(info)
    return [sorted(family, key=_number) for family in families.values()]


def _number(info: PanelInfo) -> tuple[int, str]:
    digits = re.search(r"\d+$", info.name)
    return (int(digits[0]) if digits else 0, info.name)


def _arrange(
    folder: RunFolder, families: Sequence[list[PanelInfo]], step: int, context: Context
) -> None:
    """Wide panels over the whole width, the others in two columns of about the same height."""
    wide = [family for family in families if is_wide(family[0])]
    narrow = [family for family in families if not is_wide(family[0])]
    for family in wide:
        _card(folder, family, step, context)
    narrow.sort(key=lambda family: family[0].kind != "matrix")
    shown = [_member(folder.run, family) for family in narrow]
    heights = [_height(folder, info, step, context) for info in shown]
    columns = st.columns(2)
    for family, place in zip(narrow, shared_out(heights), strict=True):
        with columns[place]:
            _card(folder, family, step, context)


def shared_out(heights: Sequence[int]) -> tuple[int, ...]:
    """The column, 0 or 1, of each picture: the one that is shorter so far.

    Where that leaves much of a column blank, one or two but the first are moved into the other.
    """
    filled, usual = [0, 0], []
    for height in heights:
        usual.append(filled.index(min(filled)))
        filled[usual[-1]] += height
    gap = filled[0] - filled[1]
    # What moving each takes from the gap.
    less = [2 * height * (1 - 2 * column) for height, column in zip(heights, usual, strict=True)]
    moves = (move for most in range(3) for move in combinations(range(1, len(heights)), most))
    moved = min(moves, key=lambda move: abs(gap - sum(less[place] for place in move)) // _BLANK)
    return tuple(column ^ (place in moved) for place, column in enumerate(usual))


def _height(folder: RunFolder, info: PanelInfo, step: int, context: Context) -> int:
    """About how many pixels a panel takes. Its figure is kept: asking for it costs nothing."""
    height = _FRAME + _TEXT_LINE * (len(info.help) // _LETTERS)
    try:
        if info.kind == "image_grid":
            return height + montage_height(info)
        figure = _figure_of(folder, info, _shown_step(info, step), context)
        return height + int(figure.layout.height)
    except _UNREADABLE:
        return height


def _member(run: str, family: Sequence[PanelInfo]) -> PanelInfo:
    """The panel of a family that is shown: the chosen one, else the first."""
    chosen = st.session_state.get(_key(run, family))
    return next((info for info in family if info.name == chosen), family[0])


def _key(run: str, family: Sequence[PanelInfo]) -> str:
    return f"panel-of-{run}-{family[0].name}"


def _card(folder: RunFolder, family: list[PanelInfo], step: int, context: Context) -> None:
    """One panel in its frame, chosen where there are several of its family."""
    with st.container(border=True, key=f"hf-card-panel-{family[0].name}"):
        info = _member(folder.run, family)
        if len(family) > 1:
            numbers = {member.name: str(_number(member)[0]) for member in family}
            key = _key(folder.run, family)
            st.session_state[key] = info.name
            st.pills(
                "Which",
                list(numbers),
                key=key,
                required=True,
                format_func=lambda name: numbers[name],
                label_visibility="collapsed",
            )
        _panel(folder, info, step, context)


def _panel(folder: RunFolder, info: PanelInfo, step: int, context: Context) -> None:
    """One panel in the state of `step`."""
    shown = _shown_step(info, step)
    oracle = tag("uses hidden labels", "reference") if info.uses_reference_labels else ""
    st.html(
        f'<p class="hf-name">{escape(info.title)} {oracle}</p><p class="hf-quiet">'
        f"step {count(shown)}{' · ' if info.help else ''}{escape(info.help)}</p>"
    )
    try:
        if info.kind == "image_grid":
            show_montage(folder, info, shown)
        elif info.kind in BUILDERS:
            figure = _figure_of(folder, info, shown, context)
            st.plotly_chart(figure, key=f"panel-{info.name}", config=NO_TOOLS)
        else:
            quiet(f"This version cannot draw a panel of kind {info.kind!r}.")
    except _GONE:
        quiet("This picture was just replaced by newer ones.")
    except _DAMAGED:
        quiet("This picture is damaged and cannot be shown.")


def _shown_step(info: PanelInfo, step: int) -> int:
    """The step of the newest picture that is not later than `step`, else of the first."""
    return max((kept for kept in info.steps if kept <= step), default=info.steps[0])


def _figure_of(folder: RunFolder, info: PanelInfo, step: int, context: Context) -> go.Figure:
    """The figure of one picture. Raises one of _UNREADABLE."""
    stamp = (folder.path / PANELS / info.name / f"{step:08d}.json").stat().st_mtime_ns
    shown = context if info.kind == "matrix" else Context(context.items)
    return _figure(str(folder.path), info.name, info.kind, step, stamp, current_look(), shown)


def _shares_wanted() -> bool:
    """Whether cells are to show shares: one choice for all matrices of counts."""
    chosen = st.segmented_control(
        "Cells show",
        ["count", "share of row"],
        default="count",
        required=True,
        key="panel-cells",
        label_visibility="collapsed",
    )
    return chosen == "share of row"


@st.cache_resource(max_entries=200, show_spinner=False)
def _figure(
    path: str, panel: str, kind: str, step: int, stamp: int, look: Look, context: Context
) -> go.Figure:
    """A figure is made once for all viewers; streamlit only reads it.

    stamp: changes when the picture does: a run that was resumed may publish a step again.
    """
    folder = RunFolder(Path(path))
    colours = {trained.name: trained.colour for trained in folder.request().classes}
    return BUILDERS[kind](folder.panel_json(panel, step), look, context, colours)
