"""The HTTP routes that the label board talks to, below /api/labels/{dataset}/."""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pages.parts.guard import Answer, Refused, field, guarded, payload_of
from pages.parts.labelboard.upcoming import upcoming
from ssl_core.datasets.dataset import MANIFEST, TEST, Dataset, open_dataset
from ssl_core.datasets.thumbnails import data_url
from ssl_core.errors import UserError
from ssl_core.labels.events import PERSON_GIVEN, LabelEvent, RefusedEvent
from ssl_core.labels.queue import asked_heads, complete_items, lent_queue
from ssl_core.labels.store import LabelStore, open_labels
from ssl_core.workspace import Workspace, checked_identifier

PERSON = re.compile(r"[A-Za-z0-9_-]{1,64}")  # a name that a browser gave itself
MOST_EVENTS = 1000  # in one request
MOST_ITEMS = 200  # asked for in one request
RECENT = 12
HISTORY = 30
WITH_IMAGE = 6  # latest actions whose item is sent along, ready for an undo
IMAGE_BYTES = 2_000_000  # of data URLs or texts in one answer; the browser asks again for the rest
LEAST_IMAGES = 6
LONGEST_TEXT = 20_000  # characters on the board

_opened: dict[tuple[str, int, int], Dataset] = {}


def label_routes() -> list[Route]:
    """The routes, for the app object."""
    return [
        Route("/api/labels/{dataset}/board", guarded(get_board), methods=["GET"]),
        Route("/api/labels/{dataset}/events", guarded(post_events), methods=["POST"]),
        Route("/api/labels/{dataset}/classes", guarded(post_classes), methods=["POST"]),
        Route("/api/labels/{dataset}/goal", guarded(post_goal), methods=["POST"]),
        Route("/api/labels/{dataset}/person", guarded(post_person), methods=["POST"]),
        Route("/api/labels/{dataset}/strategy", guarded(post_strategy), methods=["POST"]),
    ]


def get_board(request: Request) -> Answer:
    """All that the board shows. Query: `count` items wanted in the queue, `have` items that the
    browser holds, `want` items that it needs, `person` whose acts an undo may name."""
    dataset, store = opened_labels(request)
    person = request.query_params.get("person", "")
    if not PERSON.fullmatch(person):
        raise Refused(400, person_sentence(person))
    limit = _numbers(request, "count")[:1] or [40]
    found = lent_queue(dataset, store, min(limit[0], MOST_ITEMS), person)
    queue = found.items
    recent = store.recent_items(RECENT)
    history = store.history(person, HISTORY)
    held = set(_numbers(request, "have"))
    wanted = _numbers(request, "want") + queue[:LEAST_IMAGES]
    wanted += recent + [action.item for action in history[:WITH_IMAGE]]
    items = list(dict.fromkeys([*wanted, *queue]))
    answers = store.answers_of([*items, *(action.item for action in history)])
    main = store.head().name
    complete = complete_items(store)
    return {
        **schema_of(store),
        **_shown(dataset, [item for item in items if item not in held]),
        "total": len(complete),
        "pool": dataset.manifest.count - dataset.manifest.splits.get("test", 0),
        "done": int((dataset.splits[complete] != TEST).sum()),
        "median": store.median_seconds(),
        "queue": queue,
        "answers": {str(item): given for item, given in answers.items()},
        "recent": [{"item": item, "value": answers.get(item, {}).get(main)} for item in recent],
        "history": [action.model_dump() for action in history],
        "next": upcoming(dataset, store, found, person),
        "again": {str(item): why for item, why in found.asked_again.items()},
        "elsewhere": found.elsewhere,
        "stopped": store.stopped,
    }


def post_events(request: Request) -> Answer:
    """Store label events. Body: `store`, `events`. Answer: `acknowledged` ids, `refused`."""
    _, store = opened_labels(request)
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
    """Change the classes. Body: `action` add (`name`, `head`), rename (`identifier`, `name`),
    recolour (`identifier`, `colour`) or merge (`identifier`, `target`). Answer: the new schema."""
    _, store = opened_labels(request)
    action = field(request, "action", str)
    if action == "add":
        more = payload_of(request)
        colour, head = more.get("colour"), more.get("head")
        store.add_class(
            field(request, "name", str),
            colour if isinstance(colour, str) else None,
            head if isinstance(head, str) else None,
        )
    elif action == "rename":
        store.rename_class(field(request, "identifier", int), field(request, "name", str))
    elif action == "recolour":
        store.recolour_class(field(request, "identifier", int), field(request, "colour", str))
    elif action == "merge":
        store.merge_classes(field(request, "identifier", int), field(request, "target", int))
    else:
        raise Refused(400, f"There is no action {action[:40]!r}.")
    return schema_of(store)


def post_goal(request: Request) -> Answer:
    """Set the goal. Body: `goal`, labels. Answer: the new schema."""
    _, store = opened_labels(request)
    store.set_goal(field(request, "goal", int))
    return schema_of(store)


def post_person(request: Request) -> Answer:
    """Give a browser the name of its person. Body: `person`, `name`. Answer: the new schema."""
    _, store = opened_labels(request)
    person = field(request, "person", str)
    if not PERSON.fullmatch(person):
        raise Refused(400, person_sentence(person))
    store.set_name(person, field(request, "name", str))
    return schema_of(store)


def post_strategy(request: Request) -> Answer:
    """Choose what comes next. Body: `strategy`, `run` (its name, or null for the newest that can
    serve). Answer: the new schema."""
    _, store = opened_labels(request)
    run = payload_of(request).get("run")
    store.set_strategy(field(request, "strategy", str), run if isinstance(run, str) else None)
    return schema_of(store)


def forget_opened(manifest: Path) -> None:
    """Let go of the images of the dataset whose manifest lies there."""
    for key in [known for known in list(_opened) if known[0] == str(manifest)]:
        _opened.pop(key, None)


def schema_of(store: LabelStore) -> dict[str, Any]:
    """`classes` of the main head, `heads` with those of the others, `counts` of all of them."""
    heads = store.heads()
    asked = {head.name for head in asked_heads(store)}
    main, *others = [
        head.model_dump(exclude={"classes"}) | {"asked": head.name in asked} for head in heads
    ]
    for head in others:
        head["classes"] = [one.model_dump() for one in store.classes(head["name"])]
    counts = {}
    for one in heads:
        counts |= store.counts(one.name)
    return {
        "store": store.identity,
        "heads": [main, *others],
        "classes": [one.model_dump() for one in store.classes()],
        "counts": {str(identifier): count for identifier, count in counts.items()},
        "goal": store.goal(),
    }


def _shown(dataset: Dataset, items: Sequence[int]) -> dict[str, Any]:
    """`images` (data URLs) or `texts` by item, until the answer is long enough, and their
    `numbers` where the dataset has columns."""
    contents: dict[str, str] = {}
    length = 0
    for item in items:
        if not 0 <= item < dataset.manifest.count:
            continue
        if length > IMAGE_BYTES and len(contents) >= LEAST_IMAGES:
            break
        contents[str(item)] = _content(dataset, item)
        length += len(contents[str(item)])
    shown: dict[str, Any] = {dataset.manifest.kind: contents}
    numeric = dataset.numeric
    if numeric is not None:
        shown["columns"] = dataset.manifest.columns
        shown["numbers"] = {
            key: [_number(value) for value in numeric[int(key)].tolist()] for key in contents
        }
    return shown


def _content(dataset: Dataset, item: int) -> str:
    if dataset.manifest.kind == "images":
        return data_url(dataset.images[item])
    (text,) = dataset.texts_of([item])
    if len(text) <= LONGEST_TEXT:
        return text
    return f"{text[:LONGEST_TEXT]} … (the first {LONGEST_TEXT:,} of {len(text):,} characters)"


def _number(value: float) -> float | None:
    """A number beside an item with the digits that it was stored with; None where it is missing."""
    return float(f"{value:.7g}") if math.isfinite(value) else None


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
                known = event.origin in PERSON_GIVEN
                events.append(event if known else event.model_copy(update={"origin": "hand"}))
            else:
                reason = person_sentence(event.person)
                refused.append(RefusedEvent(event=event.event, reason=reason))
    return events, refused


def person_sentence(person: str) -> str:
    return (
        f"Received the person {person[:70]!r}. Expected 1 to 64 letters, digits, - and _. "
        "Reload the page."
    )


def _numbers(request: Request, name: str) -> list[int]:
    """The comma-separated whole numbers of a query parameter; anything else in it is ignored."""
    parts = request.query_params.get(name, "").split(",")
    numbers = [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 16]
    return numbers[: 2 * MOST_ITEMS]


def opened_labels(request: Request) -> tuple[Dataset, LabelStore]:
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
