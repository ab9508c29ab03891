"""The answers that came with the data, in words and in counts."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import streamlit as st

from pages.parts.words import count, short
from ssl_core.datasets.dataset import SPLITS, Dataset
from ssl_core.heads import Head

EVERYTHING = "all"
_BINS = 12  # of a histogram of numbers
_MOST_WHOLE = 1e9  # beyond it a range is told in digits that matter


def head_choice(dataset: Dataset, key: str) -> Head:
    """A choice among the heads that came with the data; no widget where there is only one."""
    heads = {head.name: head for head in dataset.manifest.all_heads}
    main = next(iter(heads))
    if len(heads) == 1:
        return heads[main]
    chosen = st.segmented_control(
        "Question",
        list(heads),
        default=main,
        required=True,
        key=f"{key}-{dataset.identifier}",
        format_func=lambda name: short(heads[name].title, 30),
        label_visibility="collapsed",
    )
    return heads[chosen or main]


@st.cache_resource(max_entries=16, show_spinner=False)
def items_of(fingerprint: str, split: str, _dataset: Dataset) -> np.ndarray:
    """(n,) int64: the items of one split, or of all."""
    if split == EVERYTHING:
        return np.arange(_dataset.manifest.count)
    return np.flatnonzero(np.asarray(_dataset.splits) == SPLITS.index(split))


@st.cache_data(max_entries=64, show_spinner=False)
def answer_counts(
    fingerprint: str, split: str, head: str, _dataset: Dataset
) -> list[tuple[str, int]]:
    """How many items of a split carry each answer: in the order of the classes, or in ranges."""
    described = next(known for known in _dataset.manifest.all_heads if known.name == head)
    answers = np.asarray(_dataset.reference_of(head))[items_of(fingerprint, split, _dataset)]
    if described.kind == "regression":
        return _ranges(answers[np.isfinite(answers)])
    known = np.bincount(answers[answers >= 0], minlength=len(described.classes))
    return list(zip(described.classes, known.tolist(), strict=True))


@st.cache_data(max_entries=64, show_spinner=False)
def answered(fingerprint: str, head: str, _dataset: Dataset) -> int:
    """How many items came with an answer to the head."""
    answers = np.asarray(_dataset.reference_of(head))
    return int(np.sum(np.isfinite(answers) if answers.dtype.kind == "f" else answers >= 0))


@st.cache_data(max_entries=16, show_spinner=False)
def column_facts(fingerprint: str, _dataset: Dataset) -> list[tuple[str, float, float, float, int]]:
    """Name, lowest, median and highest number, and how many are missing, of each column."""
    numeric = _dataset.numeric
    facts = []
    for place, name in enumerate(_dataset.manifest.columns):
        values = np.asarray(numeric)[:, place]
        known = values[np.isfinite(values)]
        missing = len(values) - len(known)
        known = known if len(known) else np.array([np.nan])
        ends = float(known.min()), float(np.median(known)), float(known.max())
        facts.append((name, *ends, missing))
    return facts


def answers_in_words(dataset: Dataset, items: Sequence[int]) -> list[list[str]]:
    """For each item what came with it, for example ["Gender: male", "Age: 51 years"]."""
    found: list[list[str]] = [[] for _ in items]
    for head in dataset.manifest.all_heads:
        answers = dataset.reference_of(head.name)
        for words, item in zip(found, items, strict=True):
            answer = answers[item]
            if head.kind == "regression" and np.isfinite(answer):
                words.append(f"{head.title}: {number(float(answer))} {head.unit}".rstrip())
            elif head.kind != "regression" and answer >= 0:
                words.append(f"{head.title}: {head.classes[int(answer)]}")
    return found


def numbers_in_words(dataset: Dataset, items: Sequence[int]) -> list[str]:
    """For each item the numbers beside it, for example "hour 10 · letters 54"."""
    numeric = dataset.numeric
    if numeric is None:
        return [""] * len(items)
    names = dataset.manifest.columns
    return [
        " · ".join(f"{name} {number(float(numeric[item, i]))}" for i, name in enumerate(names))
        for item in items
    ]


def number(value: float) -> str:
    """51.0 -> '51', 3.14159 -> '3.142', 12034.5 -> '12 034', nothing -> '–'."""
    if not np.isfinite(value):
        return "–"
    whole = value == int(value) or abs(value) >= 1000
    return count(round(value)) if whole and abs(value) < 1e15 else f"{value:.4g}"


def _ranges(values: np.ndarray) -> list[tuple[str, int]]:
    """Counts in equal ranges; values: (n,), finite."""
    if not len(values):
        return []
    if np.all(values == np.round(values)) and np.ptp(values) < _MOST_WHOLE:
        return _whole_ranges(values.astype(np.int64))
    counts, edges = np.histogram(values, bins=_BINS)
    names = [f"{a:.4g} – {b:.4g}" for a, b in pairwise(edges)]
    return list(zip(names, counts.tolist(), strict=True))


def _whole_ranges(values: np.ndarray) -> list[tuple[str, int]]:
    """Counts in ranges that begin and end with a whole number; values: (n,), int64."""
    low, span = int(values.min()), int(np.ptp(values)) + 1
    width = -(-span // _BINS)
    counts = np.bincount((values - low) // width)
    starts = [low + place * width for place in range(len(counts))]
    names = [f"{a} – {a + width - 1}" if width > 1 else f"{a}" for a in starts]
    return list(zip(names, counts.tolist(), strict=True))
