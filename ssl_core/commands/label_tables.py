"""What labels cost, and how far people agree, as tables of the command line."""

from collections.abc import Mapping

from ssl_core.commands.command import Answer, table
from ssl_core.heads import Head
from ssl_core.labels.agreement import agreements, answers_by_item, disagreements
from ssl_core.labels.cost import Cost, cost_by, timed_labels
from ssl_core.labels.store import LabelStore

_COSTS = ["labels", "mean s", "median s", "in all s"]


def cost_answer(store: LabelStore, head: Head) -> Answer:
    """Seconds a label of `head`, by way of labelling, by person, and by class where it has any."""
    timed = timed_labels(store, head.name)
    names = {one.identifier: one.name for one in store.classes(head.name)}
    groups: dict[str, Mapping[str, Cost]] = {
        "way": cost_by(timed, lambda label: label.origin),
        "person": {
            store.name_of(person): cost
            for person, cost in cost_by(timed, lambda label: label.person).items()
        },
    }
    if head.kind != "regression":
        groups["class"] = {
            names.get(int(value), str(value)): cost
            for value, cost in cost_by(timed, lambda label: label.value).items()
        }
    payload: dict[str, object] = {
        title: {
            name: {
                "labels": cost.labels,
                "mean_seconds": cost.mean,
                "median_seconds": cost.middle,
                "total_seconds": cost.total,
            }
            for name, cost in group.items()
        }
        for title, group in groups.items()
    }
    if not timed:
        return Answer(payload, "No label has a time yet. Labels that people give have one.")
    parts = [
        table([[name, *_cells(cost)] for name, cost in group.items()], [title, *_COSTS])
        for title, group in groups.items()
    ]
    return Answer(payload, "\n\n".join(parts))


def agreement_answer(store: LabelStore, head: Head) -> Answer:
    """Every two people who answered the same items, and how many items have different answers."""
    answers = answers_by_item(store, head.name)
    pairs = agreements(answers, head.kind == "regression")
    different = len(disagreements(answers))
    payload: dict[str, object] = {
        "pairs": [
            {
                "people": [store.name_of(pair.first), store.name_of(pair.second)],
                "items": pair.items,
                "same": pair.same,
                "kappa": pair.kappa,
                "difference": pair.difference,
            }
            for pair in pairs
        ],
        "disagreements": different,
    }
    if not pairs:
        return Answer(payload, "No item was answered by two people.")
    measured = f"difference {head.unit}".strip() if head.kind == "regression" else "kappa"
    rows = [
        [
            store.name_of(pair.first),
            store.name_of(pair.second),
            f"{pair.items:,}",
            f"{pair.same:,}",
            _figure(pair.difference if head.kind == "regression" else pair.kappa),
        ]
        for pair in pairs
    ]
    text = table(rows, ["one", "other", "items", "alike", measured])
    return Answer(payload, f"{text}\nItems with different answers: {different:,}.")


def _cells(cost: Cost) -> list[str]:
    return [f"{cost.labels:,}", f"{cost.mean:.2f}", f"{cost.middle:.2f}", f"{cost.total:,.0f}"]


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"
