"""The right half of the loop page: the method that trains, and what the labels bring."""

import streamlit as st

from pages.parts.loopclasses import show_labels_seen
from pages.parts.loopresults import show_results
from pages.parts.loopturn import show_controls, show_turn
from pages.parts.session import workspace
from ssl_core.datasets.dataset import Dataset
from ssl_core.loop.settings import read_loop
from ssl_core.loop.turn import finished_trainings, runs_on
from ssl_core.runs.folder import RunFolder

# The board fills the window, so what stands beside it scrolls by itself: the image stays in sight.
_STYLE = """<style>
.stVerticalBlock.st-key-hf-loop-side {
  flex: none; height: max(520px, calc(100vh - 8rem)); overflow: hidden auto; flex-wrap: nowrap;
  gap: 0.8rem; padding-right: 0.6rem; scrollbar-gutter: stable;
}
.st-key-hf-loop-side > * { flex: none; }
.st-key-hf-loop-side .hf-line { font-size: 0.9rem; }
@media (max-width: 1400px) {
  [data-testid="stMainBlockContainer"] { padding-left: 1.5rem; padding-right: 1.5rem; }
}
</style>"""


def loop_style() -> None:
    """How the two halves share the window."""
    st.html(_STYLE)


def loop_side(dataset: Dataset) -> None:
    """Controls and state of the loop, its curve, its advice, what changed, what is needed."""
    state, runs = read_loop(dataset), runs_on(workspace(), dataset)
    finished = finished_trainings(dataset, state, runs)
    folders = [RunFolder(workspace().runs / run.run) for run in finished]
    with st.container(border=True, key="hf-card-loop"):
        show_controls(dataset, state, runs)
        show_turn(dataset, tuple(folder.run for folder in folders))
    show_results(dataset, folders)
    show_labels_seen(dataset, folders)
