"""Label: one item, one key, the next item."""

import streamlit as st

from pages.parts.labelboard import label_board
from pages.parts.session import current_dataset
from pages.parts.states import nothing_yet
from ssl_core.labels.store import open_labels

st.title("Label", anchor=False)
dataset = current_dataset()
if dataset is None:
    nothing_yet(
        "No data yet",
        "The data page offers ready-made sets and takes your own. Then they are labelled here, "
        "one key a label.",
        "Open the data page",
    )
else:
    open_labels(dataset)  # a damaged file is told here, as a sentence
    label_board(dataset.identifier, dataset.manifest.noun)
