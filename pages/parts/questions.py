"""The questions that are asked of every item of a dataset, and a way to ask one more."""

import streamlit as st

from pages.parts.headwords import KINDS, answers_to
from pages.parts.looks import named, quiet
from pages.parts.session import guarded
from pages.parts.words import count, short
from ssl_core.datasets.dataset import Dataset
from ssl_core.heads import Head, HeadKind
from ssl_core.labels.new_head import add_derived_head, head_named, parsed_groups
from ssl_core.labels.store import LabelStore


def show_questions(dataset: Dataset, store: LabelStore) -> str:
    """The heads with what answers them and how many labels they have.

    Returns a sentence where one was added, else "".
    """
    noun = dataset.manifest.noun
    named("Questions")
    heads = store.heads()
    if len(heads) > 1:
        st.dataframe(
            {
                "Question": [head.title for head in heads],
                "Answer": [KINDS[head.kind] for head in heads],
                "Classes or unit": [answers_to(head) for head in heads],
                "Labels": [store.total(head.name) for head in heads],
            },
            hide_index=True,
            column_config={
                "Classes or unit": st.column_config.TextColumn(width="large"),
                "Labels": st.column_config.NumberColumn(format="localized"),
            },
        )
        quiet("The first one is the main question: the test accuracy of a run is about it.")
    else:
        quiet(f"One question is asked of every {noun}: its class, {answers_to(heads[0])}.")
    with st.expander("Ask another question", icon=":material/add:"), guarded():
        return add_question(dataset, store, len(heads))
    return ""


def choose_question(store: LabelStore) -> Head:
    """The head that the rest of the page is about; a choice where there are several."""
    heads = {head.name: head for head in store.heads()}
    if len(heads) == 1:
        return next(iter(heads.values()))
    chosen = st.segmented_control(
        "Question",
        list(heads),
        default=next(iter(heads)),
        required=True,
        format_func=lambda name: short(heads[name].title, 40),
        key="labels-question",
    )
    return heads[chosen]


def add_question(dataset: Dataset, store: LabelStore, place: int) -> str:
    """A form for the head at `place`; a sentence once it was added. Raises UserError."""
    title = st.text_input(
        "Question", key=f"question-title-{place}", placeholder="Shape", max_chars=60
    )
    kind = st.segmented_control(
        "Answer", list(KINDS), default="categorical", required=True, key=f"question-kind-{place}",
        format_func=lambda one: KINDS[one],
    )  # fmt: skip
    unit = typed = derived = ""
    if kind == "regression":
        unit = st.text_input(
            "Unit", key=f"question-unit-{place}", placeholder="years", max_chars=40
        )
    else:
        typed = st.text_input(
            "Classes, separated by commas",
            key=f"question-classes-{place}",
            placeholder="no, yes" if kind == "binary" else "round, straight",
            help="The second one counts as positive."
            if kind == "binary"
            else "More can be added while labelling.",
        )
    if kind != "regression" and dataset.manifest.classes:
        derived = st.text_input(
            "Or derived from the classes that came with the data",
            key=f"question-derived-{place}",
            placeholder="round = 0, 6, 8, 9; straight = 1, 4, 7",
            help="Then the answers that follow from the reference labels can be drawn or adopted, "
            "and they make the test figure.",
        )
    if not st.button("Ask it", key="question-add"):
        return ""
    return _add(dataset, store, title, kind, typed, derived, unit)


def _add(
    dataset: Dataset,
    store: LabelStore,
    title: str,
    kind: HeadKind,
    typed: str,
    derived: str,
    unit: str,
) -> str:
    """Add the head that was described and say so. Raises UserError."""
    many = dataset.manifest.noun_plural
    if derived.strip():
        groups = parsed_groups(derived)
        head = head_named(title, kind, [name for name, _ in groups])
        number = add_derived_head(dataset, store, head, groups)
        known = f"{count(number)} {many} have a reference answer to it."
    else:
        names = [one for one in typed.split(",") if one.strip()]
        head = head_named(title, kind, names, unit)
        store.add_head(head)
        known = f"Answer it for some {many} on the label page."
    return f"“{head.title}” is asked from now on. {known}"
