"""What a person can do with a run: stop, resume, rename, delete."""

import streamlit as st

from pages.parts.runtext import is_alive, run_name
from pages.parts.session import guarded, workspace
from pages.parts.words import plain, short
from ssl_core.runs.folder import TITLE_LENGTH, RunFolder
from ssl_core.runs.launch import delete_run, resume_run, stop_run
from ssl_core.runs.listing import RunSummary
from ssl_core.runs.supervision import read_stop


def run_actions(run: RunSummary, folder: RunFolder) -> None:
    """The buttons of a run, those that make sense in its state."""
    with st.container(horizontal=True, width="content"):
        if is_alive(run.status):
            _stop(run, folder)
        elif run.status.state != "finished":
            _resume(run)
        if st.button("Rename", icon=":material/edit:", key=f"rename-{run.run}"):
            _rename(run, folder)
        if not is_alive(run.status) and st.button(
            "Delete", icon=":material/delete:", key=f"delete-{run.run}"
        ):
            _delete(run)


def _stop(run: RunSummary, folder: RunFolder) -> None:
    asked = read_stop(folder) is not None
    label = "Stop at once" if asked else "Stop"
    help_text = (
        "It was asked to stop and is saving. This ends it without saving."
        if asked
        else "Saves a checkpoint and ends. It can be resumed later."
    )
    if st.button(label, icon=":material/stop_circle:", help=help_text, key=f"stop-{run.run}"):
        with guarded():
            stop_run(workspace(), run.run)
            st.toast("Asked the run to stop." if not asked else "Ended the run.")
            st.rerun()


def _resume(run: RunSummary) -> None:
    if st.button("Resume", icon=":material/play_arrow:", type="primary", key=f"resume-{run.run}"):
        with guarded():
            resume_run(workspace(), run.run)
            st.rerun()


@st.dialog("Rename the run")
def _rename(run: RunSummary, folder: RunFolder) -> None:
    title = st.text_input("Name", value=run_name(run), max_chars=TITLE_LENGTH)
    if st.button("Save", type="primary"):
        folder.rename(title)
        st.rerun()


@st.dialog("Delete the run?")
def _delete(run: RunSummary) -> None:
    st.markdown(
        f"**{plain(short(run_name(run)))}** goes with its model, curves and predictions. "
        "This cannot be undone. Labels and images stay."
    )
    with st.container(horizontal=True):
        if st.button("Delete", type="primary", icon=":material/delete:"):
            with guarded():
                delete_run(workspace(), run.run)
                st.session_state.pop("watched-run", None)
                st.query_params.pop("run", None)
                st.rerun()
        if st.button("Keep it"):
            st.rerun()
