"""Confusion matrices side by side. A click on a cell shows its images or texts."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

from pages.parts.charts import Look
from pages.parts.gallery import Tile, image_grid
from pages.parts.look import current_look
from pages.parts.looks import quiet, tag
from pages.parts.matrixchart import matrix_figure
from pages.parts.session import workspace
from pages.parts.words import counted, plain, short
from ssl_core.datasets.dataset import Dataset
from ssl_core.datasets.thumbnails import data_url
from ssl_core.labels.store import open_labels
from ssl_core.runs.comparison import RunGroup
from ssl_core.runs.confusion import MATRIX_LIMIT, NO_MATRIX, Confusion, run_confusion
from ssl_core.runs.folder import PREDICTIONS, RunFolder

MOST = 4  # matrices
SHOWN = 60  # items of a cell
LETTERS = 300  # of a text
_CELL = "confusion-cell"


@st.fragment(key="confusions")
def show_confusions(dataset: Dataset, groups: Sequence[RunGroup], names: Sequence[str]) -> None:
    """One matrix a group (of one of its runs), and the images of the cell last clicked."""
    found = _confusions(dataset, groups, names)
    if not found:
        quiet(
            "A finished run with something to test on shows here what it confuses: a test split "
            "with reference labels, or hand labels that were held out."
        )
        return
    noun = dataset.manifest.noun
    quiet(f"Row: what it is. Column: what the run says. Click a cell to see its {noun}s.")
    shares = st.segmented_control(
        "Cells show", ["count", "share of row"], default="count", required=True, key="cells",
        label_visibility="collapsed",
    )  # fmt: skip
    if len(found) > MOST:
        quiet(f"The first {MOST} of {len(found)} kinds of run. Tick fewer runs to see the others.")
        found = found[:MOST]
    for start in range(0, len(found), 2):
        columns = st.columns(2)
        for column, (run, name, confusion) in zip(columns, found[start : start + 2], strict=False):
            with column, st.container(border=True, key=f"hf-card-confusion-{run}"):
                _matrix((run, name, noun), confusion, shares == "share of row")
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
                seed = f" · seed {run.request.seed}" if len(group.runs) > 1 else ""
                found.append((run.run, name + seed, confusion))
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
