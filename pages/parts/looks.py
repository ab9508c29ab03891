"""Small pieces of HTML in the visual language of brand/style.css. Every text is escaped."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import streamlit as st

from pages.parts.words import count

BRAND = Path(__file__).resolve().parent / "brand"
_LONGEST_BAR_NAME = 18  # letters; a longer name is cut off and shown whole on hovering
_COLUMN_LENGTH = 12  # bars below each other before another column is begun
_NO_TAGS: Mapping[str, str] = {}


def style() -> None:
    """Load the style sheet. Once a run, by the navigation."""
    st.html(BRAND / "style.css")


def lead(text: str) -> None:
    """The sentence under a page's title."""
    st.html(f'<p class="hf-lead">{escape(text)}</p>')


def quiet(text: str) -> None:
    """A remark in small grey letters."""
    st.html(f'<p class="hf-quiet">{escape(text)}</p>')


def tag(text: str, kind: str = "") -> str:
    """HTML of a small rounded label; kind '', 'good', 'bad' or 'reference'."""
    return f'<span class="hf-tag {kind}">{escape(text)}</span>'


def named(name: str, *tags: str) -> None:
    """A name of any length, with tags (HTML from `tag`) behind it."""
    st.html(f'<p class="hf-name">{escape(name)} {" ".join(tags)}</p>')


def facts(entries: Mapping[str, str], tags: Mapping[str, str] = _NO_TAGS) -> None:
    """Figures in a row: what it is above, how much below. tags: HTML from `tag`, by title."""
    values = {title: escape(value) for title, value in entries.items()}
    for title, mark in tags.items():
        values[title] = f"{values[title]} {mark}"
    cells = "".join(
        f"<div><dt>{escape(title)}</dt><dd>{value}</dd></div>" for title, value in values.items()
    )
    st.html(f'<dl class="hf-facts">{cells}</dl>')


def bars(entries: Sequence[tuple[str, int]]) -> None:
    """A histogram: one row a class, its name, its bar, its count."""
    most = max((number for _, number in entries), default=1) or 1
    rows = "".join(
        f'<div><dt title="{escape(name)}">{escape(name)}</dt>'
        f'<i style="width:{max(100 * number / most, 0.6):.1f}%"></i><dd>{count(number)}</dd></div>'
        for name, number in entries
    )
    columns = min(4, 1 + (len(entries) - 1) // _COLUMN_LENGTH) if entries else 1
    letters = min(_LONGEST_BAR_NAME, max((len(name) for name, _ in entries), default=1))
    st.html(f'<dl class="hf-bars" style="--columns:{columns};--name:{letters + 1}ch">{rows}</dl>')


def meter(done: int, goal: int) -> None:
    """A thin bar for a part of a goal."""
    part = min(1.0, done / goal) if goal else 0.0
    st.html(f'<div class="hf-meter"><i style="width:{100 * part:.1f}%"></i></div>')
