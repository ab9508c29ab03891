"""Predictions going on, or failed, and the choice among those that are done."""

import streamlit as st

from pages.parts.import_board import progress_line
from pages.parts.looks import named, quiet, tag
from pages.parts.session import guarded, workspace
from pages.parts.words import ago, short
from ssl_core.datasets.progress import ImportProgress
from ssl_core.errors import UserError
from ssl_core.predictions.jobs import (
    cancel_prediction,
    delete_prediction,
    list_predictions,
    prediction_progress,
    prediction_request,
)

_ACTIVE = ("waiting", "running")
_EVERY = 0.7  # seconds between two looks while something goes on
_CHOICE = "shown-prediction"


def prediction_board(run: str) -> list[str]:
    """Cards of what goes on or failed; looks again by itself. The finished ones, newest first."""
    states = _states(run)
    going = any(progress.state in _ACTIVE for progress in states.values())
    st.fragment(_board, run_every=_EVERY if going else None)(run, going)
    return [job for job, progress in states.items() if progress.state == "finished"]


def choose_prediction(jobs: list[str]) -> str:
    """The choice among finished predictions; a new one is shown at once. jobs: at least one."""
    newest = f"{_CHOICE}-{jobs[0]}"  # another newest one makes the choice anew
    if len(jobs) == 1:
        return jobs[0]
    chosen: str = st.selectbox("Prediction", jobs, key=newest, format_func=prediction_title)
    return chosen


def prediction_title(job: str) -> str:
    """What was predicted, and when."""
    try:
        request = prediction_request(workspace(), job)
    except UserError:
        return "a damaged prediction"
    return f"{short(request.name, 60)} · {ago(request.created)}"


def _states(run: str) -> dict[str, ImportProgress]:
    space = workspace()
    return {job: prediction_progress(space, job) for job in list_predictions(space, run)}


def _board(run: str, was_going: bool) -> None:
    with guarded():
        states = _states(run)
        for job, progress in states.items():
            if progress.state in _ACTIVE:
                _going(job, progress)
            elif progress.state != "finished":
                _ended(job, progress)
        if was_going and not any(progress.state in _ACTIVE for progress in states.values()):
            st.rerun()  # its answers appear in the page


def _going(job: str, progress: ImportProgress) -> None:
    with (
        st.container(border=True, key=f"hf-card-prediction-{job}"),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        with st.container(width="stretch", gap="xsmall"):
            named(prediction_title(job), tag(progress.phase or progress.state))
            st.progress(min(1.0, progress.done / progress.total) if progress.total else 0.0)
            quiet(progress_line(progress) if progress.total else "One moment …")
        if st.button("Cancel", key=f"cancel-{job}"):
            cancel_prediction(workspace(), job)
            st.rerun(scope="fragment")


def _ended(job: str, progress: ImportProgress) -> None:
    with (
        st.container(border=True, key=f"hf-card-prediction-{job}"),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        with st.container(width="stretch", gap="xsmall"):
            cancelled = progress.state == "cancelled"
            state = tag("cancelled") if cancelled else tag("failed", "bad")
            named(prediction_title(job), state)
            quiet(progress.message or "Nothing of it was kept.")
        if st.button("Dismiss", key=f"dismiss-{job}"):
            delete_prediction(workspace(), job)
            st.rerun()
