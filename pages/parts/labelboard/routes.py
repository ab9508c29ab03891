"""The HTTP routes that the label board talks to, below /api/labels/{dataset}/."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pages.parts.guard import Answer, Refused, field, guarded, payload_of
from ssl_core.datasets.dataset import MANIFEST, TEST, Dataset, open_dataset
from ssl_core.datasets.thumbnails import data_url
from ssl_core.errors import UserError
from ssl_core.labels.events import LabelEvent, RefusedEvent
from ssl_core.labels.queue import next_items
from ssl_core.labels.store import LabelStore, open_labels
from ssl_core.workspace import Workspace, checked_identifier

PERSON = re.compile(r"[A-Za-z0-9_-]{1,64}")  # a name that a browser gave itself
MOST_EVENTS = 1000  # in one request
MOST_ITEMS = 200  # images asked for in one request
RECENT = 12
HISTORY = 30
WITH_IMAGE = 6  # latest actions whose image is sent along, ready for an undo
IMAGE_BYTES = 2_000_000  # of data URLs in one answer; the browser asks again for the rest
LEAST_IMAGES = 6

_opened: dict[tuple[str, int, int], Dataset] = {}


def label_routes() -> list[Route]:
    """The routes, for the app object."""
    return [
        Route("/api/labels/{dataset}/board", guarded(get_board), methods=["GET"]),
        Route("/api/labels/{dataset}/events", guarded(post_events), methods=["POST"]),
        Route("/api/labels/{dataset}/classes", guarded(post_classes), methods=["POST"]),
        Route("/api/labels/{dataset}/goal", guarded(post_goal), methods=["POST"]),
    ]


def get_board(request: Request) -> Answer:
    """All that the board shows. Query: `count` items wanted in the queue, `have` items whose
    image the browser holds, `want` items whose image it needs, `person` whose acts an undo
    may name."""
    dataset, store = _opened_labels(request)
    person = request.query_params.get("person", "")
    if not PERSON.fullmatch(person):
        raise Refused(400, _person_sentence(person))
    limit = _numbers(request, "count")[:1] or [40]
    queue = next_items(dataset, store, min(limit[0], MOST_ITEMS))
    recent = store.recent(RECENT)
    history = store.history(person, HISTORY)
    held = set(_numbers(request, "have"))
    wanted = _numbers(request, "want") + queue[:LEAST_IMAGES]
    wanted += [label.item for label in recent] + [action.item for action in history[:WITH_IMAGE]]
    return {
        **_schema(store),
        "total": store.total(),
        "pool": dataset.manifest.count - dataset.manifest.splits.get("test", 0),
        "done": _labelled_in_pool(dataset, store),
        "median": store.median_seconds(),
        "queue": queue,
        "images": _images(dataset, [*wanted, *queue], held),
        "recent": [label.model_dump(include={"event", "item", "value"}) for label in recent],
        "history": [action.model_dump() for action in history],
        "stopped": store.stopped,
    }


def post_events(request: Request) -> Answer:
    """Store label events. Body: `store`, `events`. Answer: `acknowledged` ids, `refused`."""
    _, store = _opened_labels(request)
    if field(request, "store", str) != store.identity:
        raise Refused(409, "The dataset was imported again meanwhile. Reload the page.")
    raw_events = field(request, "events", list)
    if len(raw_events) > MOST_EVENTS:
        raise Refused(413, f"Received {len(raw_events):,} events, expected at most {MOST_EVENTS}.")
    events, refused = _parsed(raw_events)
    try:
        receipt = store.submit(events)
    except UserError as error:
        # The browser keeps what it has and tries again.
        return JSONResponse({"error": str(error)}, 503)
    refused += receipt.refused
    return {
        "acknowledged": receipt.acknowledged,
        "refused": [event.model_dump() for event in refused],
    }


def post_classes(request: Request) -> Answer:
    """Change the classes. Body: `action` add (`name`), rename (`identifier`, `name`), recolour
    (`identifier`, `colour`) or merge (`identifier`, `target`). Answer: the new schema."""
    _, store = _opened_labels(request)
    action = field(request, "action", str)
    if action == "add":
        colour = payload_of(request).get("colour")
        store.add_class(field(request, "name", str), colour if isinstance(colour, str) else None)
    elif action == "rename":
        store.rename_class(field(request, "identifier", int), field(request, "name", str))
    elif action == "recolour":
        store.recolour_class(field(request, "identifier", int), field(request, "colour", str))
    elif action == "merge":
        store.merge_classes(field(request, "identifier", int), field(request, "target", int))
    else:
        raise Refused(400, f"There is no action {action[:40]!r}.")
    return _schema(store)


def post_goal(request: Request) -> Answer:
    """Set the goal. Body: `goal`, labels. Answer: the new schema."""
    _, store = _opened_labels(request)
    store.set_goal(field(request, "goal", int))
    return _schema(store)


def forget_opened(manifest: Path) -> None:
    """Let go of the images of the dataset whose manifest lies there."""
    for key in [known for known in list(_opened) if known[0] == str(manifest)]:
        _opened.pop(key, None)


def _schema(store: LabelStore) -> dict[str, Any]:
    return {
        "store": store.identity,
        "classes": [one.model_dump() for one in store.classes()],
        "counts": {str(identifier): count for identifier, count in store.counts().items()},
        "goal": store.goal(),
    }


def _labelled_in_pool(dataset: Dataset, store: LabelStore) -> int:
    return int((dataset.splits[store.current().items] != TEST).sum())


def _images(dataset: Dataset, items: Sequence[int], held: set[int]) -> dict[str, str]:
    """Item -> data URL of its image, for items not in `held`, until the answer is long enough."""
    images: dict[str, str] = {}
    length = 0
    for item in dict.fromkeys(items):
        if item in held or not 0 <= item < dataset.manifest.count:
            continue
        if length > IMAGE_BYTES and len(images) >= LEAST_IMAGES:
            break
        images[str(item)] = data_url(dataset.images[item])
        length += len(images[str(item)])
    return images


def _parsed(raw_events: list[Any]) -> tuple[list[LabelEvent], list[RefusedEvent]]:
    """The events of a request; those that are no events are refused one by one."""
    events: list[LabelEvent] = []
    refused: list[RefusedEvent] = []
    for raw in raw_events:
        try:
            event = LabelEvent.model_validate(raw)
        except ValidationError as error:
            name = raw.get("event") if isinstance(raw, dict) else None
            place = ".".join(str(part) for part in error.errors()[0]["loc"]) or "event"
            reason = f"The field {place} is not as expected: {error.errors()[0]['msg']}."
            refused.append(RefusedEvent(event=str(name)[:64], reason=reason))
        else:
            if PERSON.fullmatch(event.person):
                events.append(event.model_copy(update={"origin": "hand"}))
            else:
                reason = _person_sentence(event.person)
                refused.append(RefusedEvent(event=event.event, reason=reason))
    return events, refused


def _person_sentence(person: str) -> str:
    return (
        f"Received the person {person[:70]!r}. Expected 1 to 64 letters, digits, - and _. "
        "Reload the page."
    )


def _numbers(request: Request, name: str) -> list[int]:
    """The comma-separated whole numbers of a query parameter; anything else in it is ignored."""
    parts = request.query_params.get(name, "").split(",")
    numbers = [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 16]
    return numbers[: 2 * MOST_ITEMS]


def _opened_labels(request: Request) -> tuple[Dataset, LabelStore]:
    """The dataset of the address and its labels, kept open between requests. Refused 404."""
    workspace = Workspace.open()
    try:
        identifier = checked_identifier(request.path_params["dataset"])
        manifest = workspace.datasets / identifier / MANIFEST
        stamp = manifest.stat()
    except (UserError, OSError):
        raise Refused(404, "There is no such dataset any more. Choose another one.") from None
    key = (str(manifest), stamp.st_mtime_ns, stamp.st_ino)
    dataset = _opened.get(key)
    if dataset is None:
        dataset = open_dataset(workspace, identifier)
        forget_opened(manifest)
        _opened[key] = dataset
    return dataset, open_labels(dataset)
