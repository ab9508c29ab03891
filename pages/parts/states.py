"""What a page shows while there is nothing to show."""

import streamlit as st

from pages.parts.looks import quiet
from pages.parts.screens import go_to
from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.store import open_labels


def no_run_yet(title: str, text: str, dataset: Dataset | None) -> None:
    """The empty state where runs are looked at; the way on is the first step that is missing."""
    if dataset is None:
        nothing_yet(title, text, "Go to Data")
    elif not open_labels(dataset).last_label():
        nothing_yet(title, text, "Go to Label", "label")
    else:
        nothing_yet(title, text, "Go to Train", "train")


def nothing_yet(title: str, text: str, button: str = "", screen: str = "data") -> None:
    """An empty state: what is missing, why, and the way on."""
    with st.container(border=True, key=f"hf-card-empty-{screen}"):
        st.subheader(title, anchor=False)
        quiet(text)
        if button and st.button(button, type="primary", key=f"empty-{screen}"):
            go_to(screen)
