"""A field for the path of a file or folder on this machine."""

from pathlib import Path

import streamlit as st

from pages.parts.looks import quiet
from ssl_core.datasets.paths import SOURCES_VARIABLE, allowed_folders, allowed_source


def source_field(key: str, placeholder: str, button: str, icon: str) -> Path | None:
    """The path that may be read, once the button is pressed. Raises UserError for any other."""
    typed = path_field(key, "File or folder", placeholder, button, icon)
    return None if typed is None else allowed_source(typed)


def path_field(key: str, label: str, placeholder: str, button: str, icon: str) -> str | None:
    """What was typed, once the button is pressed; the folders that are allowed stand below."""
    with (
        st.form(f"{key}-form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        path: str = st.text_input(label, placeholder=placeholder, key=key)
        pressed = st.form_submit_button(button, icon=icon, type="primary")
    folders = ", ".join(str(folder) for folder in allowed_folders())
    quiet(f"Folders that may be used: {folders}. More with the variable {SOURCES_VARIABLE}.")
    return path.strip() if pressed else None
