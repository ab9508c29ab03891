"""Texts as cards. A page of them is one piece of HTML; every text is escaped."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st

from pages.parts.looks import tag
from pages.parts.reference_answers import answers_in_words, numbers_in_words
from pages.parts.words import short
from ssl_core.datasets.dataset import Dataset

_CUT = 900  # letters that are sent of a text that is shown in a few lines
_WHOLE = 20_000  # letters that are sent of a text that is shown whole


@dataclass(frozen=True)
class TextCard:
    """One text: what it is called, its letters, the numbers beside it, what is known of it."""

    name: str
    text: str
    numbers: str = ""
    answers: tuple[str, ...] = ()


def text_cards(
    dataset: Dataset, items: Sequence[int], answers: bool = False, whole: bool = False
) -> list[TextCard]:
    """Cards for `items` (indices into the dataset). answers: with the reference labels."""
    known = answers_in_words(dataset, items) if answers else [[] for _ in items]
    parts = zip(
        dataset.names_of(items),
        dataset.texts_of(items),
        numbers_in_words(dataset, items),
        known,
        strict=True,
    )
    return [
        TextCard(
            name,
            _cut(text, _WHOLE if whole else _CUT),
            numbers,
            tuple(found) if found or not answers else ("no reference label",),
        )
        for name, text, numbers, found in parts
    ]


def text_grid(shown: Sequence[TextCard], lines: int | None = 5) -> None:
    """Cards that fill the width. lines: after how many a text is cut, None for whole texts."""
    cards = "".join(_card(card) for card in shown)
    cut = f' style="--lines:{lines}"' if lines else ' class="whole"'
    st.html(f'<div class="hf-texts"><div{cut}>{cards}</div></div>')


def text_strip(texts: Sequence[str]) -> None:
    """A few texts below each other, one line each, cut off where the place ends."""
    lines = "".join(f'<p dir="auto">{escape(_cut(text, 300))}</p>' for text in texts)
    st.html(f'<div class="hf-text-strip">{lines}</div>')


@st.cache_data(max_entries=64, show_spinner=False)
def strip_texts(fingerprint: str, _dataset: Dataset, number: int) -> list[str]:
    """`number` texts spread evenly over the dataset, each as one line."""
    chosen = np.linspace(0, _dataset.manifest.count - 1, num=number).astype(int)
    texts = _dataset.texts_of(sorted(set(chosen.tolist())))
    return [" ".join(_cut(text, 300).split()) for text in texts]


def _card(card: TextCard) -> str:
    tags = "".join(f"{tag(short(answer, 60), 'reference')} " for answer in card.answers)
    numbers = f"<footer>{escape(card.numbers)}</footer>" if card.numbers else ""
    return (
        f"<article><header>{escape(short(card.name))}</header>"
        f'<p dir="auto">{escape(card.text)}</p>{numbers}'
        + (f"<div>{tags}</div>" if tags else "")
        + "</article>"
    )


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"
