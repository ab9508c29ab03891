"""Which labels are looked at, in which order, and whose opinion is asked."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import streamlit as st

from pages.parts.looks import quiet
from pages.parts.reviewwords import Names, way
from pages.parts.runtext import listed_name
from pages.parts.session import workspace
from pages.parts.words import short
from ssl_core.datasets.dataset import Dataset
from ssl_core.files import stamp
from ssl_core.heads import Head
from ssl_core.labels.review import Facets, LabelFilter, facets
from ssl_core.labels.store import LabelStore
from ssl_core.runs.contradictions import Opinion, answers_head, opinion_of, spread_of
from ssl_core.runs.folder import PREDICTIONS, RunFolder
from ssl_core.runs.listing import RunSummary, list_runs
from ssl_core.runs.told import told_by_reference

Option = TypeVar("Option", int, str)
NEWEST, CONTRADICTED = "Newest first", "Contradicted first"
_DAY = 86_400.0  # seconds
_TIMES = {"Any time": None, "Last hour": 3600.0, "Last day": _DAY, "Last 7 days": 7 * _DAY}
_DAYS = "Between two days"
_MINUTE = 60.0  # what was found is kept as long as its filter stays the same
_ASKED = 3  # runs whose opinion is asked at first, the newest


@dataclass(frozen=True)
class Chosen:
    """What a person set. opinions: by title of the run, None where labels are ordered by time.

    spread: of the numbers given, in standard deviations of which a run is off; 0 of classes.
    """

    wanted: LabelFilter
    opinions: Mapping[str, Opinion] | None
    identity: tuple[object, ...]  # changes with every setting
    spread: float


def choose_labels(dataset: Dataset, store: LabelStore, head: Head) -> Chosen:
    """The filters as widgets in one row, and the runs below it."""
    names, known = Names(store), _facets(labels_state(store, head), head.name, store)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        value = None
        if head.kind != "regression":
            classes = {one.identifier: one.name for one in store.classes(head.name)}
            value = _any("Class", list(classes), classes.__getitem__, f"class-{head.name}")
        person = _any("Person", list(known.people), names.person, "person")
        origin = _any("Way of labelling", list(known.origins), way, "origin")
        since, until, time_set = _time()
        order = NEWEST
        runs = _runs(dataset, head)
        if runs:
            order = st.segmented_control(
                "Order", [CONTRADICTED, NEWEST], default=CONTRADICTED, required=True,
                key="review-order",
                help="Contradicted first: labels of which the runs below are surest that another "
                "answer is right; of numbers, those that the runs put farthest away. "
                "A run that trained on a wrong label may have learnt it by heart. "
                "The others follow, newest first; labels that are held out for the test figure "
                "are always among those.",
            )  # fmt: skip
    if not runs:
        quiet(
            "No finished run answers this question, so none can contradict a label of it: they "
            "are ordered by time. A run on reference labels is not asked."
        )
    opinions, asked = None, tuple[str, ...]()
    if order == CONTRADICTED:
        asked = tuple(
            st.multiselect(
                "Runs that are asked",
                list(runs),
                default=list(runs)[:_ASKED],
                format_func=lambda run: listed_name(runs[run]),
                key=f"review-runs-{dataset.identifier}-{head.name}",
                placeholder="Choose a run",
            )
        )
        opinions = _opinions(dataset, store, {run: runs[run] for run in asked}, head)
    wanted = LabelFilter(value, person, origin, since, until)
    spread = spread_of(store, head.name) if head.kind == "regression" else 0.0
    return Chosen(wanted, opinions, (value, person, origin, time_set, order, asked), spread)


def _time() -> tuple[float | None, float | None, tuple[object, ...]]:
    """From when on and until when, as in `LabelFilter`, and what of it changes by hand alone."""
    span = st.selectbox("Time", [*_TIMES, _DAYS], key="review-time", width=180)
    if span == _DAYS:
        today = datetime.now(UTC).date()
        days = st.date_input(
            "First and last day",
            (today - timedelta(days=6), today),
            key="review-days",
            format="YYYY-MM-DD",
            width=240,
            help="Days in coordinated universal time (UTC), both included.",
        )
        return (*between(days), (span, *days))
    seconds = _TIMES[span]
    since = None if seconds is None else time.time() // _MINUTE * _MINUTE - seconds
    return since, None, (span,)


def between(days: Sequence[date]) -> tuple[float | None, float | None]:
    """The start of the first day and the end of the last one, UTC, seconds since 1970.

    days: one, while a person has not said the last one yet, or two; none stands for any time.
    """
    if not days:
        return None, None
    starts = [datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() for day in days]
    return starts[0], starts[-1] + _DAY


def labels_state(store: LabelStore, head: Head) -> tuple[object, ...]:
    """Changes with every answer, and with every merge of classes."""
    merged = tuple(sorted(store.class_table(head.name).merged.items()))
    return store.identity, store.last_event(), merged


@st.cache_resource(max_entries=8, show_spinner=False)
def _facets(state: tuple[object, ...], head: str, _store: LabelStore) -> Facets:
    return facets(_store, head)


def _any(
    title: str, options: list[Option], named: Callable[[Option], str], key: str
) -> Option | None:
    """A choice among `options`, or all of them (None)."""
    return st.selectbox(
        title,
        options,
        index=None,
        placeholder="Any",
        format_func=lambda option: short(named(option), 40),
        key=f"review-{key}",
        width=190,
    )


def _runs(dataset: Dataset, head: Head) -> dict[str, RunSummary]:
    """The finished runs on these items that answer `head` by no reference labels, newest first."""
    return {
        run.run: run
        for run in list_runs(workspace())
        if run.status.state == "finished"
        and run.request.dataset == dataset.identifier
        and run.request.fingerprint == dataset.manifest.fingerprint
        and run.request.classes
        and answers_head(run.request, head.name)
        and not told_by_reference(run.request, run.status.results)
    }


def _opinions(
    dataset: Dataset, store: LabelStore, runs: Mapping[str, RunSummary], head: Head
) -> dict[str, Opinion]:
    """What the runs say, by their names; those that say nothing are left out."""
    merged = tuple(sorted(store.class_table(head.name).merged.items()))
    found: dict[str, Opinion] = {}
    for run, summary in runs.items():
        folder = workspace().runs / run
        opinion = _opinion(folder, stamp(folder / PREDICTIONS), merged, head.name, dataset, store)
        if opinion is not None:
            found[listed_name(summary)] = opinion
    return found


@st.cache_resource(max_entries=12, show_spinner=False)
def _opinion(
    folder: Path,
    written: int,
    merged: tuple[tuple[int, int], ...],
    head: str,
    _dataset: Dataset,
    _store: LabelStore,
) -> Opinion | None:
    return opinion_of(_dataset, _store, RunFolder(folder), head)
