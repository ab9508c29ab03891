"""The question before a study is deleted, and what becomes of its runs."""

import streamlit as st

from pages.parts.looks import quiet
from pages.parts.session import show_error, workspace
from pages.parts.words import counted, plain
from ssl_core.errors import UserError
from ssl_core.studies.progress import study_progress
from ssl_core.studies.removal import delete_study
from ssl_core.studies.study import Study

_RUNS = {
    "keep": "Keep its finished runs, on the watch and the compare page",
    "delete": "Delete them too, with their models, curves and predictions",
}


@st.dialog("Delete the study?")
def confirm_removal(study: Study, name: str) -> None:
    """Ask first. name: what the study is called in the list."""
    progress = study_progress(workspace(), study)
    st.markdown(f"**{plain(name)}** goes with its curves. This cannot be undone.")
    if progress.alive:
        quiet(
            f"Not ended yet: {counted(len(progress.alive), 'run')}. Those that wait are "
            "withdrawn, one that trains is stopped."
        )
    chosen = "keep"
    if progress.runs:
        chosen = st.radio(
            "What becomes of its runs", list(_RUNS), key="study-removal-runs",
            format_func=lambda choice: _RUNS[choice],
        )  # fmt: skip
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep the study", key="study-removal-keep"):
            st.rerun()
        if st.button(
            "Delete", type="primary", icon=":material/delete:", key="study-removal-confirm"
        ):
            _remove(study, chosen == "delete")


def _remove(study: Study, with_runs: bool) -> None:
    try:
        with st.spinner("Ending its runs"):
            removal = delete_study(workspace(), study.name, with_runs=with_runs)
    except UserError as error:
        show_error(error)
        return
    deleted = f", with {counted(len(removal.deleted), 'run')}" if removal.deleted else ""
    kept = f" Kept: {counted(len(removal.kept), 'run')}." if removal.kept else ""
    st.toast(f"The study is deleted{deleted}.{kept}")
    st.rerun()
