"""The last labels against what had been said of them, and the class that needs labels."""

from collections.abc import Sequence

import streamlit as st

from pages.parts.looks import named, quiet, tag
from pages.parts.loopresults import show_items
from pages.parts.session import guarded
from pages.parts.tables import MISSING, whole, written
from pages.parts.words import count, counted, share, short
from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.store import LabelStore, open_labels
from ssl_core.loop.needs import ClassState, class_states, most_needed, unsure_items
from ssl_core.loop.unseen import LAST, last_labels_said
from ssl_core.runs.folder import RunFolder

_LOOK_SECONDS = 3.0
_ROWS = 12  # of the table, before it scrolls
_ROW = 35  # pixels
_SENT = 10  # items put first in the queue at a time


@st.fragment(run_every=_LOOK_SECONDS)
def show_labels_seen(dataset: Dataset, folders: Sequence[RunFolder]) -> None:
    """What moves with every label. folders: the finished trainings, the newest first."""
    with guarded():
        store = open_labels(dataset)
        if folders:
            _show_last(dataset, store, folders)
        states = class_states(dataset, store, folders[0] if folders else None)
        st.subheader("Which class needs labels", anchor=False)
        need = most_needed(states)
        if need.name:
            named(short(need.name, 40), tag("needs labels most"))
        quiet(need.reason)
        if need.name and folders:
            _offer(dataset, store, folders[0], need.name)
        _show_classes(states)


def _show_last(dataset: Dataset, store: LabelStore, folders: Sequence[RunFolder]) -> None:
    st.subheader(f"The last {LAST} labels", anchor=False)
    said = last_labels_said(store, folders)
    if not said:
        quiet("No label was given since the first training: label on, and see what it said.")
        return
    right = sum(one.agrees for one in said)
    quiet(
        f"Of {len(said)}, the training before each label had said the same of {right}. "
        + ("It missed:" if right < len(said) else "It missed none.")
    )
    names = {one.identifier: one.name for one in store.classes()}
    missed = [one for one in said if not one.agrees]
    captions = [
        f"{short(names.get(one.given, MISSING), 12)}, not {short(names.get(one.said, MISSING), 12)}"
        for one in missed
    ]
    show_items(dataset, [one.item for one in missed], captions)


def _offer(dataset: Dataset, store: LabelStore, folder: RunFolder, name: str) -> None:
    """A button that puts items of the class first in the queue, where the training knows any."""
    items = unsure_items(dataset, store, folder, name, _SENT)
    if not items:
        return
    what = counted(len(items), dataset.manifest.noun)
    if st.button(
        f"Label {what} of it next",
        icon=":material/low_priority:",
        key="loop-send",
        help="Those that the last training takes for it and is least sure of. They come first for "
        "everybody, until they are labelled or skipped.",
    ):
        added = store.send_items(items, f"{name[:60]} needs labels")
        text = f"{counted(added, dataset.manifest.noun)} put first." if added else "Already first."
        st.toast(text, icon=":material/low_priority:")


def _show_classes(states: Sequence[ClassState]) -> None:
    """What the advice about classes was judged by."""
    if not states:
        return
    table = {
        "Class": [state.name for state in states],
        "Labels": [state.labels for state in states],
        "Right": [
            f"{count(state.right)} of {count(state.unseen)}" if state.unseen else MISSING
            for state in states
        ],
        "Answered": [state.predicted for state in states],
        "Sure": [
            MISSING if state.confidence is None else share(state.confidence, 0) for state in states
        ],
    }
    st.dataframe(
        written(table, {"Labels": whole, "Answered": whole}),
        hide_index=True,
        column_config={
            name: st.column_config.Column(alignment="right") for name in ("Right", "Sure")
        },
        height=_ROW * (1 + min(_ROWS, len(states))) + 3,
        key="loop-classes",
    )
    quiet(
        "Right: of the labels that the last training did not learn from, which are held out, for "
        "validation, or given since. Answered: items to train on that it takes for the class. "
        "Sure: its mean confidence in those answers."
    )
