"""Home: the state of things, and the next step."""

import streamlit as st

from pages.parts.cards import dataset_card, import_line, next_step_card, run_row
from pages.parts.looks import lead, quiet
from pages.parts.overview import MOST_DATASETS, Overview, next_step, take_overview
from pages.parts.screens import link_to
from pages.parts.session import current_dataset, datasets, guarded
from pages.parts.words import count, counted

RUNS_SHOWN = 5
EVERY = 3.0  # seconds between two looks at the workspace


def show_datasets(seen: Overview) -> None:
    st.subheader("Your data", anchor=False)
    for job, progress in seen.active_imports:
        import_line(job, progress)
    if not seen.datasets:
        quiet("Nothing here yet. The data page offers ready-made sets and takes your own.")
        return
    columns = st.columns(2)
    for index, manifest in enumerate(seen.datasets[:MOST_DATASETS]):
        with columns[index % 2]:
            dataset_card(manifest, seen.labels.get(manifest.identifier))
    if len(seen.datasets) > MOST_DATASETS:
        link_to("data", f"All {count(len(seen.datasets))} datasets")


def show_runs(seen: Overview) -> None:
    st.subheader("Training", anchor=False)
    if not seen.runs:
        quiet("No run yet. As soon as two classes have labels, a method can learn from them.")
        return
    ordered = [*seen.active_runs, *(run for run in seen.runs if run not in seen.active_runs)]
    for run in ordered[:RUNS_SHOWN]:
        run_row(run)
    if len(seen.runs) > RUNS_SHOWN:
        link_to("compare", f"All {counted(len(seen.runs), 'run')}")


def show_state(drawn: list[str]) -> None:
    """drawn: the datasets that the sidebar offers; where they changed, the page begins anew."""
    if [found.identifier for found in datasets()] != drawn:
        st.rerun()
    with guarded():
        chosen = current_dataset()
        identifier = chosen.identifier if chosen else None
        seen = take_overview(identifier)
        next_step_card(next_step(seen), identifier)
        left, right = st.columns([5, 3], gap="large")
        with left:
            show_datasets(seen)
        with right:
            show_runs(seen)


st.title("Label a handful, learn from all of it", anchor=False)
lead(
    "Handful takes a set of images or texts, lets you label a few of them with the keyboard, and "
    "trains methods that learn from the labelled and the unlabelled ones together."
)
with guarded():
    st.fragment(show_state, run_every=EVERY)([found.identifier for found in datasets()])
