"""The answers of a prediction: filtered by class, the unsure ones first, and as a table."""

import streamlit as st

from pages.parts.gallery import PAGE, TEXT_PAGE, Tile, image_grid
from pages.parts.looks import quiet
from pages.parts.predictboard import prediction_title
from pages.parts.session import workspace
from pages.parts.text_cards import TextCard, text_grid
from pages.parts.words import count, counted, plain, share, short
from ssl_core.datasets.thumbnails import data_url
from ssl_core.predictions.jobs import delete_prediction, prediction_folder
from ssl_core.predictions.request import PredictedHead
from ssl_core.predictions.result import Order, PredictionResult, open_result

_ORDERS: dict[str, Order] = {"Unsure first": "unsure", "Sure first": "sure", "As given": "given"}
_NUMBERS: dict[str, Order] = {"Small first": "unsure", "Large first": "sure", "As given": "given"}
_SIDE = 92  # pixels of a thumbnail on the screen
_LETTERS = 900  # of a text that are sent
_MOST_REASONS = 50


def show_prediction(job: str) -> None:
    """Everything about one finished prediction. Raises UserError where it is damaged."""
    result = open_result(prediction_folder(workspace(), job))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(prediction_title(job)), anchor=False, width="stretch")
        st.download_button(
            "Download CSV",
            data=result.csv,
            file_name=f"predictions-{job}.csv",
            mime="text/csv",
            icon=":material/download:",
            key=f"csv-{job}",
            on_click="ignore",
        )
        if st.button("Delete", icon=":material/delete:", key=f"delete-{job}"):
            delete_prediction(workspace(), job)
            st.rerun()
    _remarks(result)
    _answers(job, result)


def _remarks(result: PredictionResult) -> None:
    description = result.description
    for note in description.notes:
        quiet(note)
    if description.skipped_count:
        noun = "row" if description.kind == "texts" else "file"
        with st.expander(f"{counted(description.skipped_count, noun)} left out"):
            for one in description.skipped[:_MOST_REASONS]:
                quiet(f"{short(one.file)}: {one.reason}")


@st.fragment
def _answers(job: str, result: PredictionResult) -> None:
    """Filter, order, and a page of items with what was predicted."""
    heads = {head.name: head for head in result.description.heads}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        name = next(iter(heads))
        if len(heads) > 1:
            name = st.selectbox(
                "Question",
                list(heads),
                format_func=lambda key: heads[key].title,
                key=f"prediction-head-{job}",
                width=260,
            )
        head = heads[name]
        chosen = _class_filter(job, head, result)
        orders = _NUMBERS if head.kind == "regression" else _ORDERS
        order = st.segmented_control(
            "Order",
            list(orders),
            default=next(iter(orders)),
            required=True,
            key=f"prediction-order-{job}-{head.kind == 'regression'}",
        )
    items = result.items(head, chosen, orders[order or next(iter(orders))])
    texts = result.description.kind == "texts"
    size = TEXT_PAGE if texts else PAGE
    pages = max(1, -(-len(items) // size))
    place = st.container()
    page = 1
    if pages > 1:
        page = st.pagination(pages, key=f"prediction-page-{job}-{name}-{chosen}-{order}")
    shown = items[(page - 1) * size : page * size]
    with place:
        if texts:
            text_grid(_cards(result, shown))
        else:
            image_grid(_tiles(result, head, shown), _SIDE)
        first = (page - 1) * size + 1
        noun = "text" if texts else "image"
        if shown:
            last = count(first + len(shown) - 1)
            quiet(f"{count(first)} to {last} of {counted(len(items), noun)}")
        else:
            quiet("None was given this class. Choose another one.")


def _class_filter(job: str, head: PredictedHead, result: PredictionResult) -> int | None:
    """The number of the class that is asked for; None for all of them."""
    if head.kind == "regression":
        return None
    counts = result.counts(head)
    options = [-1, *range(len(head.classes))]
    titles = [f"{short(one, 40)} · {count(n)}" for one, n in zip(head.classes, counts, strict=True)]
    everything = f"All · {count(result.count)}"
    chosen = st.selectbox(
        head.title,
        options,
        format_func=lambda number: everything if number < 0 else titles[number],
        key=f"prediction-class-{job}-{head.name}",
        width=260,
    )
    return None if chosen < 0 else chosen


def _tiles(result: PredictionResult, head: PredictedHead, items: list[int]) -> list[Tile]:
    return [
        Tile(
            data_url(result.images[item]),
            f"{name} · {_all_answers(result, item)}",
            _answer(result, head, item),
        )
        for item, name in zip(items, result.names_of(items), strict=True)
    ]


def _cards(result: PredictionResult, items: list[int]) -> list[TextCard]:
    parts = zip(items, result.names_of(items), result.texts_of(items), strict=True)
    return [
        TextCard(name, text[:_LETTERS], _all_answers(result, item)) for item, name, text in parts
    ]


def _all_answers(result: PredictionResult, item: int) -> str:
    heads = result.description.heads
    return "; ".join(f"{head.title}: {_answer(result, head, item)}" for head in heads)


def _answer(result: PredictionResult, head: PredictedHead, item: int) -> str:
    """'seven · 98 %': the answer with its confidence."""
    confidence = result.confidence(head)
    sure = "" if confidence is None else f" · {share(float(confidence[item]), 0)}"
    return f"{result.answer(head, item)}{sure}"
