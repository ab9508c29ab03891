"""How far people agree who answered the same items, and where they do not."""

import sqlite3
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ssl_core.labels.answers import Resolver
from ssl_core.labels.events import Answer
from ssl_core.labels.head_table import find_head, read_heads
from ssl_core.labels.store import LabelStore
from ssl_core.stats import cohen_kappa, confusion_matrix

# Reference labels are no person's; and a person who changes one has not been asked twice.
_ANSWERS = """
SELECT current.item, current.person, current.value
FROM current JOIN events USING (sequence)
WHERE current.head = ? AND current.kind = 'label' AND current.value IS NOT NULL
    AND origin NOT IN ('drawn', 'adopted')
ORDER BY current.item, current.sequence
"""


@dataclass(frozen=True)
class Agreement:
    """Two people and the items that both answered."""

    first: str
    second: str
    items: int
    same: int  # answered alike
    kappa: float | None  # None for numbers, and where nothing else could have been answered
    difference: float | None  # mean absolute difference of numbers, in the unit of the head


def answers_by_item(store: LabelStore, head: str | None = None) -> dict[int, dict[str, Answer]]:
    """Item -> person -> answer in force to `head` (None: the main one), merges resolved.

    Answers taken from reference labels are left out.
    """

    def work(connection: sqlite3.Connection) -> dict[int, dict[str, Answer]]:
        asked = find_head(read_heads(connection), head).name
        resolve = Resolver(connection)
        found: dict[int, dict[str, Answer]] = {}
        for item, person, value in connection.execute(_ANSWERS, (asked,)):
            found.setdefault(item, {})[person] = resolve(asked, value)
        return found

    return store.read(work)


def disagreements(answers: dict[int, dict[str, Answer]]) -> dict[int, dict[str, Answer]]:
    """Those of `answers` (as of `answers_by_item`) to which people answered differently."""
    return {item: given for item, given in answers.items() if len(set(given.values())) > 1}


def agreements(answers: dict[int, dict[str, Answer]], numbers: bool) -> list[Agreement]:
    """Every two people with items in common, the most items first.

    answers: as of `answers_by_item`. numbers: of a regression head.
    """
    pairs: dict[tuple[str, str], list[tuple[Answer, Answer]]] = {}
    for given in answers.values():
        for first, second in combinations(sorted(given), 2):
            pairs.setdefault((first, second), []).append((given[first], given[second]))
    found = [_agreement(*people, both, numbers) for people, both in pairs.items()]
    return sorted(found, key=lambda one: -one.items)


def _agreement(
    first: str, second: str, both: list[tuple[Answer, Answer]], numbers: bool
) -> Agreement:
    same = sum(one == other for one, other in both)
    if numbers:
        difference = sum(abs(one - other) for one, other in both) / len(both)
        return Agreement(first, second, len(both), same, None, difference)
    known = sorted({int(value) for pair in both for value in pair})
    places = np.searchsorted(known, np.array(both, np.int64))  # (n, 2)
    kappa = cohen_kappa(confusion_matrix(places[:, 0], places[:, 1], len(known)))
    return Agreement(first, second, len(both), same, None if np.isnan(kappa) else kappa, None)
