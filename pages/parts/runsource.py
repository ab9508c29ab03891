"""Which runs the watch page lists: those that were started one by one, or those of one study.

A study makes dozens of runs, among which a person would not find their own.
"""

from collections.abc import Sequence

import streamlit as st

from pages.parts.session import workspace
from pages.parts.studyview import study_names
from ssl_core.runs.listing import RunSummary
from ssl_core.studies.study import list_studies

OWN, ALL = "own", "all"
RUN = "run"  # in the address, beside the one of this choice
_ADDRESS = "runs"
_CHOICE, _SEEN = "run-source", "run-source-in-address"


def source_of(run: RunSummary) -> str:
    """The identity of the study that a run belongs to; that of those without one."""
    return OWN if run.request.cell is None else run.request.cell.identity


def choose_source(runs: Sequence[RunSummary]) -> list[RunSummary]:
    """The runs of the chosen source. `?runs=` in the address names it.

    runs: newest first, at least one. A run that the address names brings its source along. No
    question where all runs have one source.
    """
    sources = list(dict.fromkeys(source_of(run) for run in runs))
    if len(sources) < 2:
        st.query_params.pop(_ADDRESS, None)
        return list(runs)
    sources.sort(key=lambda source: source != OWN)  # the others stay newest first
    known = [*sources, ALL]
    state, asked = st.session_state, st.query_params.get(_ADDRESS)
    if asked in known and asked != state.get(_SEEN):
        state[_CHOICE] = asked
    elif state.get(_CHOICE) not in known:
        state[_CHOICE] = sources[0]
    _follow_run(runs)
    names = _names(runs, sources)
    chosen = st.selectbox(
        "Runs", known, key=_CHOICE, format_func=lambda source: names[source],
        on_change=_forget_run, persist_state="session",
        help="A study makes many runs: they are listed apart from those that you started.",
    )  # fmt: skip
    if asked != chosen:
        st.query_params[_ADDRESS] = chosen
    state[_SEEN] = chosen
    return [run for run in runs if chosen in (ALL, source_of(run))]


def _follow_run(runs: Sequence[RunSummary]) -> None:
    """List the run that the address names, wherever it comes from."""
    asked = st.query_params.get(RUN)
    named = next((run for run in runs if run.run == asked), None)
    if named is not None and st.session_state[_CHOICE] not in (ALL, source_of(named)):
        st.session_state[_CHOICE] = source_of(named)


def _forget_run() -> None:
    """The run that was shown is not among those of another source."""
    st.query_params.pop(RUN, None)


def _names(runs: Sequence[RunSummary], sources: Sequence[str]) -> dict[str, str]:
    """What each source is called: by what its study asks, or by its folder where that is gone."""
    studies = [study for study in list_studies(workspace()) if study.identity in sources]
    titles = study_names(studies)
    names = {OWN: "Started one by one", ALL: "All runs"}
    names |= {study.identity: f"Study: {titles[study.name]}" for study in studies}
    for run in runs:
        cell = run.request.cell
        if cell is not None and cell.identity not in names:
            name = f"Deleted study {cell.study}"
            names[cell.identity] = (
                name if name not in names.values() else f"{name} · {cell.identity}"
            )
    return names
