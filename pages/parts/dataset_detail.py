"""One dataset: its figures, its items, what was left out of it, and its end."""

import csv
import io
from collections.abc import Sequence

import streamlit as st

from pages.parts.dataset_labels import dataset_labels
from pages.parts.dataset_overview import show_overview
from pages.parts.gallery import gallery
from pages.parts.looks import quiet
from pages.parts.session import forget_choice, forget_dataset, guarded, select_dataset, workspace
from pages.parts.states import nothing_yet
from pages.parts.tables import whole, written
from pages.parts.words import ago, count, counted, plain, short
from ssl_core.datasets.dataset import Dataset, Manifest, delete_dataset
from ssl_core.errors import UserError
from ssl_core.labels.store import open_labels
from ssl_core.runs.listing import list_runs, runs_alive_on

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PICKED = "picked_in_table"
_TABLE_HEIGHT = 248  # pixels: six datasets, then it scrolls


def dataset_table(manifests: Sequence[Manifest], chosen: str) -> None:
    """All datasets in a table; choosing a row makes it the dataset of every page."""
    if len(manifests) < 2:
        return
    rows = {
        "Dataset": [short(manifest.name, 80) for manifest in manifests],
        "Items": [manifest.count for manifest in manifests],
        "Content": [content(manifest) for manifest in manifests],
        "Classes": [len(manifest.classes) or None for manifest in manifests],
        "Left out": [manifest.skipped_count for manifest in manifests],
        "Added": [ago(manifest.created) for manifest in manifests],
    }
    picked = st.dataframe(
        written(rows, dict.fromkeys(("Items", "Classes", "Left out"), whole)),
        hide_index=True,
        height=_TABLE_HEIGHT if len(manifests) > 6 else "content",
        on_select="rerun",
        selection_mode="single-cell",
        key="dataset-table",
        column_config={
            "Dataset": st.column_config.TextColumn(width="large"),
            "Classes": st.column_config.NumberColumn(help="Of the main reference labels"),
        },
    )
    cells = picked["selection"]["cells"]
    picked_name = manifests[cells[0][0]].identifier if cells else None
    new = picked_name != st.session_state.get(_PICKED)  # an old pick must not undo a later choice
    st.session_state[_PICKED] = picked_name
    if picked_name and new and picked_name != chosen:
        select_dataset(picked_name)
        st.rerun()


def content(manifest: Manifest) -> str:
    """What the items are, in a few words: 'images, 28 × 28', 'texts, 3 questions'."""
    if manifest.kind == "images":
        return f"images, {manifest.shape[0]} × {manifest.shape[1]}"
    return f"texts, {counted(len(manifest.all_heads), 'question')}"


def dataset_detail(dataset: Dataset) -> None:
    """Everything about one dataset, in four parts of which only the open one is drawn."""
    manifest = dataset.manifest
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap=None):
            st.subheader(plain(manifest.name), anchor=False)
            quiet(f"From {short(manifest.source, 120)}, added {ago(manifest.created)}")
        if st.button("Delete", icon=":material/delete:", key="delete-dataset"):
            confirm_deletion(manifest)
    parts = {
        "Overview": show_overview,
        manifest.noun_plural.capitalize(): gallery,
        "Labels": dataset_labels,
        f"Left out · {count(manifest.skipped_count)}": show_left_out,
    }
    tabs = st.tabs(list(parts), key=f"detail-{manifest.identifier}", on_change="rerun")
    for tab, draw in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab, guarded():
                draw(dataset)


def show_left_out(dataset: Dataset) -> None:
    """The files or rows that were not imported, each with its reason."""
    manifest = dataset.manifest
    lost = "row" if manifest.kind == "texts" else "file"
    if not manifest.skipped_count:
        every = f"Every {lost} of the source became {'an' if lost == 'file' else 'a'}"
        nothing_yet("Nothing was left out", f"{every} {manifest.noun}.")
        return
    more = manifest.skipped_count - len(manifest.skipped)
    quiet(
        f"{counted(manifest.skipped_count, lost)} of the source could not be used."
        + (f" The first {count(len(manifest.skipped))} are listed." if more > 0 else "")
    )
    st.dataframe(
        {
            lost.capitalize(): [entry.file for entry in manifest.skipped],
            "Why it was left out": [entry.reason for entry in manifest.skipped],
        },
        hide_index=True,
        height=420 if len(manifest.skipped) > 10 else "content",
    )
    st.download_button(
        "Download this list",
        skipped_csv(manifest),
        f"{manifest.identifier}-left-out.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def skipped_csv(manifest: Manifest) -> bytes:
    """The list as CSV, UTF-8. A spreadsheet must not take a file name for a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["file", "reason"])
    for entry in manifest.skipped:
        cells = (entry.file, entry.reason)
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return text.getvalue().encode()


@st.dialog("Delete this dataset?")
def confirm_deletion(manifest: Manifest) -> None:
    """Ask before items and labels are gone. Refused while a run needs them."""
    space = workspace()
    with guarded():
        alive = runs_alive_on(space, manifest.identifier)
        if alive:
            raise UserError(
                f"{counted(len(alive), 'run')} trains on {short(manifest.name)} or waits to. "
                "Stop it on the watch page first."
            )
        store = open_labels(Dataset(space.datasets / manifest.identifier, manifest))
        runs = sum(run.request.dataset == manifest.identifier for run in list_runs(space))
        st.markdown(
            f"**{plain(short(manifest.name))}**, {counted(manifest.count, manifest.noun)} and "
            f"{counted(store.total(), 'label')}, will be gone for good."
        )
        if runs:
            quiet(f"{counted(runs, 'finished run')} keep their figures, but no longer the data.")
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Keep", key="deletion-keep"):
                st.rerun()
            if st.button("Delete for good", type="primary", key="deletion-confirm"):
                forget_dataset(manifest)  # nothing is written while the folder goes
                delete_dataset(space, manifest.identifier)
                forget_dataset(manifest)  # another tab may have opened it again meanwhile
                forget_choice()
                st.toast(f"{plain(short(manifest.name))} is deleted.")
                st.rerun()
