"""Image grids. A page of 100 thumbnails is one piece of HTML with the images inside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st

from pages.parts.looks import quiet
from pages.parts.words import count, counted
from ssl_core.datasets.dataset import SPLITS, Dataset
from ssl_core.datasets.thumbnails import data_url

PAGE = 96  # images a page: divisible by every number of columns that occurs
_SIDES = {"Small": 56, "Medium": 84, "Large": 132}
EVERYTHING = "all"


@dataclass(frozen=True)
class Tile:
    """One image of a grid: its data URL, the text on hovering, the text below it."""

    url: str
    title: str
    caption: str = ""


def tiles(dataset: Dataset, items: Sequence[int], captions: bool = False) -> list[Tile]:
    """Tiles for `items` (indices into the dataset), captioned with their reference class."""
    made = []
    for item, name in zip(items, dataset.names_of(items), strict=True):
        reference = int(dataset.reference_labels[item])
        known = dataset.manifest.classes[reference] if reference >= 0 else "no reference label"
        title = f"{name} · item {item}" + (f" · reference: {known}" if captions else "")
        made.append(Tile(data_url(dataset.images[item]), title, known if captions else ""))
    return made


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


@st.cache_resource(max_entries=16, show_spinner=False)
def items_of(fingerprint: str, split: str, _dataset: Dataset) -> np.ndarray:
    """(n,) int64: the items of one split, or of all."""
    if split == EVERYTHING:
        return np.arange(_dataset.manifest.count)
    return np.flatnonzero(np.asarray(_dataset.splits) == SPLITS.index(split))


@st.cache_data(max_entries=64, show_spinner=False)
def class_counts(fingerprint: str, split: str, _dataset: Dataset) -> list[tuple[str, int]]:
    """How many items of a split carry each reference label, in the order of the classes."""
    labels = np.asarray(_dataset.reference_labels)[items_of(fingerprint, split, _dataset)]
    known = np.bincount(labels[labels >= 0], minlength=len(_dataset.manifest.classes))
    return list(zip(_dataset.manifest.classes, known.tolist(), strict=True))


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
    """All images of a dataset, a page at a time, by split."""
    fingerprint = dataset.manifest.fingerprint
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        split = split_choice(dataset, "gallery-split")
        size = st.segmented_control(
            "Size",
            list(_SIDES),
            default="Medium",
            required=True,
            key="gallery-size",
            label_visibility="collapsed",
        )
        captions = False
        if dataset.manifest.classes:
            captions = st.toggle("Show reference labels", key="gallery-reference")
    items = items_of(fingerprint, split, dataset)
    pages = max(1, -(-len(items) // PAGE))
    place = st.container()
    page = 1
    if pages > 1:
        page = st.pagination(pages, key=f"gallery-page-{dataset.identifier}-{split}")
    chosen = items[(page - 1) * PAGE : page * PAGE].tolist()
    with place:
        image_grid(tiles(dataset, chosen, captions), _SIDES[size or "Medium"])
        first = (page - 1) * PAGE + 1
        quiet(
            f"{count(first)} to {count(first + len(chosen) - 1)} of {counted(len(items), 'image')}"
        )
