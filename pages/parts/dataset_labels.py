"""Labels of a dataset other than by hand: drawn from reference labels, adopted, from a file."""

import streamlit as st

from pages.parts.label_files import label_files
from pages.parts.looks import bars, facts, named, quiet, tag
from pages.parts.questions import choose_question, show_questions
from pages.parts.screens import go_to
from pages.parts.session import guarded
from pages.parts.words import count, counted, plain, short
from ssl_core.datasets.dataset import Dataset
from ssl_core.heads import Head
from ssl_core.labels.draw import adopt_reference_labels, draw_labels
from ssl_core.labels.reference import came_with_answers
from ssl_core.labels.store import LabelStore, open_labels

_NOTICE = "labels_notice"  # what the last action did, shown after the rerun


def dataset_labels(dataset: Dataset) -> None:
    """Where labelling stands, and the ways to get labels without pressing keys."""
    store = open_labels(dataset)
    notice = st.session_state.pop(_NOTICE, None)
    if notice:
        st.success(plain(notice), icon=":material/check_circle:")
    head = choose_question(store)
    show_counts(store, head)
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, key="hf-card-simulated"):
        simulated(dataset, store, head)
    with right, st.container(border=True, key="hf-card-csv"):
        added = label_files(dataset, store, head)
    if added:
        done(added)
    with st.container(border=True, key="hf-card-questions"):
        added = show_questions(dataset, store)
    if added:
        done(added)


def show_counts(store: LabelStore, head: Head) -> None:
    """How many labels each class of `head` has, or between which numbers they lie."""
    current, goal = store.current(head.name), store.goal()
    total = len(current.items)
    seconds = store.median_seconds()
    entries = {
        "Labelled": count(total),
        "Goal": count(goal),
        "Median time a label": f"{seconds:.1f} s" if seconds is not None else "–",
    }
    if total and head.kind == "regression":
        low, high = float(current.values.min()), float(current.values.max())
        entries["Between"] = f"{low:g} and {high:g} {head.unit}".strip()
    facts(entries)
    if total and head.kind != "regression":
        numbers = store.counts(head.name)
        classes = store.classes(head.name)
        bars([(found.name, numbers.get(found.identifier, 0)) for found in classes])
    if st.button("Label by hand", icon=":material/sell:", type="primary", key="labels-by-hand"):
        go_to("label", st.session_state.get("chosen_dataset"))


def simulated(dataset: Dataset, store: LabelStore, head: Head) -> None:
    """Labels out of the reference labels: some drawn at random, or all of them adopted."""
    noun, many = dataset.manifest.noun, dataset.manifest.noun_plural
    named("Simulated labelling", tag("uses reference labels", "reference"))
    if not came_with_answers(dataset, head):
        what = "This question has no" if len(store.heads()) > 1 else "This dataset came without"
        quiet(f"{what} reference labels, so there is nothing to draw from.")
        return
    quiet(
        f"For experiments: as if a person had labelled {many} picked at random. The labels are "
        f"marked as drawn. The same seed draws the same {many}, and a larger number adds to them."
    )
    numbers = head.kind == "regression"
    title = "Labels" if numbers else "Labels in each class"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        each = st.number_input(title, 1, 10_000, 10, key="draw-each", width=170)
        seed = st.number_input("Seed", 0, 2**31 - 1, 0, key="draw-seed", width=130)
        if st.button(f"Label {count(each)} {'' if numbers else 'per class '}for me", key="draw"):
            with guarded():
                added = draw_labels(dataset, store, int(each), int(seed), head.name)
                done(f"{counted(added, noun)} labelled from the reference labels.")
    quiet("Adopting takes every reference label outside the test split as if it were yours.")
    if st.button("Adopt all reference labels", key="adopt"):
        confirm_adoption(dataset, store, head)


@st.dialog("Adopt all reference labels?")
def confirm_adoption(dataset: Dataset, store: LabelStore, head: Head) -> None:
    """Adoption ends the separation of reference labels from training, so it is asked twice."""
    outside = sum(number for split, number in dataset.manifest.splits.items() if split != "test")
    st.write(
        f"Up to {counted(outside, dataset.manifest.noun)} of "
        f"{plain(short(dataset.manifest.name))} get their reference label. Runs started "
        "afterwards train on them. Labels that you gave by hand stay."
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Leave them apart", key="adopt-no"):
            st.rerun()
        if st.button("Adopt", type="primary", key="adopt-yes"):
            with guarded():
                added = adopt_reference_labels(dataset, store, head.name)
                done(f"{counted(added, 'reference label')} adopted.")


def done(sentence: str) -> None:
    """Tell what happened after the page has been drawn anew."""
    st.session_state[_NOTICE] = sentence
    st.rerun()
