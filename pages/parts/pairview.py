"""Two of the chosen runs on the same test items: is one better, or is it chance?"""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from pages.parts.looks import quiet, tag
from pages.parts.runtext import run_name
from pages.parts.session import show_error, workspace
from pages.parts.words import count, plain
from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.files import stamp
from ssl_core.labels.store import open_labels
from ssl_core.runs.folder import PREDICTIONS, RunFolder
from ssl_core.runs.listing import RunSummary
from ssl_core.runs.paired import PairedTest, paired_test, verdict


@st.fragment(key="pair")
def show_pair(dataset: Dataset, runs: Sequence[RunSummary]) -> None:
    """A choice of two finished runs, what each has right alone, and the verdict in words."""
    tested = {run.run: run for run in runs if run.status.results.test_accuracy is not None}
    if len(tested) < 2:
        quiet("Tick two finished runs with a test accuracy to see whether one is better.")
        return
    names = dict(zip(tested, distinct_names(list(tested.values())), strict=True))
    with st.container(border=True, key="hf-card-pair"):
        left, right = st.columns(2)
        first = left.selectbox("Run A", list(tested), key="pair-first", format_func=names.get)
        rest = [run for run in tested if run != first]
        second = right.selectbox("Run B", rest, key="pair-second", format_func=names.get)
        try:
            test = _test(dataset, first, second)
        except UserError as error:
            show_error(error)
            return
        _show(test, dataset.manifest.noun)


def distinct_names(runs: Sequence[RunSummary]) -> list[str]:
    """Names to choose from; those of equal runs end with the identifier, which no other has."""
    names = [run_name(run) for run in runs]
    return [
        name if names.count(name) == 1 else f"{name} · {run.run}"
        for name, run in zip(names, runs, strict=True)
    ]


def _show(test: PairedTest, noun: str) -> None:
    st.markdown(f"**{plain(verdict(test, 'A', 'B', noun))}**")
    st.table(
        {
            "": ["A is right", "A is wrong"],
            "B is right": [count(test.both), count(test.only_second)],
            "B is wrong": [count(test.only_first), count(test.neither)],
        },
        border="horizontal",
        width="content",
    )
    badge = tag("uses reference labels", "reference") if test.uses_reference_labels else ""
    left_out = (
        f" {count(test.left_out)} tested in one run alone, or with another label, are left out."
        if test.left_out
        else ""
    )
    st.html(
        f'<p class="hf-quiet">{count(test.count)} {noun}s, {test.source}.{left_out} {badge}</p>'
    )
    quiet(
        "McNemar's test, exact: only what one run has right and the other wrong counts, and a fair "
        "coin decides each. It is about these two runs; another seed may decide otherwise."
    )


def _test(dataset: Dataset, first: str, second: str) -> PairedTest:
    root = workspace().runs
    stamps = tuple(stamp(root / run / PREDICTIONS) for run in (first, second))
    last = open_labels(dataset).last_event()
    return _tested(str(root), (first, second), stamps, dataset.manifest.fingerprint, last, dataset)


@st.cache_data(max_entries=64, show_spinner=False)
def _tested(
    root: str,
    runs: tuple[str, str],
    stamps: tuple[int, ...],
    fingerprint: str,
    last_event: int,
    _dataset: Dataset,
) -> PairedTest:
    first, second = (RunFolder(Path(root) / run) for run in runs)
    return paired_test(_dataset, open_labels(_dataset), first, second)
