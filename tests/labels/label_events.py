"""Label events for tests, and what they come to."""

import sqlite3
import uuid

from ssl_core.labels.events import LabelEvent
from ssl_core.labels.store import LabelStore


def label(item: int, value: int | None, person: str = "me", **more: object) -> LabelEvent:
    fields = {"event": uuid.uuid4().hex, "kind": "label", "person": person, "item": item}
    return LabelEvent.model_validate({**fields, "value": value, **more})


def skip(item: int, person: str = "me") -> LabelEvent:
    return LabelEvent(event=uuid.uuid4().hex, kind="skip", person=person, item=item)


def undo(target: LabelEvent, person: str = "me") -> LabelEvent:
    return LabelEvent(
        event=uuid.uuid4().hex, kind="undo", person=person, item=target.item, target=target.event
    )


def as_version_3(connection: sqlite3.Connection) -> None:
    """Take away what later versions added to a label file."""
    for table in ("sent", "lent", "people"):
        connection.execute(f"DROP TABLE {table}")
    for index in ("events_by_person", "events_of_batch"):
        connection.execute(f"DROP INDEX {index}")
    connection.execute("ALTER TABLE events DROP COLUMN batch")
    connection.execute(
        "CREATE INDEX events_by_hand ON events (person, sequence) "
        "WHERE origin = 'hand' AND kind != 'undo'"
    )
    connection.execute("PRAGMA user_version = 3")


def answers(store: LabelStore) -> dict[int, int]:
    current = store.current()
    return dict(zip(current.items.tolist(), current.values.tolist(), strict=True))
