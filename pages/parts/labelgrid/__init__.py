"""The grid: many items at once, one act for all of them; and the clusters of a run, to be named.

As the label board it is one module of scripts, and it sends through the same outbox: elements,
outbox, person and panel of classes are the board's own. Its parts: what is chosen, the sheets that
pictures come in, the cells, what is shown, clusters, what is done, and sending.
"""

from pathlib import Path
from typing import Literal

import streamlit as st

from pages.parts.address import base_path

_HERE = Path(__file__).resolve().parent
_BOARD = _HERE.parent / "labelboard"
_SHARED = ("elements.js", "outbox.js", "person.js", "classes.js")
_SCRIPTS = (
    "choice.js",
    "sheets.js",
    "cells.js",
    "source.js",
    "clusters.js",
    "panel.js",
    "send.js",
    "grid.js",
    "drawing.js",
    "acts.js",
)
# The grid fills the window to its end, as the board does.
_NO_ROOM_BELOW = '<style>[data-testid="stMainBlockContainer"]{padding-bottom:1rem}</style>'
_FILES = [*(_BOARD / name for name in _SHARED), *(_HERE / name for name in _SCRIPTS)]
_STYLES = (_BOARD / "board.css", _HERE / "grid.css")
_grid = st.components.v2.component(
    "handful_labelgrid",
    html='<div class="board gridboard" aria-busy="true"></div>',
    css="\n".join(path.read_text(encoding="utf-8") for path in _STYLES),
    js="\n".join(path.read_text(encoding="utf-8") for path in _FILES),
)


def label_grid(dataset: str, noun: str, mode: Literal["grid", "clusters"]) -> None:
    """Draw the grid, or the clusters, of the dataset with this identifier.

    noun: "image" or "text". It fetches what it shows and sends its labels by itself, as the board.
    """
    st.html(_NO_ROOM_BELOW)
    _grid(
        key=f"labelgrid-{mode}",
        data={
            "api": f"{base_path()}/api/labels/{dataset}",
            "dataset": dataset,
            "noun": noun,
            "mode": mode,
        },
    )
