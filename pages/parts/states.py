"""What a page shows while there is nothing to show."""

import streamlit as st

from pages.parts.looks import quiet
from pages.parts.screens import go_to


def nothing_yet(title: str, text: str, button: str = "", screen: str = "data") -> None:
    """An empty state: what is missing, why, and the way on."""
    with st.container(border=True, key=f"hf-card-empty-{screen}"):
        st.subheader(title, anchor=False)
        quiet(text)
        if button and st.button(button, type="primary", key=f"empty-{screen}"):
            go_to(screen)
