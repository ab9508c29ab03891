"""What labels cost: seconds by person, class and way of labelling."""

import sqlite3
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from ssl_core.labels.answers import Resolver
from ssl_core.labels.batches import OF_FILE
from ssl_core.labels.events import Answer
from ssl_core.labels.head_table import find_head, read_heads
from ssl_core.labels.store import LabelStore

_GIVEN_HERE = ("hand", "grid", "cluster", "accepted")  # origins; not what came from a file
PAUSE = 10.0  # an act that takes so many times the median of its way may hold a pause
SHORT = 60.0  # seconds; less is none, however small the median
Key = TypeVar("Key", bound=str | Answer)
_TIMED = """
SELECT person, origin, value, seconds FROM events
WHERE head = ? AND kind = 'label' AND seconds IS NOT NULL AND value IS NOT NULL
    AND sequence NOT IN (SELECT sequence FROM undone)
"""

# What people did here, act by act: the labels of one batch, or a single one.
_TIMED_HERE = f"""
SELECT origin, COALESCE(batch, event), item, seconds FROM events
WHERE head = ? AND kind = 'label' AND seconds IS NOT NULL AND value IS NOT NULL
    AND origin IN {_GIVEN_HERE} AND COALESCE(batch, '') NOT LIKE '{OF_FILE}%'
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

    Those that were taken back are left out. Drawn and adopted ones have none, and those of a file
    only where it says so.
    """

    def work(connection: sqlite3.Connection) -> list[TimedLabel]:
        asked = find_head(read_heads(connection), head).name
        resolve = Resolver(connection)
        rows = connection.execute(_TIMED, (asked,))
        return [TimedLabel(row[0], row[1], resolve(asked, row[2]), row[3]) for row in rows]

    return store.read(work)


@dataclass(frozen=True)
class Pace:
    """What the answers to the main head took that people gave here, pauses cut off."""

    labels: int  # timed ones, at least one
    mean: float  # seconds a label
    of_items: dict[int, float]  # seconds of all timed answers to an item, those without left out


def pace_of(store: LabelStore) -> Pace | None:
    """Of all timed answers that were not taken back; None where there are none.

    One by one, in the grid, by cluster or accepted: a mean over all of them is what labelling came
    to here. So that a pause does not count, no act takes more than ten times the median act of its
    way, or a minute where that is more; the labels of an act share what is left of it as they
    shared its time.
    """

    def work(connection: sqlite3.Connection) -> list[tuple[str, str, int, float]]:
        head = read_heads(connection)[0].name
        return connection.execute(_TIMED_HERE, (head,)).fetchall()

    rows = store.read(work)
    if not rows:
        return None
    acts: dict[tuple[str, str], float] = defaultdict(float)
    for origin, act, _, seconds in rows:
        acts[origin, act] += seconds
    by_way: dict[str, list[float]] = defaultdict(list)
    for (origin, _), whole in acts.items():
        by_way[origin].append(whole)
    longest = {origin: max(SHORT, PAUSE * median(times)) for origin, times in by_way.items()}
    of_items: dict[int, float] = defaultdict(float)
    for origin, act, item, seconds in rows:
        whole = acts[origin, act]
        of_items[item] += seconds * min(1.0, longest[origin] / whole) if whole else 0.0
    return Pace(len(rows), sum(of_items.values()) / len(rows), dict(of_items))


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
