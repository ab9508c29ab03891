"""Compare: runs beside each other, with the doubt that belongs to every figure."""

import streamlit as st

from pages.parts.chartplan import common_word
from pages.parts.closer import look_closer
from pages.parts.confusionview import show_confusions
from pages.parts.groupcurves import show_curves
from pages.parts.grouporder import in_chosen_order
from pages.parts.grouptable import choose_from_table
from pages.parts.groupview import first_groups, group_names, show_groups, show_left_out
from pages.parts.looks import lead, quiet
from pages.parts.runnotes import notes_of_runs, tagged
from pages.parts.session import current_dataset, guarded, workspace
from pages.parts.states import no_run_yet
from pages.parts.words import counted
from ssl_core.datasets.dataset import Dataset
from ssl_core.runs.comparison import group_over_seeds
from ssl_core.runs.listing import RunSummary, list_runs

MOST_GROUPS = 10  # colours of the palette
_EMPTY = "Nothing to compare yet"


def show_comparison(dataset: Dataset, runs: list[RunSummary]) -> None:
    items = common_word(workspace(), (run.request for run in runs))
    runs = tagged(runs)
    if not runs:
        quiet("No run has all of these tags.")
        return
    chosen = choose_from_table(runs, items)
    if not chosen:
        quiet("Tick runs in the table. Runs that differ in their seed only are taken together.")
        return
    groups, left_out = first_groups(group_over_seeds(chosen), MOST_GROUPS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        groups = in_chosen_order(groups)
        notes_of_runs(chosen)
    show_left_out(len(groups), left_out)
    names = group_names(groups)
    st.subheader("Over the seeds", anchor=False)
    show_groups(groups, names)
    st.subheader("Curves", anchor=False)
    show_curves(groups, names)
    st.subheader("What they confuse", anchor=False)
    show_confusions(dataset, groups, names)
    st.subheader("Look closer", anchor=False)
    look_closer(dataset, groups, names)


def without_studies(runs: list[RunSummary]) -> list[RunSummary]:
    """The runs that a person started; those of studies, often dozens, only where asked for."""
    own = [run for run in runs if run.request.cell is None]
    if len(own) in (0, len(runs)):
        return runs
    others = counted(len(runs) - len(own), "run")
    return runs if st.toggle(f"Also the {others} of studies", key="runs-of-studies") else own


st.title("Compare", anchor=False)
with guarded():
    chosen_dataset = current_dataset()
    if chosen_dataset is None:
        no_run_yet(_EMPTY, "Add images or texts first, label a few, then train.", None)
    else:
        name = chosen_dataset.manifest.name
        lead(f"Runs on {name}, newest first. Settings are listed where they differ.")
        everything = [
            run
            for run in list_runs(workspace())
            if run.request.dataset == chosen_dataset.identifier
        ]
        fingerprint = chosen_dataset.manifest.fingerprint
        found = [run for run in everything if run.request.fingerprint == fingerprint]
        if len(found) < len(everything):
            others = counted(len(everything) - len(found), "run")
            items = chosen_dataset.manifest.noun_plural
            quiet(f"{others} on other {items} that had this name before: not compared here.")
        if found:
            show_comparison(chosen_dataset, without_studies(found))
        else:
            no_run_yet(
                _EMPTY,
                f"No run on {name} yet. Two runs make a comparison: "
                "the same labels with another method, or another seed.",
                chosen_dataset,
            )
