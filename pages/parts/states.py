"""What a page shows while there is nothing to show."""

import streamlit as st

from pages.parts.looks import quiet
from pages.parts.screens import go_to, link_to
from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.store import open_labels
from ssl_core.methods import catalogue

GO_TO_DATA = "Go to Data"  # on every button that leads to where data are added


def no_run_yet(title: str, text: str, dataset: Dataset | None) -> None:
    """The empty state where runs are looked at; the way on is the first step that is missing."""
    if dataset is None:
        nothing_yet(title, text, GO_TO_DATA)
    elif open_labels(dataset).last_label():
        nothing_yet(title, text, "Go to Train", "train")
    else:
        without = _without_labels(dataset.manifest.noun)
        more = f" Some methods need no labels: {', '.join(without)}." if without else ""
        nothing_yet(title, text + more, "Go to Label", "label", "train" if without else "")


def _without_labels(noun: str) -> list[str]:
    """The titles of the methods that learn from such items, "image" or "text", with no label."""
    return [
        spec.title
        for spec in catalogue().values()
        if spec.needs.named_afterwards and spec.needs.item in ("any", noun)
    ]


def nothing_yet(
    title: str, text: str, button: str = "", screen: str = "data", other: str = ""
) -> None:
    """An empty state: what is missing, why, and the way on.

    other: a second screen that leads on.
    """
    with st.container(border=True, key=f"hf-card-empty-{screen}"):
        st.subheader(title, anchor=False)
        quiet(text)
        if button and st.button(button, type="primary", key=f"empty-{screen}"):
            go_to(screen)
        if other:
            link_to(other, f"Go to {other.capitalize()}")
