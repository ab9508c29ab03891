"""Labels found again, with what runs say of them; each can be changed where it is shown."""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from html import escape

import streamlit as st

from pages.parts.looks import quiet, tag
from pages.parts.reviewcards import card_width, item_card, item_heads
from pages.parts.reviewfilter import Chosen, choose_labels, labels_state
from pages.parts.reviewwords import Names, way, when
from pages.parts.session import show_error
from pages.parts.states import nothing_yet
from pages.parts.words import count, counted, plain, share
from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.heads import Head
from ssl_core.labels.events import Answer, LabelEvent
from ssl_core.labels.review import (
    FoundLabels,
    LabelFilter,
    ReviewedLabel,
    find_labels,
    item_history,
    labels_of,
)
from ssl_core.labels.store import LabelStore
from ssl_core.runs.contradictions import Opinion, contradicts, most_contradicted

PAGE = 24
_MOST_PILLS = 24  # classes; with more of them a list is searched
_HISTORY = 20
_LONGEST_TIME = 86_400.0  # seconds that an event may hold
_DONE, _FAILED = "review-done", "review-failed"


@st.fragment
def show_labels(dataset: Dataset, store: LabelStore, head: Head, person: str) -> None:
    """Filters, and a page of the labels that pass them."""
    _tell()
    chosen = choose_labels(dataset, store, head)
    found = _found(labels_state(store, head), head.name, astuple(chosen.wanted), store)
    number, against = len(found.items), 0
    if not number:
        nothing_yet("No label passes the filter", "Set “Class”, “Person”, “Way” or “Time” wider.")
        return
    if chosen.opinions is not None:
        opinions = list(chosen.opinions.values())
        first, _ = most_contradicted(dataset, found, opinions, chosen.spread)
        found, against = found.led_by(first), len(first.items)
    pages = -(-number // PAGE)
    place = st.container()
    page = 1
    if pages > 1:
        page = st.pagination(pages, key=f"review-page-{head.name}-{hash(chosen.identity)}")
    start = (page - 1) * PAGE
    with place:
        shown = f"{count(start + 1)} to {count(min(start + PAGE, number))}"
        quiet(f"{shown} of {counted(number, 'label')}{_order(chosen, against, number)}.")
        labels = labels_of(store, found.sequences[start : start + PAGE].tolist())
        _cards(dataset, store, labels, chosen, person)


@st.cache_resource(max_entries=8, show_spinner=False)
def _found(
    state: tuple[object, ...], head: str, wanted: tuple[object, ...], _store: LabelStore
) -> FoundLabels:
    """As `find_labels`: tens of thousands are not read again because a card was opened."""
    return find_labels(_store, LabelFilter(*wanted), head)


def _tell() -> None:
    """What the last change came to: its callback may draw nothing itself."""
    done, failed = (st.session_state.pop(name, "") for name in (_DONE, _FAILED))
    if done:
        st.toast(done)
    if failed:
        show_error(failed)


def _order(chosen: Chosen, against: int, number: int) -> str:
    """The order of `number` labels, of which runs contradict `against`, behind their count."""
    if chosen.opinions is None:
        return ", newest first"
    if not chosen.opinions:
        return ", newest first: no run is chosen that could contradict them"
    by = "by a run" + (
        ", by one standard deviation (SD) of all labels or more" if chosen.spread else ""
    )
    if not against:
        return f", newest first: none is contradicted {by}"
    if against == number:
        return f": all are contradicted {by}, the most confident contradictions first"
    are, these = ("is", "it comes") if against == 1 else ("are", "these come")
    return f": {count(against)} {are} contradicted {by}; {these} first, then the newest"


def _cards(
    dataset: Dataset,
    store: LabelStore,
    labels: Sequence[ReviewedLabel],
    chosen: Chosen,
    person: str,
) -> None:
    names = Names(store)
    colours = {one.identifier: one.colour for one in store.classes(labels[0].head)}
    heads = item_heads(dataset, [label.item for label in labels])
    with st.grid(min_column_width=card_width(dataset), gap="medium", key="hf-review-grid"):
        for label, head in zip(labels, heads, strict=True):
            with st.container(border=True, gap="small", key=f"hf-card-label-{label.sequence}"):
                lines = _lines(names, colours, label)
                if not dataset.held_out[label.item]:  # corrected by a run they would flatter it
                    lines += _opinions(names, chosen, label)
                item_card(head, lines)
                _change(store, names, label, person)


def _lines(names: Names, colours: Mapping[int, str], label: ReviewedLabel) -> list[str]:
    colour = colours.get(int(label.value))
    mark = f'<i style="background:{colour}"></i>' if colour else ""
    answer = escape(names.answer(label.head, label.value))
    who = f"{names.person(label.person)}, {way(label.origin)}, {when(label.created)}"
    lines = [f"{mark}<b>{answer}</b>", escape(who)]
    if not label.counts:
        lines.append(tag("a later answer counts"))
    return lines


def _opinions(names: Names, chosen: Chosen, label: ReviewedLabel) -> list[str]:
    """What the chosen runs say of a label where they contradict it."""
    lines = []
    for title, opinion in (chosen.opinions or {}).items():
        said = _said(names, opinion, label, chosen.spread)
        if said:
            name = title.partition(" · ")[0]
            line = f"{tag(said, 'bad')} {escape(name)}"  # the name may be cut off, its title not
            lines.append(f'<span title="{escape(title)}">{line}</span>')
    return lines


def _said(names: Names, opinion: Opinion, label: ReviewedLabel, spread: float) -> str:
    """What a run says against a label, "" for nothing."""
    strength = contradicts(opinion, label.item, label.value, spread)
    if not strength:
        return ""
    sure = share(strength, 0) if opinion.confidence is not None else f"{strength:.1f} SD off"
    return f"{names.answer(label.head, opinion.answers[label.item].item())} · {sure}"


def _change(store: LabelStore, names: Names, label: ReviewedLabel, person: str) -> None:
    """Another answer, or none; and the history. Drawn only once it is opened."""
    popover = st.popover(
        "Change", icon=":material/edit:", key=f"change-{label.sequence}", on_change="rerun"
    )
    opened = _opened(label)
    if not popover.open:
        st.session_state.pop(opened, None)
        return
    st.session_state.setdefault(opened, time.monotonic())
    with popover:
        _answers(store, names, label, person)
        st.button(
            "Take the label away",
            icon=":material/label_off:",
            key=f"away-{label.sequence}",
            on_click=_give,
            args=(store, names, label, None, person),
        )
        quiet("History, newest first")
        for event in item_history(store, label.item, _HISTORY):
            line = plain(names.event(event))
            st.markdown(f"~~{line}~~ undone" if event.undone else line)


def _opened(label: ReviewedLabel) -> str:
    """Where the session keeps since when the answer to a label can be changed."""
    return f"review-opened-{label.sequence}"


def _answers(store: LabelStore, names: Names, label: ReviewedLabel, person: str) -> None:
    key = f"answer-{label.sequence}"
    if names.head(label.head).kind == "regression":
        unit = names.head(label.head).unit
        value = st.number_input(f"Answer, {unit}" if unit else "Answer", key=key, value=label.value)
        give = (store, names, label, float(value), person)
        st.button("Save", key=f"save-{label.sequence}", on_click=_give, args=give)
        return
    classes = {one.identifier: one.name for one in store.classes(label.head)}
    pick = st.pills if len(classes) <= _MOST_PILLS else st.selectbox
    pick(
        "Another class",
        [identifier for identifier in classes if identifier != label.value],
        **({} if pick is st.pills else {"index": None}),
        format_func=lambda identifier: plain(classes[identifier]),
        key=key,
        on_change=_take_choice,
        args=(store, names, label, person, key),
    )


def _take_choice(
    store: LabelStore, names: Names, label: ReviewedLabel, person: str, key: str
) -> None:
    value = st.session_state.get(key)
    if value is not None:
        _give(store, names, label, int(value), person)


def _give(
    store: LabelStore, names: Names, label: ReviewedLabel, value: Answer | None, person: str
) -> None:
    """Store another answer of `person`; what was there stays in the history.

    Its time is that since "Change" was opened, or since the answer given before in it.
    """
    now = time.monotonic()
    since = st.session_state.pop(_opened(label), now)
    event = LabelEvent(
        event=uuid.uuid4().hex,
        kind="label",
        person=person,
        item=label.item,
        head=label.head,
        value=value,
        seconds=min(now - since, _LONGEST_TIME),
    )
    said = "without a label" if value is None else names.answer(label.head, value)
    try:
        store.append([event])
        st.session_state[_DONE] = f"Item {label.item} is now {plain(said)}."
    except UserError as error:
        st.session_state[_FAILED] = str(error)
