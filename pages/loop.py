"""Loop: label on the left, and see on the right what it brings while a method trains."""

import streamlit as st

from pages.parts.labelboard import label_board
from pages.parts.loopside import loop_side, loop_style
from pages.parts.session import current_dataset, guarded
from pages.parts.states import GO_TO_DATA, nothing_yet
from ssl_core.labels.store import open_labels

st.title("Loop", anchor=False)
with guarded():
    dataset = current_dataset()
    if dataset is None:
        nothing_yet(
            "No data yet",
            "Open the bundled sample or add your own data first. Then this page labels and trains "
            "in turns.",
            GO_TO_DATA,
        )
    else:
        open_labels(dataset)  # a damaged file is told here, as a sentence
        loop_style()
        left, right = st.columns([8, 5], gap="medium")
        with left:
            label_board(dataset.identifier, dataset.manifest.noun)
        with right, st.container(key="hf-loop-side"), guarded():
            loop_side(dataset)
