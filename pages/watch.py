"""Watch: one run while it trains, and after."""

import streamlit as st

from pages.parts.chartplan import items_word
from pages.parts.live import live_charts, live_header, message_of, state_kind
from pages.parts.looks import lead, named, quiet, tag
from pages.parts.panels import show_panels
from pages.parts.runactions import run_actions
from pages.parts.runchoice import choose_run, runs_of_dataset
from pages.parts.rundetails import missing_pictures, show_details, show_results, subtitle
from pages.parts.runnotes import show_notes
from pages.parts.runsource import choose_source
from pages.parts.runtext import is_alive, run_name
from pages.parts.session import current_dataset, guarded, workspace
from pages.parts.states import no_run_yet
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.listing import RunSummary, list_runs


def show_nothing() -> None:
    lead(
        "Here you see a method learn: its losses, its accuracy, what it confuses, what it redraws."
    )
    no_run_yet(
        "No run yet",
        "Label some of your data with two classes or more, then start a method on the train page.",
        current_dataset(),
    )


def show_run(run: RunSummary) -> None:
    folder = RunFolder(workspace().runs / run.run)
    with st.container(border=True, key="hf-card-run"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            with st.container(width="stretch", gap="xsmall"):
                named(run_name(run), tag(run.status.state, state_kind(run.status)))
                quiet(subtitle(run.request))
            run_actions(run, folder)
        show_notes(run)
        message_of(run.status)
        if run.status.state == "finished":
            show_results(folder, run.request, run.status)
        else:
            live_header(folder)
    items = items_word(workspace(), run.request)
    show_curves_and_pictures(folder, is_alive(run.status), items, missing_pictures(run.request))
    show_details(folder, run.request)


@st.fragment
def show_curves_and_pictures(folder: RunFolder, alive: bool, items: str, missing: str) -> None:
    """One fragment: the charts notice a new picture, and only this is drawn again."""
    st.subheader("Curves", anchor=False)
    live_charts(folder.run, alive, items)
    st.subheader("Pictures", anchor=False)
    show_panels(folder, items)
    if missing:
        quiet(missing)


st.title("Watch", anchor=False)
with guarded():
    found = runs_of_dataset(list_runs(workspace()))
    if found:
        show_run(choose_run(choose_source(found)))
    else:
        show_nothing()
