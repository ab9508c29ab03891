"""Imports going on, done or failed, at the top of the data page."""

import contextlib

import streamlit as st

from pages.parts.jobcards import ACTIVE, EVERY, ended_card, going_card, progress_line
from pages.parts.looks import named, quiet, tag
from pages.parts.screens import go_to
from pages.parts.session import datasets, guarded, select_dataset, workspace
from pages.parts.uploads import remove_upload
from pages.parts.words import counted, short
from ssl_core.datasets.importer import ImportProgress
from ssl_core.datasets.jobs import cancel_import, dismiss_import, job_source, list_imports
from ssl_core.errors import UserError

SHOW_DATASETS = "show_datasets"  # asks the page to turn from adding to looking


def import_board() -> None:
    """All imports that were not dismissed; looks again by itself while one goes on."""
    going = any(progress.state in ACTIVE for _, progress in list_imports(workspace()))
    st.fragment(_board, run_every=EVERY if going else None)(going)


def _board(was_going: bool) -> None:
    with guarded():
        entries = list_imports(workspace())
        for job, progress in entries:
            import_card(job, progress)
    if was_going and not any(progress.state in ACTIVE for _, progress in entries):
        st.rerun()  # the new dataset appears in the page and in the sidebar


def import_title(job: str) -> str:
    """The name that the person gave to what a job imports."""
    try:
        return short(job_source(workspace(), job).name)
    except UserError:
        return "data"


def forget(job: str) -> None:
    """Take an ended job off the page, with the files that were uploaded for it."""
    with contextlib.suppress(UserError):
        remove_upload(workspace(), job_source(workspace(), job).location)
    dismiss_import(workspace(), job)


def import_card(job: str, progress: ImportProgress) -> None:
    """One import in the state it is in."""
    title = import_title(job)
    if progress.state in ACTIVE:
        line = progress_line(progress)
        going_card(job, title, progress, line, lambda: cancel_import(workspace(), job))
    elif progress.state == "finished":
        with st.container(border=True, key=f"hf-card-job-{job}"):
            _finished(job, progress)
    else:
        ended_card(job, title, "import ", progress, lambda: forget(job))


def _finished(job: str, progress: ImportProgress) -> None:
    known = {manifest.identifier: manifest for manifest in datasets()}
    manifest = known.get(progress.dataset or "")
    if manifest is None:  # deleted since
        forget(job)
        return
    lost = counted(manifest.skipped_count, "row" if manifest.kind == "texts" else "file")
    left_out = f", {lost} left out" if manifest.skipped_count else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap="xsmall"):
            named(short(manifest.name), tag("imported", "good"))
            here = f"{counted(manifest.count, manifest.noun)} are here{left_out}."
            quiet(progress.message or here)
        label = f"Label these {manifest.noun_plural}"
        if st.button(label, type="primary", key=f"label-import-{job}"):
            forget(job)
            go_to("label", manifest.identifier)
        if st.button("Show", key=f"show-import-{job}"):
            forget(job)
            select_dataset(manifest.identifier)
            st.session_state[SHOW_DATASETS] = True
            st.rerun()
