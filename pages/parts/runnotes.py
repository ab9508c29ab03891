"""Tags and a note of a run: shown, edited, and runs chosen by them."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st

from pages.parts.looks import quiet, tag
from pages.parts.pairview import distinct_names
from pages.parts.session import show_error, workspace
from pages.parts.words import plain
from ssl_core.errors import UserError
from ssl_core.runs.listing import RunSummary
from ssl_core.runs.notes import NOTE_LENGTH, read_notes, write_notes

_PROBLEM = "notes-problem"


def show_notes(run: RunSummary) -> None:
    """The tags and the note of one run, and the button to change them."""
    notes = run.notes
    with st.container(horizontal=True, vertical_alignment="center"):
        if notes.tags:
            st.html(f'<p class="hf-line">{" ".join(tag(one) for one in notes.tags)}</p>')
        if st.button("Tags and note", icon=":material/sell:", key=f"notes-{run.run}"):
            _edit(run)
    if notes.note:
        lines = "<br>".join(escape(line) for line in notes.note.splitlines())
        st.html(f'<p class="hf-quiet">{lines}</p>')


def notes_of_runs(runs: Sequence[RunSummary]) -> None:
    """A choice of one of the runs, to write about it."""
    names = dict(zip((run.run for run in runs), distinct_names(runs), strict=True))
    known = {run.run: run for run in runs}
    with st.popover("Tags and notes", icon=":material/sell:"):
        chosen = st.selectbox("Run", list(known), key="notes-of", format_func=names.get)
        show_notes(known[chosen])


def tagged(runs: Sequence[RunSummary]) -> list[RunSummary]:
    """The runs with all of the tags that the person chose; all where no run has a tag."""
    tags = list(dict.fromkeys(one for run in runs for one in run.notes.tags))
    if not tags:
        return list(runs)
    kept = [one for one in st.session_state.get("with-tags", []) if one in tags]
    st.session_state["with-tags"] = kept
    chosen = st.pills(
        "Only runs tagged", tags, selection_mode="multi", key="with-tags",
        format_func=plain,
    )  # fmt: skip
    return [run for run in runs if set(chosen) <= set(run.notes.tags)]


@st.dialog("Tags and note")
def _edit(run: RunSummary) -> None:
    folder = workspace().runs / run.run
    notes = read_notes(folder)
    st.multiselect(
        "Tags", list(notes.tags), default=list(notes.tags), accept_new_options=True,
        key=f"tags-{run.run}", placeholder="Type a tag and press Enter",
    )  # fmt: skip
    st.text_area("Note", notes.note, height=160, max_chars=NOTE_LENGTH, key=f"note-{run.run}")
    quiet("Everybody who looks at the run sees them.")
    pressed = st.button(
        "Save", type="primary", key="save-notes", on_click=_save, args=(folder, run.run)
    )
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        show_error(problem)
    elif pressed:
        st.rerun()


def _save(folder: Path, run: str) -> None:
    """Write what the dialog holds; what is wrong with it is shown in the dialog."""
    state = st.session_state
    try:
        write_notes(folder, list(state[f"tags-{run}"]), state[f"note-{run}"])
    except UserError as error:
        state[_PROBLEM] = str(error)
