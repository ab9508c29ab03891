"""The figures of one dataset: its items, the numbers beside them, the answers that came along."""

import streamlit as st

from pages.parts.gallery import split_choice
from pages.parts.headwords import KINDS, answers_to
from pages.parts.looks import bars, facts, named, quiet, tag
from pages.parts.reference_answers import (
    answer_counts,
    answered,
    column_facts,
    head_choice,
    number,
)
from pages.parts.tables import whole, written
from pages.parts.words import count, size
from ssl_core.datasets.dataset import TEXTS, Dataset


def show_overview(dataset: Dataset) -> None:
    """Counts, sizes, splits, numeric columns, heads, and the histogram of the reference labels."""
    manifest = dataset.manifest
    splits = {f"Split “{name}”": count(number) for name, number in manifest.splits.items()}
    facts(_text_facts(dataset, splits) if manifest.kind == "texts" else _facts(dataset, splits))
    quiet(" ".join((manifest.resize_rule, *manifest.notes)).strip())
    if len(manifest.original_sizes) > 1:
        with st.expander(f"Original sizes ({count(len(manifest.original_sizes))} most common)"):
            bars(sorted(manifest.original_sizes.items(), key=lambda entry: -entry[1]))
    if manifest.columns:
        show_columns(dataset)
    st.space("small")
    if not manifest.classes and len(manifest.all_heads) == 1:
        quiet("No reference labels came along: every label of this dataset is given by hand.")
        return
    named("Reference labels", tag("kept apart from your labels", "reference"))
    quiet(
        "They came with the data. They are used for the test figure, for diagnostics marked as "
        "such, for simulated labelling, and to name the answers of methods that train without "
        "labels where you gave none. They reach training only if you adopt them."
    )
    if manifest.heads:
        show_heads(dataset)
    with st.container(horizontal=True, gap="medium"):
        head = head_choice(dataset, "histogram-head")
        split = split_choice(dataset, "histogram-split")
    entries = answer_counts(manifest.fingerprint, split, head.name, dataset)
    bars(entries)
    if not any(amount for _, amount in entries):
        quiet(f"No answers to “{head.title}” came along in this split.")


def show_heads(dataset: Dataset) -> None:
    """The questions that came with the data: kind, classes or unit, how many answers."""
    manifest = dataset.manifest
    heads = manifest.all_heads
    st.dataframe(
        written(
            {
                "Question": [head.title for head in heads],
                "Answer": [KINDS[head.kind] for head in heads],
                "Classes or unit": [answers_to(head) for head in heads],
                "Answered": [answered(manifest.fingerprint, head.name, dataset) for head in heads],
            },
            {"Answered": whole},
        ),
        hide_index=True,
        column_config={"Classes or unit": st.column_config.TextColumn(width="large")},
    )


def show_columns(dataset: Dataset) -> None:
    """The numbers beside each item, with their range."""
    st.space("small")
    named("Numbers beside each " + dataset.manifest.noun)
    found = column_facts(dataset.manifest.fingerprint, dataset)
    st.dataframe(
        written(
            {
                "Column": [name for name, _, _, _, _ in found],
                "Lowest": [number(lowest) for _, lowest, _, _, _ in found],
                "Median": [number(median) for _, _, median, _, _ in found],
                "Highest": [number(highest) for _, _, _, highest, _ in found],
                "Missing": [missing for _, _, _, _, missing in found],
            },
            {"Missing": whole},
        ),
        hide_index=True,
    )


def _facts(dataset: Dataset, splits: dict[str, str]) -> dict[str, str]:
    height, width, channels = dataset.manifest.shape
    return {
        "Images": count(dataset.manifest.count),
        "Pixels": f"{height} × {width}",
        "Colour": "colour" if channels == 3 else "grey",
        **splits,
        "Size on disk": size(dataset.manifest.count * height * width * channels),
    }


def _text_facts(dataset: Dataset, splits: dict[str, str]) -> dict[str, str]:
    return {
        "Texts": count(dataset.manifest.count),
        "Questions": count(len(dataset.manifest.all_heads)),
        "Numeric columns": count(len(dataset.manifest.columns)),
        **splits,
        "Size on disk": size((dataset.folder / TEXTS).stat().st_size),
    }
