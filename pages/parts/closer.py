"""What looks closer at the chosen runs, one at a time: all at once would be a slow page."""

from collections.abc import Sequence

import streamlit as st

from pages.parts.disagreementview import show_disagreement
from pages.parts.pairview import show_pair
from pages.parts.samestep import show_same_step
from ssl_core.datasets.dataset import Dataset
from ssl_core.runs.comparison import RunGroup

_PAIR, _STEP, _DIFFER = "Is one better?", "Pictures at the same step", "Where they disagree"


@st.fragment(key="closer")
def look_closer(dataset: Dataset, groups: Sequence[RunGroup], names: Sequence[str]) -> None:
    """A paired test of two runs, pictures at one step for all, or items on which they differ."""
    chosen = st.segmented_control(
        "Look closer", [_PAIR, _STEP, _DIFFER], default=_PAIR, required=True, key="look-closer",
        label_visibility="collapsed",
    )  # fmt: skip
    if chosen == _STEP:
        show_same_step(groups, names)
    elif chosen == _DIFFER:
        show_disagreement(dataset, groups)
    else:
        show_pair(dataset, [run for group in groups for run in group.runs])
