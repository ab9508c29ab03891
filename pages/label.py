"""Label: one at a time, many at once, by cluster; and what was labelled, to look at again."""

import streamlit as st

from pages.parts.labelviews import choose_view, show_view
from pages.parts.session import current_dataset
from pages.parts.states import GO_TO_DATA, nothing_yet
from ssl_core.labels.store import open_labels

dataset = current_dataset()
with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
    st.title("Label", anchor=False, width="content")
    view = choose_view() if dataset is not None else ""
if dataset is None:
    nothing_yet(
        "No data yet",
        "The data page offers ready-made sets and takes your own. Then they are labelled here, "
        "one key a label.",
        GO_TO_DATA,
    )
else:
    open_labels(dataset)  # a damaged file is told here, as a sentence
    show_view(view, dataset)
