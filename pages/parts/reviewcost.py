"""What labels cost, in seconds."""

import streamlit as st

from pages.parts.looks import facts, named, quiet
from pages.parts.reviewwords import Names, way
from pages.parts.states import nothing_yet
from pages.parts.tables import whole, written
from pages.parts.words import count, duration
from ssl_core.heads import Head
from ssl_core.labels.cost import Cost, cost_by, cost_of, timed_labels
from ssl_core.labels.store import LabelStore


def show_cost(store: LabelStore, head: Head) -> None:
    """Seconds a label of `head`, by way of labelling, person and class."""
    timed = timed_labels(store, head.name)
    if not timed:
        nothing_yet(
            "No label has a time yet",
            "Labels that people give or change here have one; those drawn from reference labels "
            "have none, and those of a file only where it says so.",
        )
        return
    names = Names(store)
    every = cost_of([label.seconds for label in timed])
    facts(
        {
            "Labels with a time": count(every.labels),
            "Time in all": duration(every.total),
            "Mean": f"{every.mean:.2f} s a label",
            "Median": f"{every.middle:.2f} s a label",
        }
    )
    by_way = {way(name): cost for name, cost in cost_by(timed, lambda one: one.origin).items()}
    by_person = {
        names.person(name): cost for name, cost in cost_by(timed, lambda one: one.person).items()
    }
    left, right = st.columns(2, gap="large")
    with left:
        _table("Way of labelling", by_way)
    with right:
        _table("Person", by_person)
    if head.kind != "regression":
        by_class = cost_by(timed, lambda one: one.value)
        _table("Class", {names.answer(head.name, value): by_class[value] for value in by_class})
    quiet(
        "Every answer that was not taken back counts, also one that was changed later. A submit of "
        "many labels is shared out evenly among them. The median does not count pauses."
    )


def _table(title: str, costs: dict[str, Cost]) -> None:
    named(f"By {title[0].lower()}{title[1:]}")
    rows = {
        title: list(costs),
        "Labels": [cost.labels for cost in costs.values()],
        "Mean, s": [cost.mean for cost in costs.values()],
        "Median, s": [cost.middle for cost in costs.values()],
        "Sum, s": [cost.total for cost in costs.values()],
    }
    columns = {"Labels": whole, "Sum, s": whole}
    fine = dict.fromkeys(("Mean, s", "Median, s"), "{:.2f}".format)
    st.dataframe(written(rows, {**columns, **fine}), hide_index=True)
