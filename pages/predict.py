"""Predict: a finished run says what new images or texts are."""

import streamlit as st

from pages.parts.looks import lead
from pages.parts.predictboard import choose_prediction, prediction_board
from pages.parts.predictform import choose_run_to_ask, new_items, noun_of_items, runs_to_ask
from pages.parts.predictgallery import show_prediction
from pages.parts.runchoice import runs_of_dataset
from pages.parts.session import current_dataset, guarded, workspace
from pages.parts.states import no_run_yet, nothing_yet
from ssl_core.runs.listing import RunSummary, list_runs


def show_nothing(runs: list[RunSummary]) -> None:
    title = "No finished run yet"
    if runs:
        nothing_yet(title, "A run can be asked once it has ended.", "Go to Watch", "watch")
    else:
        text = "Label some of your data, then start a method: its run is what predicts."
        no_run_yet(title, text, current_dataset())


def show_form(runs: list[RunSummary]) -> None:
    with st.container(border=True, key="hf-card-predict"):
        run = choose_run_to_ask(runs)
        with guarded():
            new_items(run)
    jobs = prediction_board(run.run, noun_of_items(run))
    if jobs:
        with guarded():
            show_prediction(choose_prediction(jobs))


st.title("Predict", anchor=False)
lead("Ask a finished run about items that it has never seen; they need not be in the dataset.")
with guarded():
    everything = runs_of_dataset(list_runs(workspace()))
    finished = runs_to_ask(everything)
    if finished:
        show_form(finished)
    else:
        show_nothing(everything)
