"""What the live charts of a run are, for the browser that draws them. No streamlit calls."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypedDict

from pages.parts.words import short
from ssl_core.datasets.dataset import open_dataset
from ssl_core.errors import UserError
from ssl_core.methods import method_named
from ssl_core.runs.figures import (
    grouped,
    guides_of,
    line_name,
    needs_hidden_labels,
    note_of,
    titled,
    worded,
)
from ssl_core.runs.guides import Guide
from ssl_core.runs.metric_group import MetricGroup
from ssl_core.runs.request import RunRequest
from ssl_core.workspace import Workspace


class Line(TypedDict):
    """One curve; `band` holds the metrics of its lower and upper edge, or nothing."""

    metric: str
    name: str
    band: list[str]
    hidden: bool


class Chart(TypedDict):
    """One chart, ready to be sent."""

    name: str
    title: str
    unit: str
    note: str
    lines: list[Line]
    legend: bool  # its title does not say what a single line is
    guides: list[dict[str, str | float]]
    range: list[float] | None
    zero: bool
    loss: bool
    stacked: bool
    ticks: str | None  # d3 format of the axis
    format: str  # d3 format of a value


def charts_of(
    names: Sequence[str],
    guides: Mapping[str, Sequence[Guide]],
    units: Mapping[str, str],
    titles: Mapping[str, str],
    items: str,
) -> list[Chart]:
    """The charts of a run that has published `names`, in order.

    units: of the answers of regression heads, by name. titles: of heads, by name.
    items: "images" or "texts".
    """
    return [
        _chart(group, metrics, guides_of(group, guides), set(names), titles, items)
        for group, metrics in grouped(names, units, titles)
    ]


def units_of(request: RunRequest) -> dict[str, str]:
    """The unit of each regression head of a run."""
    return {head.name: head.unit for head in request.all_heads if head.kind == "regression"}


def units_of_all(requests: Iterable[RunRequest]) -> dict[str, str]:
    """The unit of each regression head that some of the runs have."""
    return {head: unit for request in requests for head, unit in units_of(request).items()}


def head_titles(requests: Iterable[RunRequest]) -> dict[str, str]:
    """The title of each head that some of the runs have, where no other head is called so."""
    titles = {head.name: short(head.title) for request in requests for head in request.all_heads}
    often = Counter(titles.values())
    return {name: title for name, title in titles.items() if often[title] == 1}


def items_word(workspace: Workspace, request: RunRequest) -> str:
    """What a run was trained on: "images", "texts", or what its method draws, such as "pairs".

    "items" where its dataset is gone.
    """
    try:
        drawn = method_named(request.method).needs.counts
    except UserError:  # this version no longer has the method
        drawn = ""
    if drawn:
        return drawn
    try:
        return _items_word(workspace, request.dataset, request.fingerprint)
    except UserError:
        return "items"


def common_word(workspace: Workspace, requests: Iterable[RunRequest]) -> str:
    """What several runs were trained on in one word: "items" where they do not agree."""
    words = {items_word(workspace, request) for request in requests}
    return words.pop() if len(words) == 1 else "items"


@lru_cache(maxsize=256)
def _items_word(workspace: Workspace, dataset: str, fingerprint: str) -> str:
    """Kept as long as the process lives: data with the same fingerprint never change."""
    manifest = open_dataset(workspace, dataset).manifest
    if manifest.fingerprint != fingerprint:
        raise UserError(f"The dataset {dataset!r} is another one now.")
    return manifest.noun_plural


def _chart(
    group: MetricGroup,
    metrics: list[str],
    guides: list[Guide],
    known: set[str],
    titles: Mapping[str, str],
    items: str,
) -> Chart:
    return {
        "name": group.name,
        "title": group.title,
        "unit": worded(group.unit, items),
        "note": worded(note_of(group, metrics), items),
        "lines": [_line(group, metric, known, titles, items) for metric in metrics],
        "legend": len(metrics) > 1 or not titled(group, metrics[0]),
        "guides": [{"name": guide.name, "value": guide.value} for guide in guides],
        "range": list(group.range) if group.range else None,
        "zero": group.from_zero,
        "loss": group.is_loss,
        "stacked": group.stacked,
        "ticks": ".0%" if group.is_share else None,
        "format": ".1%" if group.is_share else ".4~g",
    }


def _line(
    group: MetricGroup, metric: str, known: set[str], titles: Mapping[str, str], items: str
) -> Line:
    band = group.bands.get(metric, ())
    return {
        "metric": metric,
        "name": worded(line_name(metric, titles), items),
        "band": list(band) if known.issuperset(band) else [],
        "hidden": needs_hidden_labels(metric),
    }
