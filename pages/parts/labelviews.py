"""The ways of labelling: one at a time, a grid, the clusters of a run, and looking back."""

from collections.abc import Callable

import streamlit as st

from pages.parts.labelboard import label_board
from pages.parts.labelgrid import label_grid
from pages.parts.review import review_view
from pages.parts.session import workspace
from pages.parts.states import nothing_yet
from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.store import open_labels
from ssl_core.runs.clustering import source_of, usable_runs

ONE = "one"
_KEY = "label-view"


def choose_view() -> str:
    """The way of labelling that is shown; `?view=` in the address names it."""
    state, asked = st.session_state, st.query_params.get("view", ONE)
    asked = asked if asked in _VIEWS else ONE
    if state.get(_SEEN) != asked or f"{_KEY}-{state.get(_TURN)}" not in state:
        # A widget of its own, which begins there: a value that the server sets instead is lost
        # where the page is drawn twice before the browser has shown it once.
        state[_TURN], state[_START] = state.get(_TURN, 0) + 1, asked
    chosen = st.segmented_control(
        "Way of labelling",
        list(_VIEWS),
        default=state[_START],
        required=True,
        key=f"{_KEY}-{state[_TURN]}",
        format_func=lambda view: _VIEWS[view][0],
        label_visibility="collapsed",
    )
    view = chosen or ONE
    if st.query_params.get("view", ONE) != view:
        st.query_params["view"] = view
    state[_SEEN] = view
    return view


def show_view(view: str, dataset: Dataset) -> None:
    """Draw one of the ways that `choose_view` names."""
    _VIEWS[view][1](dataset)


def _one_at_a_time(dataset: Dataset) -> None:
    label_board(dataset.identifier, dataset.manifest.noun)


def _grid(dataset: Dataset) -> None:
    if _has_classes(dataset):
        label_grid(dataset.identifier, dataset.manifest.noun, "grid")


def _clusters(dataset: Dataset) -> None:
    runs = usable_runs(workspace(), dataset)
    if not any(source_of(outline) for _, outline in runs):
        nothing_yet(
            "No clusters yet",
            "Train IIC, MINE or SimCLR on this dataset, which needs no label. When the run has "
            f"ended, {dataset.manifest.noun_plural} that it found alike lie together here, and a "
            "whole cluster is named at once.",
            "Go to Train",
            "train",
        )
    elif _has_classes(dataset):
        label_grid(dataset.identifier, dataset.manifest.noun, "clusters")


def _has_classes(dataset: Dataset) -> bool:
    """Whether a question is answered with a class; says so where none is."""
    if any(head.kind != "regression" for head in open_labels(dataset).heads()):
        return True
    nothing_yet(
        "No question with classes",
        "Here many get the same class at once. Every question of this dataset is answered with a "
        "number: label one at a time.",
    )
    return False


_SEEN, _TURN, _START = "view-in-address", "view-turn", "view-at-first"
_VIEWS: dict[str, tuple[str, Callable[[Dataset], None]]] = {
    ONE: ("One at a time", _one_at_a_time),
    "grid": ("Grid", _grid),
    "clusters": ("Clusters", _clusters),
    "review": ("Review", review_view),
}
