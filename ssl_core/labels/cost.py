"""What labels cost: seconds by person, class and way of labelling."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from ssl_core.labels.answers import Resolver
from ssl_core.labels.events import Answer
from ssl_core.labels.head_table import find_head, read_heads
from ssl_core.labels.store import LabelStore

Key = TypeVar("Key", bound=str | Answer)
_TIMED = """
SELECT person, origin, value, seconds FROM events
WHERE head = ? AND kind = 'label' AND seconds IS NOT NULL AND value IS NOT NULL
    AND sequence NOT IN (SELECT sequence FROM undone)
"""


@dataclass(frozen=True)
class TimedLabel:
    """One answer whose time is known. In a batch each answer has its share of the batch."""

    person: str
    origin: str
    value: Answer  # merges resolved
    seconds: float


@dataclass(frozen=True)
class Cost:
    """Labels of one kind and the time they took."""

    labels: int
    total: float  # seconds
    mean: float  # seconds a label: what one more costs
    middle: float  # seconds, the median: pauses do not move it


def timed_labels(store: LabelStore, head: str | None = None) -> list[TimedLabel]:
    """Every answer to `head` (None: the main one) with a time, also where it was changed later.

    Those that were taken back are left out. Drawn and adopted ones, and those of a CSV, have none.
    """

    def work(connection: sqlite3.Connection) -> list[TimedLabel]:
        asked = find_head(read_heads(connection), head).name
        resolve = Resolver(connection)
        rows = connection.execute(_TIMED, (asked,))
        return [TimedLabel(row[0], row[1], resolve(asked, row[2]), row[3]) for row in rows]

    return store.read(work)


def cost_by(labels: list[TimedLabel], key: Callable[[TimedLabel], Key]) -> dict[Key, Cost]:
    """Cost of the labels for each value of `key`, the most labels first."""
    groups: dict[Key, list[float]] = {}
    for label in labels:
        groups.setdefault(key(label), []).append(label.seconds)
    ordered = sorted(groups.items(), key=lambda group: -len(group[1]))
    return {name: cost_of(seconds) for name, seconds in ordered}


def cost_of(seconds: list[float]) -> Cost:
    """Cost of labels that took these seconds each, at least one."""
    total = sum(seconds)
    return Cost(len(seconds), total, total / len(seconds), median(seconds))
