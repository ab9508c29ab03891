"""The labels of one dataset: everything that people answered, and the heads."""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.errors import UserError
from ssl_core.heads import Head
from ssl_core.labels import answers, class_table, head_table
from ssl_core.labels.class_table import ClassTable, read_classes
from ssl_core.labels.classes import LabelClass
from ssl_core.labels.database import read_setting, write_setting
from ssl_core.labels.event_log import last_sequence, write_events
from ssl_core.labels.events import (
    Answer,
    CurrentLabels,
    LabelEvent,
    PastAction,
    Receipt,
    RecentLabel,
)
from ssl_core.labels.head_table import find_head, read_heads
from ssl_core.labels.in_force import InForce, KeptAnswers
from ssl_core.labels.label_file import Found, LabelFile
from ssl_core.labels.people import plain_name, read_names, set_name
from ssl_core.labels.sent import read_sent, send
from ssl_core.labels.strategies.catalogue import STRATEGIES, Choice
from ssl_core.workspace import checked_identifier

DEFAULT_GOAL = 100
_GOAL_SETTING, _STRATEGY_SETTING = "goal", "strategy"


class LabelStore(LabelFile):
    """Labels, heads, classes and goal of one dataset. Safe to use from many threads and processes.

    Where a method takes a head, that is its name, and None stands for the main one. Every method
    may raise UserError (damaged file, disk full, locked by another program).
    """

    def __init__(self, dataset: Dataset) -> None:
        super().__init__(dataset)
        self._count = dataset.manifest.count
        self._noun = dataset.manifest.noun_plural
        self._pool = int(np.count_nonzero(dataset.splits != TEST))
        self._splits, self._kept_aside = dataset.splits, dataset.held_out
        self._kept: dict[str, KeptAnswers] = {}
        self._cached: dict[str, tuple[InForce, dict[int, int], CurrentLabels]] = {}

    # Answers

    def submit(self, events: Sequence[LabelEvent]) -> Receipt:
        """Store `events`; on disk when this returns. Says of each whether it was taken."""
        taken = list(events)
        return self.write(lambda connection: write_events(connection, taken, self._count))

    def append(self, events: Sequence[LabelEvent]) -> list[str]:
        """Store `events`; returns the ids that are on disk. Known ids are not stored twice."""
        return self.submit(events).acknowledged

    def current(self, head: str | None = None) -> CurrentLabels:
        """The answers that count now. Do not write to the arrays: they are shared."""

        def work(connection: sqlite3.Connection, asked: Head) -> CurrentLabels:
            found, table = self._found(connection, asked), read_classes(connection, asked.name)
            known = self._cached.get(asked.name)
            if known is None or known[0] is not found or known[1] != table.merged:
                known = (found, table.merged, answers.current_of(found, asked, table))
                self._cached[asked.name] = known
            return known[2]

        return self._of_head(head, work)

    def in_force(self, head: str | None = None) -> InForce:
        """The last answer of each person to a head. Do not write to the arrays: they are shared."""
        return self._of_head(head, self._found)

    def _found(self, connection: sqlite3.Connection, asked: Head) -> InForce:
        """Called while reading, which one thread does at a time."""
        return self._kept.setdefault(asked.name, KeptAnswers(asked.name)).up_to_date(connection)

    def answers_of(self, items: Sequence[int]) -> dict[int, dict[str, Answer]]:
        """Item -> head -> the answer that counts now, for those of `items` that have any."""
        return self.read(lambda connection: answers.read_answers(connection, items))

    def counts(self, head: str | None = None) -> dict[int, int]:
        """Labelled items of every live class, by class identifier; 0 where there are none."""
        live = [one.identifier for one in self.classes(head)]
        if not live:
            return {}
        totals = np.bincount(self.current(head).values.astype(np.int64), minlength=max(live) + 1)
        return {identifier: int(totals[identifier]) for identifier in live}

    def total(self, head: str | None = None) -> int:
        """How many items are labelled."""
        return len(self.current(head).items)

    def recent(self, limit: int = 20, head: str | None = None) -> list[RecentLabel]:
        """The answers that count now and were given last, newest first."""
        return self._of_head(head, lambda read, asked: answers.read_recent(read, asked, limit))

    def recent_items(self, limit: int = 20) -> list[int]:
        """The items that were answered last, whichever head, newest first."""
        return self.read(lambda connection: answers.read_recent_items(connection, limit))

    def origin_counts(self, head: str | None = None) -> dict[str, int]:
        """How many of the answers that count now came each way, the most frequent first."""
        return answers.origins_of(self.in_force(head))

    def history(self, person: str, limit: int = 30) -> list[PastAction]:
        """What `person` did by hand and may still undo, newest first."""
        return self.read(lambda connection: answers.read_history(connection, person, limit))

    def median_seconds(self) -> float | None:
        """Median time of the latest hand labels, seconds; None where none was timed."""
        return self.read(answers.read_median_seconds)

    def last_event(self) -> int:
        """Sequence number of the newest event; 0 where there is none."""
        return self.read(last_sequence)

    def last_label(self) -> int:
        """Sequence number of the newest label that counts now; 0 where there is none."""
        return self._of_head(None, lambda read, asked: answers.read_last_label(read, asked.name))

    def skips(self) -> list[int]:
        """Items that were skipped and have no label, the longest ago first."""

        def work(connection: sqlite3.Connection) -> list[int]:
            main = read_heads(connection)[0].name
            return [item for item, head in answers.read_skips(connection) if head == main]

        return self.read(work)

    def skips_of_heads(self) -> list[tuple[int, str]]:
        """(item, head) that were skipped and have no label, the longest ago first."""
        return self.read(answers.read_skips)

    def skipped_items(self) -> set[int]:
        """Items that were skipped and have no label."""
        return set(self.skips())

    # The order of the queue, items that were sent, and people

    def send_items(self, items: Sequence[int], reason: str) -> int:
        """Put `items` at the front of everybody's queue until they are answered or skipped.

        Returns how many were added: not those sent already, of the test split, or kept aside for
        the test figure and still without a label of the main head. Raises UserError where there
        is no such item.
        """
        wrong = [item for item in items if not 0 <= item < self._count]
        if wrong:
            raise UserError(f"There is no item {wrong[0]}. Expected 0 to {self._count - 1}.")
        allowed = [item for item in items if self._splits[item] != TEST]
        return self.write(send(allowed, reason, self._kept_aside))

    def sent_items(self) -> dict[int, str]:
        """Item -> why it was sent, the longest ago first."""
        return self.read(read_sent)

    def strategy(self) -> Choice:
        """How the next items are chosen, and by which run."""
        known = self.read(lambda connection: read_setting(connection, _STRATEGY_SETTING))
        return Choice.model_validate_json(known) if known else Choice()

    def set_strategy(self, strategy: str, run: str | None = None) -> None:
        """Choose the next items so from now on. run: None = the newest finished one that can serve.

        Raises UserError where there is no such strategy.
        """
        if strategy not in STRATEGIES:
            raise UserError(
                f"There is no strategy {strategy[:40]!r}. Expected {', '.join(STRATEGIES)}."
            )
        choice = Choice(strategy=strategy, run=checked_identifier(run) if run else None)
        value = choice.model_dump_json()
        self.write(lambda connection: write_setting(connection, _STRATEGY_SETTING, value))

    def names(self) -> dict[str, str]:
        """Person -> the name they gave themselves."""
        return self.read(read_names)

    def name_of(self, person: str) -> str:
        """What to call a person: the name they gave, else one made of their random text."""
        return self.names().get(person) or plain_name(person)

    def set_name(self, person: str, name: str) -> None:
        """Call `person` by `name` from now on; an empty one takes the name away."""
        self.write(set_name(person, name))

    # Heads, classes and goal

    def heads(self) -> list[Head]:
        """What is asked of every item, the main head first, with the names of the live classes."""
        return self.read(read_heads)

    def head(self, name: str | None = None) -> Head:
        """One head. Raises UserError where there is none of this name."""
        return self._of_head(name, lambda read, asked: asked)

    def add_head(self, head: Head) -> None:
        """Ask one more question of every item, after the others."""
        self.write(head_table.add(head))

    def classes(self, head: str | None = None) -> list[LabelClass]:
        """The classes to answer with, in the order shown."""
        return self.class_table(head).live

    def class_table(self, head: str | None = None) -> ClassTable:
        """All classes of a head, merged ones too."""
        return self._of_head(head, lambda read, asked: read_classes(read, asked.name))

    def add_class(
        self, name: str, colour: str | None = None, head: str | None = None
    ) -> LabelClass:
        """A new class after the last one. `colour`: "#rrggbb", else the next of the palette."""
        return self.write(class_table.add(name, colour, head))

    def rename_class(self, identifier: int, name: str) -> None:
        """Give a class another name. Its labels stay."""
        self.write(class_table.rename(identifier, name))

    def recolour_class(self, identifier: int, colour: str) -> None:
        """Give a class another colour, "#rrggbb"."""
        self.write(class_table.recolour(identifier, colour))

    def merge_classes(self, source: int, target: int) -> None:
        """Count every answer `source` as `target` from now on; `source` is no longer offered."""
        self.write(class_table.merge(source, target))

    def goal(self) -> int:
        """How many items the person wants to label."""
        known = self.read(lambda connection: read_setting(connection, _GOAL_SETTING))
        return int(known) if known else max(1, min(DEFAULT_GOAL, self._pool))

    def set_goal(self, goal: int) -> None:
        """Set how many items to label. Raises UserError below 1 or above their number."""
        if not 1 <= goal <= self._count:
            raise UserError(
                f"The goal {goal} cannot be reached. Expected 1 to {self._count:,}, "
                f"the number of {self._noun}."
            )
        self.write(lambda connection: write_setting(connection, _GOAL_SETTING, str(goal)))

    def _of_head(
        self, head: str | None, work: Callable[[sqlite3.Connection, Head], Found]
    ) -> Found:
        """What `work` returns for the head of this name. Raises UserError where there is none."""
        return self.read(lambda read: work(read, find_head(read_heads(read), head)))


_stores: dict[Path, LabelStore] = {}
_opening = threading.Lock()


def open_labels(dataset: Dataset) -> LabelStore:
    """The labels of `dataset`, one object a process. Raises UserError where they are damaged."""
    folder = dataset.folder.resolve()
    with _opening:
        known = _stores.get(folder)
        if known is not None and not known.is_for(dataset):
            _stores.pop(folder).close()
            known = None
        if known is None:
            known = _stores[folder] = LabelStore(dataset)
        return known


def forget_labels(folder: Path) -> None:
    """Close the labels of the dataset in `folder` where this process has them open."""
    with _opening:
        known = _stores.pop(folder.resolve(), None)
        if known is not None:
            known.close()
