"""Labels that were submitted together, and taking them back together."""

import streamlit as st

from pages.parts.looks import quiet
from pages.parts.reviewwords import Names, way, when
from pages.parts.session import guarded
from pages.parts.states import nothing_yet
from pages.parts.words import count, counted, plain
from ssl_core.labels.batches import Batch, latest_batches, undo_batch
from ssl_core.labels.store import LabelStore

_SHOWN = 25


def show_batches(store: LabelStore, person: str, noun: str) -> None:
    """The latest batches, each with a button that takes it back where `person` may do that."""
    batches = latest_batches(store, _SHOWN)
    if not batches:
        nothing_yet(
            "No batch yet",
            f"Choose “Grid” or “Clusters” above to label many {noun}s with one act. Each such act "
            "stands here and can be taken back whole.",
        )
        return
    names = Names(store)
    for batch in batches:
        _row(store, names, batch, person)
    if len(batches) == _SHOWN:
        quiet(f"The latest {_SHOWN} are listed.")


def _row(store: LabelStore, names: Names, batch: Batch, person: str) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", border=True,
        key=f"hf-card-batch-{batch.identifier}",
    ):  # fmt: skip
        with st.container(width="stretch", gap=None):
            people = ", ".join(names.person(one) for one in batch.people)
            mine = " (you)" if batch.people == (person,) else ""
            st.markdown(f"**{counted(batch.labels, 'label')}**, {plain(way(batch.origin))}")
            quiet(f"{people}{mine}, {when(batch.created)}. {_state(batch)}")
        possible = batch.undoable_by(person)
        others = batch.in_force and not possible
        if st.button(
            "Take back",
            icon=":material/undo:",
            key=f"undo-{batch.identifier}",
            disabled=not possible,
            help="Only the person who submitted it can take it back." if others else None,
        ):
            confirm_undo(store, batch, person)


def _state(batch: Batch) -> str:
    if batch.in_force == batch.labels:
        return "All in force."
    if not batch.in_force:
        return "Nothing of it is in force any more."
    return f"{count(batch.in_force)} still in force; the others were changed or taken back since."


@st.dialog("Take back this batch?")
def confirm_undo(store: LabelStore, batch: Batch, person: str) -> None:
    """Ask before many labels are gone."""
    st.write(
        f"{counted(batch.in_force, 'label')} ({way(batch.origin)}) will be taken back. "
        "Each item gets the answer again that it had before, if any. Answers that were changed "
        "since stay."
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep them", key="undo-no"):
            st.rerun()
        if st.button(f"Take back {count(batch.in_force)}", type="primary", key="undo-yes"):
            with guarded():
                undo_batch(store, batch.identifier, person)
                st.toast(f"{counted(batch.in_force, 'label')} taken back.")
                st.rerun()
