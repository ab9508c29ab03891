"""Review: labels found again, what runs say against them, their cost, and how people agree."""

import streamlit as st

from pages.parts.browserperson import browser_person
from pages.parts.looks import quiet
from pages.parts.questions import choose_question
from pages.parts.reviewagreement import show_agreement
from pages.parts.reviewbatches import show_batches
from pages.parts.reviewcost import show_cost
from pages.parts.reviewlabels import show_labels
from pages.parts.session import guarded
from pages.parts.states import nothing_yet
from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.store import LabelStore, open_labels

LABELS, BATCHES, COST, AGREEMENT = "Labels", "Batches", "Cost", "Agreement"
_SAID = {
    LABELS: "Find labels again, see what your runs say against them, and change them in place.",
    BATCHES: "Labels that were submitted together, from the grid, a cluster or a file.",
    COST: "What a label costs in seconds, by person, class and way of labelling.",
    AGREEMENT: "Images or texts that several people answered, and where they differ.",
}


def review_view(dataset: Dataset) -> None:
    """The view Review of the label page."""
    store = open_labels(dataset)
    main = st.container()
    person = browser_person()  # below all else, for it leaves a gap
    with main:
        _draw(dataset, store, person)


def _draw(dataset: Dataset, store: LabelStore, person: str) -> None:
    if not store.last_event():
        many = dataset.manifest.noun_plural
        nothing_yet(
            "Nothing to review yet",
            f"Label a few {many} first: choose “One at a time” or “Grid” above. Then they are "
            "found here again by class, person and time, and runs say which look wrong.",
        )
        return
    part = st.segmented_control(
        "Part",
        list(_SAID),
        default=LABELS,
        required=True,
        key="review-part",
        label_visibility="collapsed",
    )
    if part != BATCHES:
        head = choose_question(store)
    quiet(_SAID[part])
    with guarded():
        if part == LABELS:
            show_labels(dataset, store, head, person)
        elif part == BATCHES:
            show_batches(store, person, dataset.manifest.noun)
        elif part == COST:
            show_cost(store, head)
        else:
            show_agreement(dataset, store, head)
