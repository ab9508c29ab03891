"""Pictures of several runs beside each other, at one step for all."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from pages.parts.chartplan import items_word
from pages.parts.look import current_look
from pages.parts.looks import quiet, tag
from pages.parts.montage import show_montage
from pages.parts.panelkinds import BUILDERS, Context
from pages.parts.session import workspace
from pages.parts.words import count, short
from ssl_core.runs.comparison import RunGroup
from ssl_core.runs.folder import PanelInfo, RunFolder
from ssl_core.runs.nearest import nearest_step, shared_panels, steps_of
from ssl_core.runs.request import RunRequest

MOST_RUNS = 6
_KINDS = ("matrix", "image_grid")
_GONE = (OSError, KeyError, ValueError, TypeError, AttributeError)
_PLAIN = {"displayModeBar": False}


@st.fragment(key="same-step")
def show_same_step(groups: Sequence[RunGroup], names: Sequence[str]) -> None:
    """One picture of each group (of its first run), all moved by one slider."""
    folders = [RunFolder(workspace().runs / group.runs[0].run) for group in groups]
    published = [
        {info.name: info for info in folder.panels() if info.kind in _KINDS} for folder in folders
    ]
    titles = shared_panels(published)
    if not titles:
        quiet(
            "No matrix or image grid is published by two of these runs. Tick runs of methods "
            "that show the same picture."
        )
        return
    chosen = st.selectbox(
        "Picture", list(titles), key="same-step-panel", width=380,
        format_func=lambda name: f"{titles[name]} ({_runs_with(published, name)} runs)",
    )  # fmt: skip
    shown = [
        (folder, panels[chosen], name, group.request)
        for folder, panels, name, group in zip(folders, published, names, groups, strict=True)
        if chosen in panels
    ]
    if len(shown) > MOST_RUNS:
        quiet(f"The first {MOST_RUNS} of {len(shown)} kinds of run. Tick fewer to see the others.")
        shown = shown[:MOST_RUNS]
    step = _step([info for _, info, _, _ in shown])
    for start in range(0, len(shown), 2):
        columns = st.columns(2)
        for column, entry in zip(columns, shown[start : start + 2], strict=False):
            with column, st.container(border=True, key=f"hf-card-step-{entry[0].run}"):
                _picture(*entry, step)


def _runs_with(published: Sequence[dict[str, PanelInfo]], name: str) -> int:
    return sum(name in panels for panels in published)


def _step(infos: Sequence[PanelInfo]) -> int:
    """The step that all are shown at: one that any of them has a picture of."""
    steps = steps_of(infos)
    if len(steps) == 1:
        return steps[0]
    key = "same-step"
    if st.session_state.get(key) not in steps:
        st.session_state[key] = steps[-1]
    return int(st.select_slider("Step", steps, key=key, format_func=count))


def _picture(folder: RunFolder, info: PanelInfo, name: str, request: RunRequest, step: int) -> None:
    nearest = nearest_step(info.steps, step)
    oracle = tag("uses hidden labels", "reference") if info.uses_reference_labels else ""
    told = f"step {count(nearest)}"
    told += "" if nearest == step else f", the nearest to {count(step)} that it published"
    st.html(
        f'<p class="hf-name">{escape(short(name, 90))} {oracle}</p><p class="hf-quiet">{told}</p>'
    )
    try:
        if info.kind == "image_grid":
            show_montage(folder, info, nearest)
        else:
            _matrix(folder, info, nearest, request)
    except _GONE:
        quiet("This picture was just replaced, or is damaged. Move the slider.")


def _matrix(folder: RunFolder, info: PanelInfo, step: int, request: RunRequest) -> None:
    context = Context(items_word(workspace(), request))
    payload = folder.panel_json(info.name, step)
    colours = {trained.name: trained.colour for trained in request.classes}
    figure = BUILDERS["matrix"](payload, current_look(), context, colours)
    st.plotly_chart(figure, key=f"same-step-{folder.run}", config=_PLAIN)
