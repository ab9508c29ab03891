"""Which run the watch page shows, and what waits before it."""

import streamlit as st

from pages.parts.looks import quiet
from pages.parts.runtext import by_state, listed_name, run_name
from pages.parts.session import current_dataset, datasets, select_dataset
from pages.parts.words import short
from ssl_core.runs.devices import device_title
from ssl_core.runs.listing import RunSummary
from ssl_core.runs.request import RunRequest

_CHOICE = "watched-run"
_SEEN = "run-in-address"


def choose_run(runs: list[RunSummary]) -> RunSummary:
    """The choice of the run; running ones come first. `?run=` in the address names it.

    runs: at least one.
    """
    ordered = by_state(runs)
    known = {run.run: run for run in ordered}
    asked = st.query_params.get("run")
    if asked in known and asked != st.session_state.get(_SEEN):
        st.session_state[_CHOICE] = asked
    elif st.session_state.get(_CHOICE) not in known:
        st.session_state[_CHOICE] = ordered[0].run
    if asked is not None and asked not in known:
        st.toast("The run in the address is not here any more.")
    chosen = st.selectbox(
        "Run",
        list(known),
        key=_CHOICE,
        format_func=lambda run: listed_name(known[run]),
        label_visibility="collapsed",
        persist_state="session",
    )
    if st.query_params.get("run") != chosen:
        st.query_params["run"] = chosen
    st.session_state[_SEEN] = chosen
    return known[chosen]


def draw_choice_anew() -> None:
    """Show the chosen run by its new name: the browser keeps the text that it was chosen by."""
    st.session_state.pop(_SEEN, None)  # the address is then taken up as if it were a new one


def show_queue(runs: list[RunSummary], request: RunRequest) -> None:
    """What a queued run waits for."""
    place = (request.created, request.run)
    before = [
        run
        for run in by_state(runs)
        if run.request.device == request.device
        and run.run != request.run
        and (
            run.status.state == "running"
            or (run.status.state == "queued" and (run.request.created, run.run) < place)
        )
    ]
    title = device_title(request.device)
    if not before:
        quiet(f"It is next on the {title} and starts in a few seconds.")
        return
    names = ", ".join(short(run_name(run), 50) for run in before[:5])
    more = f" and {len(before) - 5} more" if len(before) > 5 else ""
    quiet(f"It waits for the {title}, one run at a time. Before it: {names}{more}.")


def runs_of_dataset(runs: list[RunSummary]) -> list[RunSummary]:
    """The runs on the chosen dataset, and those whose dataset is gone.

    A run of another dataset that the address asks for makes that dataset the chosen one.
    """
    chosen = current_dataset()
    known = {manifest.identifier for manifest in datasets()}
    asked = st.query_params.get("run")
    if chosen is not None and asked != st.session_state.get(_SEEN):
        wanted = next((run.request.dataset for run in runs if run.run == asked), None)
        if wanted in known and wanted != chosen.identifier:
            select_dataset(wanted)
            st.rerun()
    return [
        run
        for run in runs
        if run.request.dataset not in known
        or (chosen is not None and run.request.dataset == chosen.identifier)
    ]
