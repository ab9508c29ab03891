"""What the trainings of a loop reached, what the last one changed, and what follows from it."""

from collections.abc import Sequence

import streamlit as st

from pages.parts.gallery import Tile, image_grid
from pages.parts.look import current_look
from pages.parts.looks import facts, quiet, tag
from pages.parts.loopchart import loop_figure
from pages.parts.runtext import accuracy_text
from pages.parts.screens import page_of
from pages.parts.text_cards import text_strip
from pages.parts.words import count, counted, plain, share, short
from ssl_core.datasets.dataset import Dataset
from ssl_core.datasets.thumbnails import data_url
from ssl_core.labels.class_table import ClassTable
from ssl_core.labels.store import open_labels
from ssl_core.loop.advice import Advice, Training, advise
from ssl_core.loop.answers import run_answers
from ssl_core.loop.history import REFERENCE, Truth, changed_items, trainings, truth_of
from ssl_core.runs.folder import RunFolder

_SHOWN = 12  # items whose answer changed
_SIDE = 64  # pixels of a thumbnail
_ICONS = {"stop": ":material/flag:", "look": ":material/search:"}


def show_results(dataset: Dataset, folders: Sequence[RunFolder]) -> None:
    """Curve, advice and changes. folders: the finished trainings, the newest first."""
    store = open_labels(dataset)
    table, truth = store.class_table(), truth_of(dataset, store)
    history = _history(dataset, table, truth, folders) if folders else []
    if history:
        _show_accuracy(history, truth)
    _show_advice(advise(history), dataset)
    if len(history) > 1:
        _show_changes(dataset, table, folders, history)


def _history(
    dataset: Dataset, table: ClassTable, truth: Truth, folders: Sequence[RunFolder]
) -> list[Training]:
    state = (str(dataset.folder), dataset.manifest.fingerprint, truth.key, repr(table.merged))
    paths = tuple(str(folder.path) for folder in reversed(folders))
    return _trainings(state, paths, dataset, table, truth, folders)


@st.cache_data(max_entries=32, show_spinner=False)
def _trainings(
    state: tuple[object, ...],
    paths: tuple[str, ...],
    _dataset: Dataset,
    _table: ClassTable,
    _truth: Truth,
    _folders: Sequence[RunFolder],
) -> list[Training]:
    """The oldest first; kept while neither the trainings nor the truth change."""
    return trainings(_dataset, _table, _truth, list(reversed(_folders)))


def _show_accuracy(history: Sequence[Training], truth: Truth) -> None:
    newest = history[-1]
    if newest.accuracy is None:
        return
    facts({"Accuracy on the held-out part": accuracy_text(newest.accuracy, newest.interval)})
    badge = tag("uses reference labels", "reference") if truth.source == REFERENCE else ""
    st.html(
        f'<p class="hf-quiet">{counted(newest.count, "item")}, {truth.source}; all points are '
        f"counted on the same ones, with 95 % intervals. {badge}</p>"
    )
    figure = loop_figure(history, current_look())
    st.plotly_chart(figure, key="loop-curve", config={"displayModeBar": False})


def _show_advice(advice: Advice, dataset: Dataset) -> None:
    box = st.success if advice.verdict == "stop" else st.info
    if advice.verdict == "look":
        box = st.warning
    box(plain(advice.text), icon=_ICONS.get(advice.verdict, ":material/lightbulb:"))
    for ground in advice.grounds:
        quiet(ground)
    if advice.verdict == "look":
        st.page_link(
            page_of("label"), label="Review labels", icon=":material/search:", width="content",
            query_params={"dataset": dataset.identifier, "view": "review"},
        )  # fmt: skip


def _show_changes(
    dataset: Dataset, table: ClassTable, folders: Sequence[RunFolder], history: Sequence[Training]
) -> None:
    """How many answers the last training changed, with the surest of them."""
    st.subheader("What the last training changed", anchor=False)
    by_run = {folder.run: folder for folder in folders}
    before, after = (run_answers(by_run[one.run], table) for one in history[-2:])
    changed = history[-1].changed
    if after is None or before is None or changed is None:
        return
    items = changed_items(dataset, before, after, _SHOWN)
    quiet(
        f"{share(changed)} of the {dataset.manifest.noun_plural} to train on get another "
        f"answer than before. {'The surest new answers:' if items else ''}"
    )
    names = {one.identifier: one.name for one in table.live}
    captions = [
        f"{_name(names, int(before.classes[item]))} → {_name(names, int(after.classes[item]))}"
        for item in items
    ]
    show_items(dataset, items, captions)


def _name(names: dict[int, str], identifier: int) -> str:
    return short(names.get(identifier, "–"), 12)


def show_items(dataset: Dataset, items: Sequence[int], captions: Sequence[str]) -> None:
    """A few items, each with its caption."""
    if not items:
        return
    if dataset.manifest.kind == "texts":
        texts = dataset.texts_of(list(items))
        text_strip([f"{said} · {text}" for said, text in zip(captions, texts, strict=True)])
        return
    names = dataset.names_of(items)
    image_grid(
        [
            Tile(data_url(dataset.images[item]), f"{name} · item {count(item)} · {said}", said)
            for item, name, said in zip(items, names, captions, strict=True)
        ],
        _SIDE,
    )
