"""Imports going on, done or failed, at the top of the data page."""

import contextlib

import streamlit as st

from pages.parts.looks import named, quiet, tag
from pages.parts.screens import go_to
from pages.parts.session import datasets, guarded, select_dataset, workspace
from pages.parts.uploads import remove_upload
from pages.parts.words import count, counted, short
from ssl_core.datasets.importer import ImportProgress
from ssl_core.datasets.jobs import cancel_import, dismiss_import, job_source, list_imports
from ssl_core.errors import UserError

SHOW_DATASETS = "show_datasets"  # asks the page to turn from adding to looking
_ACTIVE = ("waiting", "running")
_EVERY = 0.7  # seconds between two looks while something goes on


def import_board() -> None:
    """All imports that were not dismissed; looks again by itself while one goes on."""
    going = any(progress.state in _ACTIVE for _, progress in list_imports(workspace()))
    st.fragment(_board, run_every=_EVERY if going else None)(going)


def _board(was_going: bool) -> None:
    with guarded():
        entries = list_imports(workspace())
        for job, progress in entries:
            import_card(job, progress)
    if was_going and not any(progress.state in _ACTIVE for _, progress in entries):
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
    with st.container(border=True, key=f"hf-card-import-{job}"):
        if progress.state in _ACTIVE:
            _going(job, progress)
        elif progress.state == "finished":
            _finished(job, progress)
        else:
            _ended(job, progress)


def _going(job: str, progress: ImportProgress) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap="xsmall"):
            named(import_title(job), tag(progress.phase or progress.state))
            part = min(1.0, progress.done / progress.total) if progress.total else 0.0
            st.progress(part)
            quiet(progress_line(progress))
        if st.button("Cancel", key=f"cancel-{job}"):
            cancel_import(workspace(), job)
            st.rerun(scope="fragment")


def progress_line(progress: ImportProgress) -> str:
    """'1 200 of 50 000 · 1 600 a second · 20 s left · 3 left out'."""
    total = f" of {count(progress.total)}" if progress.total else ""
    parts = [f"{count(progress.done)}{total}"]
    if progress.per_second > 0:
        parts.append(f"{count(round(progress.per_second))} a second")
        if progress.total:
            left = (progress.total - progress.done) / progress.per_second
            parts.append(f"about {max(1, round(left))} s left")
    if progress.skipped:
        parts.append(f"{count(progress.skipped)} left out")
    return " · ".join(parts)


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


def _ended(job: str, progress: ImportProgress) -> None:
    cancelled = progress.state == "cancelled"
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap="xsmall"):
            state = tag("import cancelled") if cancelled else tag("import failed", "bad")
            named(import_title(job), state)
            if progress.message:
                quiet(progress.message)
            quiet("Nothing of it was kept.")
        if st.button("Dismiss", key=f"dismiss-{job}"):
            forget(job)
            st.rerun()
