"""The upload field: files go straight to /api/upload with a real progress bar."""

from pathlib import Path

import streamlit as st

from pages.parts.address import base_path
from pages.parts.uploads import ENDINGS

_HERE = Path(__file__).resolve().parent
_field = st.components.v2.component(
    "handful_uploader",
    html=(_HERE / "uploader.html").read_text(encoding="utf-8"),
    css=(_HERE / "uploader.css").read_text(encoding="utf-8"),
    js=(_HERE / "uploader.js").read_text(encoding="utf-8"),
)


PROMPT = "Drop a zip, .csv, .npz, .npy, .mat, .bin, IDX files, images or a folder here"


def upload_field(key: str, prompt: str = PROMPT, endings: tuple[str, ...] = ENDINGS) -> str | None:
    """Draw the field; the number of the finished upload, None while there is none.

    endings: of the files that are taken, of those that the server takes.
    """
    data = {"prompt": prompt, "endings": endings, "api": f"{base_path()}/api/upload"}
    result = _field(key=key, data=data, on_finished_change=lambda: None)
    return result.get("finished")
