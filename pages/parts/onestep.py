"""Pictures of several runs beside each other, all moved by one slider."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from pages.parts.chartplan import items_word
from pages.parts.look import current_look
from pages.parts.looks import quiet, tag
from pages.parts.montage import show_montage
from pages.parts.panelkinds import BUILDERS, Context
from pages.parts.session import workspace
from pages.parts.words import count, counted, short
from ssl_core.errors import UserError
from ssl_core.runs.comparison import RunGroup
from ssl_core.runs.folder import PanelInfo, RunFolder
from ssl_core.runs.listing import RunSummary
from ssl_core.runs.nearest import nearest_step
from ssl_core.runs.request import RunRequest

END = -1  # a position of the slider behind all steps
_GONE = (UserError, OSError, KeyError, ValueError, TypeError, AttributeError)
_PLAIN = {"displayModeBar": False}


@dataclass(frozen=True)
class Published:
    """A picture that one run publishes. name: of the run."""

    folder: RunFolder
    info: PanelInfo
    name: str
    request: RunRequest


def published_by(groups: Sequence[RunGroup], kinds: Sequence[str]) -> list[dict[str, PanelInfo]]:
    """Of the first run of each group the panels of `kinds`, by name."""
    folders = (RunFolder(workspace().runs / group.runs[0].run) for group in groups)
    return [{info.name: info for info in one.panels() if info.kind in kinds} for one in folders]


def pictures_of(
    panel: str,
    groups: Sequence[RunGroup],
    names: Sequence[str],
    published: Sequence[Mapping[str, PanelInfo]],
) -> list[Published]:
    """`panel` of every group that has it. published: see `published_by`."""
    return [
        Published(
            RunFolder(workspace().runs / group.runs[0].run),
            panels[panel],
            name_of_run(name, group, group.runs[0]),
            group.request,
        )
        for group, name, panels in zip(groups, names, published, strict=True)
        if panel in panels
    ]


def name_of_run(name: str, group: RunGroup, run: RunSummary) -> str:
    """The name of a group for one of its runs: with the seed where there are several."""
    return f"{name} · seed {run.request.seed}" if len(group.runs) > 1 else name


def with_number(title: str, panel: str, published: Sequence[Mapping[str, PanelInfo]]) -> str:
    """The title of a panel and how many runs have it."""
    return f"{title} ({counted(sum(panel in panels for panels in published), 'run')})"


def step_slider(positions: Sequence[int], key: str) -> int:
    """The one of `positions` that all are shown at, at first the last; no slider for one alone.

    positions: steps, ascending, and perhaps END behind them.
    """
    if len(positions) == 1:
        return positions[0]
    if st.session_state.get(key) not in positions:
        st.session_state[key] = positions[-1]
    chosen: int = st.select_slider(
        "Step", positions, key=key, width="stretch",
        format_func=lambda position: "end" if position == END else count(position),
    )  # fmt: skip
    return chosen


def show_at_step(
    pictures: Sequence[Published], step: int, key: str, *, shares: bool = False
) -> None:
    """Each as it was at the step nearest to `step`, in two columns.

    key: of this part of the page. shares: cells of a matrix of counts as shares of their row.
    """
    for start in range(0, len(pictures), 2):
        columns = st.columns(2)
        for column, picture in zip(columns, pictures[start : start + 2], strict=False):
            part = f"{key}-{picture.folder.run}"
            with column, st.container(border=True, key=f"hf-card-{part}"):
                _picture(picture, step, part, shares)


def _picture(picture: Published, step: int, key: str, shares: bool) -> None:
    info = picture.info
    nearest = nearest_step(info.steps, step)
    oracle = tag("uses hidden labels", "reference") if info.uses_reference_labels else ""
    told = f"step {count(nearest)}"
    told += "" if nearest == step else f", the nearest to {count(step)} that it published"
    st.html(
        f'<p class="hf-name">{escape(short(picture.name, 90))} {oracle}</p>'
        f'<p class="hf-quiet">{told}</p>'
    )
    try:
        if info.kind == "image_grid":
            show_montage(picture.folder, info, nearest)
        else:
            _matrix(picture, nearest, key, shares)
    except _GONE:
        quiet("This picture was just replaced, or is damaged. Move the slider.")


def _matrix(picture: Published, step: int, key: str, shares: bool) -> None:
    context = Context(items_word(workspace(), picture.request), shares)
    payload = picture.folder.panel_json(picture.info.name, step)
    colours = {trained.name: trained.colour for trained in picture.request.classes}
    figure = BUILDERS["matrix"](payload, current_look(), context, colours)
    st.plotly_chart(figure, key=key, config=_PLAIN)
