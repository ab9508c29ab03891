"""Predictions going on, or failed, and the choice among those that are done."""

import streamlit as st

from pages.parts.jobcards import ACTIVE, EVERY, ended_card, going_card, progress_line
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

_CHOICE = "shown-prediction"


def prediction_board(run: str, noun: str) -> list[str]:
    """Cards of what goes on or failed; looks again by itself. The finished ones, newest first.

    noun: what the run is asked about, in the plural.
    """
    states = _states(run)
    going = any(progress.state in ACTIVE for progress in states.values())
    st.fragment(_board, run_every=EVERY if going else None)(run, noun, going)
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


def _board(run: str, noun: str, was_going: bool) -> None:
    with guarded():
        states = _states(run)
        for job, progress in states.items():
            if progress.state != "finished":
                _card(job, noun, progress)
        if was_going and not any(progress.state in ACTIVE for progress in states.values()):
            st.rerun()  # its answers appear in the page


def _card(job: str, noun: str, progress: ImportProgress) -> None:
    title, space = prediction_title(job), workspace()
    if progress.state in ACTIVE:
        line = progress_line(progress, noun) if progress.total else "One moment …"
        going_card(job, title, progress, line, lambda: cancel_prediction(space, job))
    else:
        ended_card(job, title, "", progress, lambda: delete_prediction(space, job))
