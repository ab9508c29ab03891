"""The label board: one item, one key a question, the next item. Runs in the browser.

The scripts joined in order make one module, because the component takes one text: elements, the
outbox (nothing is lost), the person (whose undo), pictures and model (what is on screen), acts
(what a key changes), the feed (what comes next), the view with its panels of classes and heads and
its line about what comes next, the keys, and the board that holds them together.
"""

from pathlib import Path

import streamlit as st

from pages.parts.address import base_path

_HERE = Path(__file__).resolve().parent
_SCRIPTS = (
    "elements.js",
    "outbox.js",
    "person.js",
    "picture.js",
    "model.js",
    "acts.js",
    "feed.js",
    "view.js",
    "classes.js",
    "heads.js",
    "next.js",
    "keys.js",
    "board.js",
)
# The board fills the window to its end, so the room that other pages leave below would only scroll.
_NO_ROOM_BELOW = '<style>[data-testid="stMainBlockContainer"]{padding-bottom:1rem}</style>'
_board = st.components.v2.component(
    "handful_labelboard",
    html='<div class="board" aria-busy="true"></div>',
    css=(_HERE / "board.css").read_text(encoding="utf-8"),
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS),
)


def label_board(dataset: str, noun: str) -> None:
    """Draw the board for the dataset with this identifier. noun: "image" or "text".

    It fetches its items and sends its labels by itself, so a rerun of the page costs nothing and
    cannot come between a key and its image.
    """
    st.html(_NO_ROOM_BELOW)
    _board(
        key="labelboard",
        data={"api": f"{base_path()}/api/labels/{dataset}", "dataset": dataset, "noun": noun},
    )
