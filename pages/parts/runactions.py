"""What a person can do with a run: stop, resume, rename, delete."""

import streamlit as st

from pages.parts.looks import quiet
from pages.parts.runchoice import draw_choice_anew
from pages.parts.runtext import is_alive, run_name
from pages.parts.session import guarded, show_error, workspace
from pages.parts.takeaway import take_away_button
from pages.parts.words import plain, short
from ssl_core.errors import UserError
from ssl_core.runs.folder import TITLE_LENGTH, RunFolder
from ssl_core.runs.launch import delete_run, resume_run, stop_run
from ssl_core.runs.listing import RunSummary
from ssl_core.runs.process import StopOutcome
from ssl_core.runs.supervision import read_stop

_TITLE, _PROBLEM = "run-title", "run-problem"
_STOPPED: dict[StopOutcome, str] = {
    "asked": "Asked the run to stop.",
    "killed": "Ended the run without saving.",
    "nothing": "It has ended, or was asked a moment ago.",
}


def run_actions(run: RunSummary, folder: RunFolder) -> None:
    """The buttons of a run, those that make sense in its state."""
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        show_error(problem)
    with st.container(horizontal=True, width="content"):
        if is_alive(run.status):
            _stop(run, folder)
        elif run.status.state != "finished":
            _resume(run)
        take_away_button(run)
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
            st.toast(_STOPPED[stop_run(workspace(), run.run)])
            st.rerun()


def _resume(run: RunSummary) -> None:
    if st.button("Resume", icon=":material/play_arrow:", type="primary", key=f"resume-{run.run}"):
        with guarded():
            resume_run(workspace(), run.run)
            st.rerun()


@st.dialog("Rename the run")
def _rename(run: RunSummary, folder: RunFolder) -> None:
    st.text_input("Name", value=run_name(run), key=_TITLE)
    quiet(f"At most {TITLE_LENGTH} characters; what a longer name has beyond them is cut off.")
    if st.button("Save", type="primary", key="save-title", on_click=_save_title, args=(folder,)):
        st.rerun()


def _save_title(folder: RunFolder) -> None:
    folder.rename(st.session_state[_TITLE])
    draw_choice_anew()


@st.dialog("Delete the run?")
def _delete(run: RunSummary) -> None:
    st.markdown(
        f"**{plain(short(run_name(run)))}** goes with its model, curves and predictions. "
        "This cannot be undone. Labels and data stay."
    )
    with st.container(horizontal=True):
        pressed = st.button(
            "Delete",
            type="primary",
            icon=":material/delete:",
            key="delete-for-good",
            on_click=_delete_now,
            args=(run.run,),
        )
        if pressed or st.button("Keep it", key="keep-run"):
            st.rerun()


def _delete_now(run: str) -> None:
    try:
        delete_run(workspace(), run)
        st.query_params.pop("run", None)
    except UserError as error:
        st.session_state[_PROBLEM] = str(error)
