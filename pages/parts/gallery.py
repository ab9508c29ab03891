"""Items a page at a time. 100 thumbnails are one piece of HTML with the images inside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st

from pages.parts.looks import quiet
from pages.parts.reference_answers import EVERYTHING, answers_in_words, items_of
from pages.parts.text_cards import text_cards, text_grid
from pages.parts.words import count, counted
from ssl_core.datasets.dataset import Dataset
from ssl_core.datasets.thumbnails import data_url

PAGE = 96  # images a page: divisible by every number of columns that occurs
TEXT_PAGE = 24
_SIDES = {"Small": 56, "Medium": 84, "Large": 132}
_LINES = {"Short": 3, "Medium": 7, "Whole": None}


@dataclass(frozen=True)
class Tile:
    """One image of a grid: its data URL, the text on hovering, the text below it."""

    url: str
    title: str
    caption: str = ""


def tiles(dataset: Dataset, items: Sequence[int], captions: bool = False) -> list[Tile]:
    """Tiles for `items` (indices into the dataset), captioned with their reference labels."""
    names = dataset.names_of(items)
    answers = answers_in_words(dataset, items) if captions else [[] for _ in items]
    made = []
    for item, name, found in zip(items, names, answers, strict=True):
        title, caption = f"{name} · item {item}", ""
        if captions:
            caption = _caption(dataset, item)
            title += f" · reference: {', '.join(found) or caption}"
        made.append(Tile(data_url(dataset.images[item]), title, caption))
    return made


def _caption(dataset: Dataset, item: int) -> str:
    reference = int(dataset.reference_labels[item])
    return dataset.manifest.classes[reference] if reference >= 0 else "no reference label"


def image_grid(shown: Sequence[Tile], side: int = 84) -> None:
    """A grid that fills the width with tiles at least `side` pixels wide."""
    figures = "".join(
        f'<figure title="{escape(tile.title)}"><img src="{tile.url}" alt="{escape(tile.title)}">'
        + (f"<figcaption>{escape(tile.caption)}</figcaption>" if tile.caption else "")
        + "</figure>"
        for tile in shown
    )
    st.html(f'<div class="hf-grid" style="--side:{side}px">{figures}</div>')


def image_strip(urls: Sequence[str], side: int = 48) -> None:
    """One line of images, cut off where the place ends."""
    images = "".join(f'<img src="{url}" alt="">' for url in urls)
    st.html(f'<div class="hf-strip" style="--side:{side}px">{images}</div>')


@st.cache_data(max_entries=64, show_spinner=False)
def strip_urls(fingerprint: str, _dataset: Dataset, number: int) -> list[str]:
    """Data URLs of `number` items spread evenly over the dataset."""
    chosen = np.linspace(0, _dataset.manifest.count - 1, num=number).astype(int)
    return [data_url(_dataset.images[item], 28) for item in sorted(set(chosen.tolist()))]


def split_choice(dataset: Dataset, key: str) -> str:
    """A choice among the splits that the dataset has; 'all' where there is only one."""
    splits = dataset.manifest.splits
    if len(splits) < 2:
        return EVERYTHING
    options = [EVERYTHING, *splits]
    sizes = {EVERYTHING: dataset.manifest.count, **splits}
    chosen = st.segmented_control(
        "Split",
        options,
        default=EVERYTHING,
        required=True,
        key=f"{key}-{dataset.identifier}",
        format_func=lambda name: f"{name} · {count(sizes[name])}",
        label_visibility="collapsed",
    )
    return chosen or EVERYTHING


@st.fragment
def gallery(dataset: Dataset) -> None:
    """All items of a dataset, a page at a time, by split."""
    manifest = dataset.manifest
    sizes = _LINES if manifest.kind == "texts" else _SIDES
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        split = split_choice(dataset, "gallery-split")
        size = st.segmented_control(
            "Size",
            list(sizes),
            default="Medium",
            required=True,
            key=f"gallery-size-{manifest.kind}",
            label_visibility="collapsed",
        )
        answers = False
        if manifest.classes or len(manifest.all_heads) > 1:
            answers = st.toggle("Show reference labels", key="gallery-reference")
    items = items_of(manifest.fingerprint, split, dataset)
    shown = TEXT_PAGE if manifest.kind == "texts" else PAGE
    pages = max(1, -(-len(items) // shown))
    place = st.container()
    page = 1
    if pages > 1:
        page = st.pagination(pages, key=f"gallery-page-{dataset.identifier}-{split}")
    chosen = items[(page - 1) * shown : page * shown].tolist()
    with place:
        _draw(dataset, chosen, size or "Medium", answers)
        first = (page - 1) * shown + 1
        last = count(first + len(chosen) - 1)
        quiet(f"{count(first)} to {last} of {counted(len(items), manifest.noun)}")


def _draw(dataset: Dataset, items: Sequence[int], size: str, answers: bool) -> None:
    if dataset.manifest.kind == "texts":
        lines = _LINES[size]
        text_grid(text_cards(dataset, items, answers, whole=lines is None), lines)
    else:
        image_grid(tiles(dataset, items, answers), _SIDES[size])
