"""One answer for many items, as one batch that can be taken back as a whole."""

import uuid
from collections.abc import Sequence

from ssl_core.errors import UserError
from ssl_core.labels.draw import append_in_batches
from ssl_core.labels.events import Origin, new_label
from ssl_core.labels.store import LabelStore

COMMAND_LINE = "command-line"  # the person, where no browser says who it is


def give_together(
    store: LabelStore, items: Sequence[int], identifier: int, origin: Origin, head: str | None
) -> int:
    """Give `items` the class `identifier`; returns how many labels are on disk."""
    batch = uuid.uuid4().hex
    events = [
        new_label(item, identifier, head=head, person=COMMAND_LINE, origin=origin, batch=batch)
        for item in items
    ]
    return append_in_batches(store, events)


def class_called(store: LabelStore, name: str, head: str | None = None) -> int:
    """The identifier of a class by its name. Raises UserError where there is none."""
    classes = store.classes(head)
    for one in classes:
        if one.name == name:
            return one.identifier
    known = ", ".join(one.name for one in classes[:20]) or "none yet"
    raise UserError(f"There is no class {name[:40]!r}. The classes are: {known}.")
