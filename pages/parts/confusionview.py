"""Matrices side by side, at one step for all or in the end: there a click on a cell shows items."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TypeVar

import plotly.graph_objects as go
import streamlit as st

from pages.parts.charts import Look
from pages.parts.gallery import Tile, image_grid
from pages.parts.look import current_look
from pages.parts.looks import quiet, tag
from pages.parts.matrixchart import matrix_figure
from pages.parts.onestep import (
    END,
    Published,
    name_of_run,
    pictures_of,
    published_by,
    show_at_step,
    step_slider,
    with_number,
)
from pages.parts.session import workspace
from pages.parts.words import counted, plain, short
from ssl_core.datasets.dataset import Dataset
from ssl_core.datasets.thumbnails import data_url
from ssl_core.labels.store import open_labels
from ssl_core.runs.comparison import RunGroup
from ssl_core.runs.confusion import MATRIX_LIMIT, NO_MATRIX, Confusion, run_confusion
from ssl_core.runs.folder import PREDICTIONS, PanelInfo, RunFolder
from ssl_core.runs.nearest import shared_panels, steps_of

MOST = 4  # matrices
SHOWN = 60  # items of a cell
LETTERS = 300  # of a text
_CELL = "confusion-cell"
_CONFUSION = "confusion"  # the panel that every run with validation labels publishes
_NOTHING = (
    "A finished run with something to test on shows here what it confuses: a test split "
    "with reference labels, or hand labels that were held out."
)
Shown = TypeVar("Shown")


@st.fragment(key="confusions")
def show_confusions(dataset: Dataset, groups: Sequence[RunGroup], names: Sequence[str]) -> None:
    """One matrix a group (of one of its runs): in the end, or at one step for all."""
    published = published_by(groups, ("matrix",))
    titles = shared_panels(published, fewest=1)
    found = _confusions(dataset, groups, names)
    if not found and not titles:
        quiet(_NOTHING)
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        shares = _shares_wanted()
        panel = _chosen_matrix(titles, published)
        pictures = pictures_of(panel, groups, names, published)
        steps = steps_of([picture.info for picture in pictures])
        if panel == _CONFUSION:
            step = step_slider([*steps, END], "confusion-step")
        else:
            step = step_slider(steps, "matrix-step")
    if step == END:
        _show_end(dataset, found, shares)
    else:
        _show_step(pictures, step, shares)
        without = [name for name, one in zip(names, published, strict=True) if panel not in one]
        if without:
            quiet(f"Without such a matrix from its training: {', '.join(without)}.")


def _shares_wanted() -> bool:
    chosen = st.segmented_control(
        "Cells show", ["count", "share of row"], default="count", required=True, key="cells",
        label_visibility="collapsed",
    )  # fmt: skip
    return chosen == "share of row"


def _chosen_matrix(titles: Mapping[str, str], published: Sequence[Mapping[str, PanelInfo]]) -> str:
    """The panel that is shown: the confusion, or one such as clusters against classes."""
    others = [name for name in titles if name != _CONFUSION]
    if not others:
        return _CONFUSION

    def told(name: str) -> str:
        return "Confusion" if name == _CONFUSION else with_number(titles[name], name, published)

    chosen: str = st.selectbox(
        "Matrix", [_CONFUSION, *others], key="matrix-panel", width=380, format_func=told
    )
    return chosen


def _first(found: Sequence[Shown]) -> Sequence[Shown]:
    """As many as are shown at once."""
    if len(found) > MOST:
        quiet(f"The first {MOST} of {len(found)} kinds of run. Tick fewer runs to see the others.")
    return found[:MOST]


def _show_step(pictures: Sequence[Published], step: int, shares: bool) -> None:
    """What the runs published while they trained. No cell has items to show."""
    info = pictures[0].info
    quiet(f"{info.title}, while it trained. {info.help}")
    show_at_step(_first(pictures), step, "confusion-step", shares=shares)


def _show_end(dataset: Dataset, found: Sequence[tuple[str, str, Confusion]], shares: bool) -> None:
    """What the finished runs confuse, and the items of the cell last clicked."""
    if not found:
        quiet(_NOTHING)
        return
    noun = dataset.manifest.noun
    quiet(f"Row: what it is. Column: what the run says. Click a cell to see its {noun}s.")
    found = _first(found)
    for start in range(0, len(found), 2):
        columns = st.columns(2)
        for column, (run, name, confusion) in zip(columns, found[start : start + 2], strict=False):
            with column, st.container(border=True, key=f"hf-card-confusion-{run}"):
                _matrix((run, name, noun), confusion, shares)
    _cell_images(dataset, found)


def _confusions(
    dataset: Dataset, groups: Sequence[RunGroup], names: Sequence[str]
) -> list[tuple[str, str, Confusion]]:
    """Run, name and confusion of the first finished run of each group."""
    found = []
    for group, name in zip(groups, names, strict=True):
        for run in group.runs:
            confusion = _cached(dataset, run.run)
            if confusion is not None:
                found.append((run.run, name_of_run(name, group, run), confusion))
                break
    return found


def _cached(dataset: Dataset, run: str) -> Confusion | None:
    folder = RunFolder(workspace().runs / run)
    try:
        stamp = (folder.path / PREDICTIONS).stat().st_mtime_ns
    except OSError:
        return None
    classes = open_labels(dataset).classes()
    merged = tuple((kind.identifier, kind.reference) for kind in classes)
    return _confusion(str(folder.path), stamp, dataset.manifest.fingerprint, merged, dataset)


@st.cache_resource(max_entries=64, show_spinner=False)
def _confusion(
    folder: str,
    stamp: int,
    fingerprint: str,
    merged: tuple[tuple[int, int | None], ...],
    _dataset: Dataset,
) -> Confusion | None:
    return run_confusion(_dataset, open_labels(_dataset), RunFolder(Path(folder)))


def _matrix(about: tuple[str, str, str], confusion: Confusion, shares: bool) -> None:
    """One matrix. about: identifier and name of its run, the word for one item."""
    run, name, noun = about
    badge = tag("uses reference labels", "reference") if confusion.uses_reference_labels else ""
    st.html(
        f'<p class="hf-name">{escape(short(name, 90))}</p><p class="hf-quiet">'
        f"{counted(len(confusion.items), noun)}: {escape(confusion.source)} {badge}</p>"
    )
    if len(confusion.names) > MATRIX_LIMIT:
        quiet(NO_MATRIX)
        return
    marked = st.session_state.get(_CELL)
    chosen = marked[1:] if marked and marked[0] == run else None
    figure = _figure(confusion.counts, confusion.names, shares, current_look(), chosen, f"{noun}s")
    st.plotly_chart(
        figure,
        key=f"confusion-{run}",
        config={"displayModeBar": False},
        on_select=lambda: _remember(run),
        selection_mode="points",
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def _figure(
    counts: list[list[int]],
    names: tuple[str, ...],
    shares: bool,
    look: Look,
    chosen: tuple[int, int] | None,
    items: str,
) -> go.Figure:
    """A figure is made once for all viewers; streamlit only reads it.

    A new frame around the chosen cell makes it another chart for streamlit, which so forgets the
    selection that would dim all other cells.
    """
    return matrix_figure(
        counts,
        (names, names),
        ("truth", "answer"),
        look,
        unit=items,
        shares=shares,
        chosen=chosen,
    )


def _remember(run: str) -> None:
    """Keep the cell that was clicked, of whichever matrix."""
    points = st.session_state[f"confusion-{run}"]["selection"]["points"]
    cell = next((point["customdata"] for point in points if point.get("customdata")), None)
    if cell:
        st.session_state[_CELL] = (run, int(cell[0]), int(cell[1]))


def _cell_images(dataset: Dataset, found: Sequence[tuple[str, str, Confusion]]) -> None:
    known = {run: (name, confusion) for run, name, confusion in found}
    cell = st.session_state.get(_CELL)
    if cell is None or cell[0] not in known:
        return
    run, truth, answer = cell
    name, confusion = known[run]
    if max(truth, answer) >= len(confusion.names):
        return
    items = confusion.cell(truth, answer, SHOWN)
    total = confusion.counts[truth][answer]
    first = f", the first {SHOWN} of them" if total > SHOWN else ""
    with st.container(border=True, key="hf-card-cell"):
        classes = confusion.names
        st.html(
            f'<p class="hf-name">{_quoted(classes[truth])} taken for {_quoted(classes[answer])}</p>'
            f'<p class="hf-quiet">{counted(total, dataset.manifest.noun)}{first} · '
            f"{_quoted(name)}</p>"
        )
        names = dataset.names_of(items)
        if dataset.manifest.kind == "texts":
            _texts(names, dataset.texts_of(items))
        else:
            image_grid([_tile(dataset, *pair) for pair in zip(items, names, strict=True)], 64)


def _texts(names: Sequence[str], texts: Sequence[str]) -> None:
    """The beginning of each text."""
    shown = [plain(short(text, LETTERS)) for text in texts]
    st.table({"name": [plain(name) for name in names], "text": shown}, border="horizontal")


def _tile(dataset: Dataset, item: int, name: str) -> Tile:
    return Tile(data_url(dataset.images[item], 28), f"{name} · item {item}", short(name, 24))


def _quoted(text: str) -> str:
    return escape(short(text, 60))
