"""Pictures of several runs beside each other, at one step for all."""

from collections.abc import Sequence

import streamlit as st

from pages.parts.looks import quiet
from pages.parts.onestep import (
    pictures_of,
    published_by,
    show_at_step,
    step_slider,
    with_number,
)
from ssl_core.runs.comparison import RunGroup
from ssl_core.runs.nearest import shared_panels, steps_of

MOST_RUNS = 6


@st.fragment(key="same-step")
def show_same_step(groups: Sequence[RunGroup], names: Sequence[str]) -> None:
    """One picture of each group (of its first run), all moved by one slider."""
    published = published_by(groups, ("matrix", "image_grid"))
    titles = shared_panels(published)
    if not titles:
        quiet(
            "No matrix or image grid is published by two of these runs. Tick runs of methods "
            "that show the same picture."
        )
        return
    chosen = st.selectbox(
        "Picture", list(titles), key="same-step-panel", width=380,
        format_func=lambda name: with_number(titles[name], name, published),
    )  # fmt: skip
    shown = pictures_of(chosen, groups, names, published)
    if len(shown) > MOST_RUNS:
        quiet(f"The first {MOST_RUNS} of {len(shown)} kinds of run. Tick fewer to see the others.")
        shown = shown[:MOST_RUNS]
    step = step_slider(steps_of([picture.info for picture in shown]), "same-step")
    show_at_step(shown, step, "same-step")
