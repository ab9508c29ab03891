"""Items as cards: what is shown, and a few lines below it. Every text is escaped."""

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from ssl_core.datasets.dataset import Dataset
from ssl_core.datasets.thumbnails import data_url

WIDTH = 165  # pixels at least, of an image
TEXT_WIDTH = 320  # pixels at least, of a text
_CUT = 600  # letters of a text that are sent


def card_width(dataset: Dataset) -> int:
    """How wide a card is at least, pixels."""
    return TEXT_WIDTH if dataset.manifest.kind == "texts" else WIDTH


def item_heads(dataset: Dataset, items: Sequence[int]) -> list[str]:
    """HTML of what each item shows: its image, or the beginning of its text."""
    names = [escape(name) for name in dataset.names_of(items)]
    if dataset.manifest.kind == "texts":
        return [
            f'<p class="hf-item-text" dir="auto" title="{name} · item {item}">'
            f"{escape(text[:_CUT])}{'…' if len(text) > _CUT else ''}</p>"
            for name, item, text in zip(names, items, dataset.texts_of(items), strict=True)
        ]
    return [
        f'<img src="{data_url(dataset.images[item])}" alt="{name}" title="{name} · item {item}">'
        for name, item in zip(names, items, strict=True)
    ]


def item_card(head: str, lines: Sequence[str]) -> None:
    """One card. head: of `item_heads`; lines: HTML, one paragraph each."""
    below = "".join(f"<p>{line}</p>" for line in lines)
    st.html(f'<div class="hf-item">{head}{below}</div>')


def item_cards(dataset: Dataset, shown: Mapping[int, Sequence[str]]) -> None:
    """A card for each item with lines of plain text below it."""
    with st.grid(min_column_width=card_width(dataset), gap="medium", key="hf-item-cards"):
        heads = item_heads(dataset, list(shown))
        for head, lines in zip(heads, shown.values(), strict=True):
            item_card(head, [escape(line) for line in lines])
