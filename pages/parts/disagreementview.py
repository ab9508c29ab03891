"""Items on which the chosen runs differ, and the way from there to the label queue."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st

from pages.parts.looks import quiet
from pages.parts.pairview import distinct_names
from pages.parts.screens import link_to
from pages.parts.session import show_error, workspace
from pages.parts.words import count, counted, plain, share, short
from ssl_core.datasets.dataset import Dataset
from ssl_core.datasets.thumbnails import data_url
from ssl_core.errors import UserError
from ssl_core.files import stamp
from ssl_core.labels.store import open_labels
from ssl_core.runs.comparison import RunGroup
from ssl_core.runs.disagreement import Disagreement, disagreement, worth_labelling
from ssl_core.runs.folder import PREDICTIONS, RunFolder
from ssl_core.runs.listing import RunSummary

MOST_RUNS = 6
PAGE = 48
SENT = 100  # items at a time
LETTERS = 300  # of a text
_PLACES = {"pool": "To label", "test": "Test split"}
_MESSAGE = "disagreement-sent"
Row = tuple[int, list[tuple[str, float]]]


@st.fragment(key="disagreement")
def show_disagreement(dataset: Dataset, groups: Sequence[RunGroup]) -> None:
    """What one run of each kind says where they do not all say the same."""
    runs = [run for group in groups if (run := _answering(group)) is not None]
    if len(runs) < 2:
        quiet("Tick finished runs of two kinds or more to see on which items they differ.")
        return
    if len(runs) > MOST_RUNS:
        quiet(f"The first {MOST_RUNS} of {len(runs)} kinds of run are compared.")
        runs = runs[:MOST_RUNS]
    letters = "ABCDEF"[: len(runs)]
    names = distinct_names(runs)
    with st.container(border=True, key="hf-card-disagreement"):
        lines = "".join(
            f"<div><b>{letter}</b> {escape(short(name, 90))}</div>"
            for letter, name in zip(letters, names, strict=True)
        )
        st.html(f'<div class="hf-said">{lines}</div>')
        place, sure = _filter(dataset)
        try:
            found = _found(dataset, runs, place == "test", sure)
        except UserError as error:
            show_error(error)
            return
        noun = dataset.manifest.noun
        quiet(
            f"They differ on {count(len(found.items))} of {counted(found.compared, noun)}, those "
            "first that all are surest of."
        )
        if place == "pool":
            _send(dataset, found, letters)
        _gallery(dataset, found, letters)


def _answering(group: RunGroup) -> RunSummary | None:
    """The first run of a group that left answers."""
    root = workspace().runs
    return next((run for run in group.runs if stamp(root / run.run / PREDICTIONS)), None)


def _filter(dataset: Dataset) -> tuple[str, float]:
    """Which part of the dataset, and how sure all runs must be."""
    places = list(_PLACES) if "test" in dataset.manifest.splits else ["pool"]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        place = "pool"
        if len(places) > 1:
            chosen = st.segmented_control(
                "Part", places, default="pool", required=True, key="disagreement-part",
                format_func=lambda name: _PLACES[name],
            )  # fmt: skip
            place = chosen or "pool"
        percent = st.slider(
            "All at least this sure", 0, 95, 0, 5, key="disagreement-sure", format="%d %%",
            width=260,
            help="The least sure run gives its answer at least this probability.",
        )  # fmt: skip
    return place, percent / 100


def _send(dataset: Dataset, found: Disagreement, letters: str) -> None:
    """The button that sends the first items to be labelled, and what it did."""
    store = open_labels(dataset)
    known = {*store.current().items.tolist(), *store.sent_items()}
    free = worth_labelling(dataset, found.items, known)
    if free:
        st.button(
            f"Send the first {min(SENT, len(free))} to the label queue",
            type="primary",
            key="send-disagreement",
            on_click=_sent,
            args=(dataset, free[:SENT], f"runs {', '.join(letters)} disagree"),
            help="To the front of everybody's queue. Left out is what is labelled or was sent "
            "already, and the held-out part: what models choose is no fair test of models.",
        )
    elif len(found.items):
        quiet("None is left to send: they are labelled, sent already, or held out.")
    told = st.session_state.get(_MESSAGE)
    if told and told[0] == dataset.identifier:
        st.success(plain(told[1]), icon=":material/outbox:")
        link_to("label", "Label them", dataset.identifier)


def _sent(dataset: Dataset, items: Sequence[int], reason: str) -> None:
    """Before the page is drawn again, so that the button offers the next ones."""
    try:
        added = open_labels(dataset).send_items(items, reason)
    except UserError as error:
        st.toast(plain(str(error)))
        return
    text = f"{counted(added, dataset.manifest.noun)} sent to the front of the label queue."
    st.session_state[_MESSAGE] = (dataset.identifier, text)


def _gallery(dataset: Dataset, found: Disagreement, letters: str) -> None:
    pages = max(1, -(-len(found.items) // PAGE))
    place, page = st.container(), 1
    if pages > 1:
        page = st.pagination(pages, key=f"disagreement-page-{dataset.identifier}")
    rows = found.rows((page - 1) * PAGE, page * PAGE)
    with place:
        names = dataset.names_of([item for item, _ in rows])
        if dataset.manifest.kind == "texts":
            _texts(dataset, rows, letters)
        else:
            figures = (
                _figure(dataset, row, name, letters) for row, name in zip(rows, names, strict=True)
            )
            st.html(f'<div class="hf-pairs">{"".join(figures)}</div>')


def _figure(dataset: Dataset, row: Row, name: str, letters: str) -> str:
    item, said = row
    title = escape(f"{name} · item {item}")
    lines = "".join(
        f"<div><b>{letter}</b> {escape(short(answer, 24))} <i>{share(sure, 0)}</i></div>"
        for letter, (answer, sure) in zip(letters, said, strict=True)
    )
    url = data_url(dataset.images[item], 28)
    return (
        f'<figure title="{title}"><div class="both"><img class="after" src="{url}" alt="{title}">'
        f'<div class="hf-said">{lines}</div></div></figure>'
    )


def _texts(dataset: Dataset, rows: Sequence[Row], letters: str) -> None:
    """The beginning of each text, and a column for each run."""
    shown = dataset.texts_of([item for item, _ in rows])
    table = {"text": [plain(short(text, LETTERS)) for text in shown]}
    for place, letter in enumerate(letters):
        table[letter] = [
            f"{plain(short(said[place][0], 24))} · {share(said[place][1], 0)}" for _, said in rows
        ]
    st.table(table, border="horizontal")


def _found(
    dataset: Dataset, runs: Sequence[RunSummary], test_split: bool, sure: float
) -> Disagreement:
    root = workspace().runs
    stamps = tuple((run.run, stamp(root / run.run / PREDICTIONS)) for run in runs)
    return _cached(str(root), stamps, dataset.manifest.fingerprint, test_split, sure, dataset)


@st.cache_resource(max_entries=16, show_spinner=False)
def _cached(
    root: str,
    stamps: tuple[tuple[str, int], ...],
    fingerprint: str,
    test_split: bool,
    sure: float,
    _dataset: Dataset,
) -> Disagreement:
    folders = [RunFolder(Path(root) / run) for run, _ in stamps]
    return disagreement(_dataset, folders, test_split=test_split, sure=sure)
