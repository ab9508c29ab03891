"""How far people agree, and the items on which they do not."""

import streamlit as st

from pages.parts.looks import named, quiet
from pages.parts.reviewcards import item_cards
from pages.parts.reviewwords import Names
from pages.parts.session import guarded
from pages.parts.states import nothing_yet
from pages.parts.tables import whole, written
from pages.parts.words import count, counted
from ssl_core.datasets.dataset import Dataset
from ssl_core.heads import Head
from ssl_core.labels.agreement import Agreement, agreements, answers_by_item, disagreements
from ssl_core.labels.events import Answer
from ssl_core.labels.store import LabelStore

REASON = "people disagree"
_SHOWN = 48


def show_agreement(dataset: Dataset, store: LabelStore, head: Head) -> None:
    """Every two people with items in common, then the items that they answered differently."""
    answers = answers_by_item(store, head.name)
    pairs = agreements(answers, head.kind == "regression")
    if not pairs:
        many = dataset.manifest.noun_plural
        nothing_yet(
            f"No {dataset.manifest.noun} was answered by two people yet",
            f"When two people label the same {many}, both answers are kept. Let a second person "
            "open this dataset in another browser and label some that are labelled already.",
        )
        return
    names = Names(store)
    _pairs(names, head, pairs)
    different = disagreements(answers)
    named("Where they differ")
    if not different:
        quiet("Everybody gave the same answers.")
        return
    _send(store, different)
    shown = list(different)[:_SHOWN]
    item_cards(dataset, {item: _opinions(names, head, different[item]) for item in shown})
    if len(different) > _SHOWN:
        quiet(f"The first {_SHOWN} of {count(len(different))} are shown.")


def _pairs(names: Names, head: Head, pairs: list[Agreement]) -> None:
    rows: dict[str, list[object]] = {
        "One": [names.person(pair.first) for pair in pairs],
        "Other": [names.person(pair.second) for pair in pairs],
        "Answered by both": [pair.items for pair in pairs],
        "Alike, %": [100 * pair.same / pair.items for pair in pairs],
    }
    columns = {"Answered by both": whole, "Alike, %": "{:.1f}".format}
    if head.kind == "regression":
        measured = f"Mean difference, {head.unit or 'no unit'}"
        rows[measured] = [pair.difference for pair in pairs]
        columns[measured] = "{:.3g}".format
    else:
        rows["Cohen's kappa"] = [pair.kappa for pair in pairs]
        columns["Cohen's kappa"] = "{:.2f}".format
    st.dataframe(written(rows, columns), hide_index=True)
    if head.kind != "regression":
        quiet(
            "Kappa is the agreement beyond chance: 1 is always the same, 0 no better than two "
            "people who draw lots, each with their own frequencies. A dash: both gave one class "
            "only, so that chance alone agrees."
        )


def _send(store: LabelStore, different: dict[int, dict[str, Answer]]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            f"Send {count(len(different))} to the queue",
            icon=":material/forward_to_inbox:",
            key="send-disagreements",
            help="They come first for everybody until they are answered.",
        ):
            with guarded():
                sent = store.send_items(list(different), REASON)
                st.toast(f"{counted(sent, 'item')} added to the front of the queue.")


def _opinions(names: Names, head: Head, given: dict[str, Answer]) -> list[str]:
    return [
        f"{names.person(person)}: {names.answer(head.name, value)}"
        for person, value in given.items()
    ]
