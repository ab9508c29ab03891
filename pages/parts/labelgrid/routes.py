"""The HTTP routes that the grid talks to, below /api/labels/{dataset}/grid. Labels themselves go
through the events of the label board."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.routing import Route

from pages.parts.guard import Answer, Refused, field, guarded
from pages.parts.labelboard.routes import PERSON, opened_labels, person_sentence, schema_of
from pages.parts.labelgrid.shown import contents
from pages.parts.runtext import listed_name
from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.batches import latest_batches, undo_batch
from ssl_core.labels.clusters import Cluster, purity, spot_check
from ssl_core.labels.grid import lent_page, offered, others_have, page_at, renew, share_of
from ssl_core.labels.store import LabelStore
from ssl_core.runs.accepting import counts_called, items_called
from ssl_core.runs.clustering import GROUPS, Grouping, group, source_of, usable_runs
from ssl_core.runs.folder import RunFolder, open_run
from ssl_core.runs.told import told_by_reference
from ssl_core.workspace import Workspace

MOST_SHOWN = 400  # items in one answer
MONTAGE = 12  # items of a cluster that stand for it
MOST_SPLITS = 50
GIVEN_HERE = ("grid", "cluster", "accepted")  # origins of labels
_CLUSTER = re.compile(r"\d{1,6}[ab]{0,12}")

Items = NDArray[np.int64]


def grid_routes() -> list[Route]:
    """The routes, for the app object."""
    handlers = {
        "": get_grid,
        "/runs": get_runs,
        "/clusters": get_clusters,
        "/items": get_items,
        "/purity": get_purity,
        "/last": get_last,
    }
    here = "/api/labels/{dataset}/grid"
    routes = [Route(here + path, guarded(act), methods=["GET"]) for path, act in handlers.items()]
    acts = {"/undo": post_undo, "/loan": post_loan}
    routes += [Route(here + path, guarded(act), methods=["POST"]) for path, act in acts.items()]
    return routes


def get_grid(request: Request) -> Answer:
    """Items to choose from. Query: `head`; `run` with `class` (identifier) or `cluster`, `groups`,
    `splits`; `order` surest or unsure; `offset`, `count`; `spot` for a random sample; `person`, to
    whom the page is lent, and who is not shown what others have; `ahead` for a page to come, which
    is not lent yet."""
    dataset, store = opened_labels(request)
    head = store.head(request.query_params.get("head") or None)
    person = _asking(request)
    lent = others_have(store, person)
    free = offered(dataset, store, head.name)
    items, scores, are_shares = _chosen(request, dataset, store, free)
    offset = _whole(request, "offset", 0, len(items))
    count = _whole(request, "count", MOST_SHOWN, MOST_SHOWN)
    if request.query_params.get("spot"):
        # Of all of them: what others have may be the surest ones. It is looked at, not labelled.
        page = page_at(spot_check(items), 0, count, set())
    elif person is None or request.query_params.get("ahead"):
        page = page_at(items, offset, count, lent)
    else:
        most = share_of(free, lent)
        page = lent_page(store, items, offset, count, lent, person, most)
    listed = page.items.tolist()
    return {
        **schema_of(store),
        "head": head.name,
        "total": page.free,
        "before": page.before,
        "after": page.after,
        "elsewhere": page.elsewhere,
        "items": listed,
        "scores": [round(float(score), 4) for score in scores[page.items]] if are_shares else None,
        **contents(dataset, listed),
        "stopped": store.stopped,
    }


def get_runs(request: Request) -> Answer:
    """The runs whose answers may put the grid in order, and how many unlabelled items the one
    named `run` calls each class (identifier). Query: `head`, `run`."""
    dataset, store = opened_labels(request)
    head = store.head(request.query_params.get("head") or None)
    free = offered(dataset, store, head.name)
    main = head.name == store.head().name
    found = []
    for run, outline in usable_runs(Workspace.open(), dataset):
        # Classes that are known by the labels that came with the data would tell them.
        hidden = told_by_reference(run.request, run.status.results)
        called = main and outline.classes > 0 and not hidden
        entry = {"run": run.run, "name": listed_name(run), "called": called, "classes": {}}
        found.append(entry | {"clusters": source_of(outline)})
        if called and run.run == request.query_params.get("run"):
            found[-1]["classes"] = counts_called(store, _run(request), free)
    return {"runs": found, "open": len(free)}


def get_clusters(request: Request) -> Answer:
    """The clusters of a run, each with what stands for it. Query: `run`, `groups`, `splits`."""
    dataset, store = opened_labels(request)
    head = store.head(request.query_params.get("head") or None)
    current = store.current(head.name)
    values = np.full(dataset.manifest.count, -1, np.int64)
    values[current.items] = current.values
    grouping = _grouping(request, dataset)
    heads = [cluster.items[:MONTAGE].tolist() for cluster in grouping.clusters]
    return {
        **schema_of(store),
        "head": head.name,
        "can_split": grouping.can_split,
        "clusters": [
            {"name": cluster.name, "size": len(cluster.items), "shown": shown}
            | _labelled(values[cluster.items])
            for cluster, shown in zip(grouping.clusters, heads, strict=True)
        ],
        **contents(dataset, [item for shown in heads for item in shown]),
    }


def get_items(request: Request) -> Answer:
    """All items that `get_grid` would offer, page by page, for one act on a whole cluster."""
    dataset, store = opened_labels(request)
    head = store.head(request.query_params.get("head") or None)
    free = offered(dataset, store, head.name, _asking(request))
    items, _, _ = _chosen(request, dataset, store, free)
    return {"items": items.tolist()}


def post_loan(request: Request) -> Answer:
    """Lend a page for five minutes more, or one that was fetched ahead. Body: `person`, `head`,
    `items`; none give back what the person had. Answer: which of them can no longer be labelled,
    because others have or labelled them (`lost`)."""
    dataset, store = opened_labels(request)
    person = _person(field(request, "person", str))
    head = store.head(field(request, "head", str) or None)
    given = field(request, "items", list)[:MOST_SHOWN]
    items = [one for one in given if type(one) is int and 0 <= one < dataset.manifest.count]
    return {"lost": sorted(renew(dataset, store, head.name, items, person))}


def get_purity(request: Request) -> Answer:
    """What a spot check says. Query: `wrong` of `checked` items did not belong."""
    checked = _whole(request, "checked", 0, MOST_SHOWN)
    found = purity(_whole(request, "wrong", 0, checked), checked)
    return {"share": found.share, "low": found.low, "high": found.high, "checked": checked}


def get_last(request: Request) -> Answer:
    """The batch that an undo of `person` would take back; `batch` is null where there is none."""
    _, store = opened_labels(request)
    person = _person(request.query_params.get("person", ""))
    for batch in latest_batches(store):
        if batch.origin in GIVEN_HERE and batch.undoable_by(person):
            return {"batch": batch.identifier, "labels": batch.in_force}
    return {"batch": None, "labels": 0}


def post_undo(request: Request) -> Answer:
    """Take a batch back. Body: `batch`, `person`. Answer: how many `labels` that were."""
    _, store = opened_labels(request)
    person = _person(field(request, "person", str))
    return {"labels": undo_batch(store, field(request, "batch", str), person)}


def _chosen(
    request: Request, dataset: Dataset, store: LabelStore, free: Items
) -> tuple[Items, NDArray[np.float32], bool]:
    """Those of `free` that are asked for in their order, the scores (count,), and whether these are
    shares."""
    unsure = request.query_params.get("order") == "unsure"
    none = np.zeros(dataset.manifest.count, np.float32)
    if not request.query_params.get("run"):
        return free, none, False
    if request.query_params.get("cluster"):
        grouping = _grouping(request, dataset)
        cluster = _cluster(request, grouping)
        open_ones = np.isin(cluster.items, free)
        items = cluster.items[open_ones]
        none[cluster.items] = cluster.scores
        return items[::-1] if unsure else items, none, grouping.are_shares
    wanted = _whole(request, "class", 0, 2**31)
    items, confidence = items_called(store, _run(request), wanted, free, not unsure)
    return items, confidence, True


def _grouping(request: Request, dataset: Dataset) -> Grouping:
    names = tuple(filter(_CLUSTER.fullmatch, request.query_params.get("splits", "").split(",")))
    number = _whole(request, "groups", GROUPS, 10**6)
    return group(dataset, _run(request), number, names[:MOST_SPLITS])


def _cluster(request: Request, grouping: Grouping) -> Cluster:
    return grouping.named(request.query_params["cluster"])


def _run(request: Request) -> RunFolder:
    return open_run(Workspace.open(), request.query_params.get("run", ""))


def _labelled(values: NDArray[np.int64]) -> dict[str, Any]:
    """How many of a cluster are `open`, and `counts` of their classes, the commonest first."""
    found, counts = np.unique(values[values >= 0], return_counts=True)
    order: Sequence[int] = np.argsort(-counts).tolist()
    return {
        "open": int((values < 0).sum()),
        "counts": [[int(found[place]), int(counts[place])] for place in order],
    }


def _asking(request: Request) -> str | None:
    """Who asks; None where nobody in particular does."""
    text = request.query_params.get("person", "")
    return _person(text) if text else None


def _person(text: str) -> str:
    if not PERSON.fullmatch(text):
        raise Refused(400, person_sentence(text))
    return text


def _whole(request: Request, name: str, default: int, most: int) -> int:
    """A whole number of the query in 0..most; `default` where there is none."""
    text = request.query_params.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        return min(default, most)
    return min(int(text), most)
