"""The order of items without an answer, by the strategy that was chosen for a dataset."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.labels.random_order import cached_order
from ssl_core.labels.run_orders import order_of, predicted_by
from ssl_core.labels.serving_runs import ServingRun, runs_for, serving_runs
from ssl_core.labels.store import LabelStore
from ssl_core.labels.strategies.catalogue import (
    DIVERSITY,
    PEOPLE,
    PER_CLASS,
    RANDOM,
    STRATEGIES,
    Choice,
    Strategy,
)
from ssl_core.labels.strategies.class_balance import class_balanced
from ssl_core.labels.strategies.places import RANDOM_AT_FIRST, RANDOM_EVERY, mixed

Items = NDArray[np.int64]


@dataclass(frozen=True)
class Ordering:
    """What a strategy comes to now. runs: those that it is worked out from, newest first."""

    choice: Choice
    runs: tuple[ServingRun, ...]

    @property
    def strategy(self) -> Strategy:
        return STRATEGIES[self.choice.strategy]

    @property
    def key(self) -> str:
        """Another one whenever the items are ordered anew."""
        return ":".join([self.strategy.name, *(run.name for run in self.runs)])

    def sentence(self, noun: str, called: str = "") -> str:
        """What it means now, for a person. noun: "image" or "text".

        called: what a screen calls the newest of `runs`; "" for its title.
        """
        if self.by_chance:
            return self.strategy.sentence
        if self.runs:
            title = called or self.runs[0].summary.title
            by = f"By “{title}”" if len(self.runs) == 1 else f"By {len(self.runs)} runs"
            return f"{self.strategy.sentence} {by}, every tenth {noun} at random."
        named = self.choice.run is not None
        start = "That run cannot choose so" if named else "No finished run can choose so yet"
        pixels = "half of them by how unlike their pixels are, half " if noun == "image" else ""
        return f"{start}: {noun}s come {pixels}at random, until one has finished."

    @property
    def by_chance(self) -> bool:
        """Whether no model has any part in it."""
        return self.strategy.name in (RANDOM, PEOPLE)


def ordering_of(
    dataset: Dataset, store: LabelStore, choice: Choice | None = None
) -> tuple[Ordering, list[ServingRun]]:
    """What `choice` comes to, and all runs that could serve a strategy, newest first.

    choice: None for what was chosen for the dataset.
    """
    choice = choice or store.strategy()
    runs = serving_runs(dataset, store.head().name)
    needs = STRATEGIES[choice.strategy].needs
    return Ordering(choice, tuple(runs_for(needs, runs, choice.run))), runs


def in_order(
    dataset: Dataset, store: LabelStore, ordering: Ordering, fresh: Items, place: int, limit: int
) -> list[int]:
    """At most `limit` of `fresh` (n,), which are in random order, the one to ask first in front.

    place: how many items were dealt with. Items kept aside for the test figure come in their
    random order at their share of the places, whatever is chosen: docs/decisions/0010.
    """
    if ordering.by_chance:
        return [int(item) for item in fresh[:limit]]
    aside = dataset.held_out
    free, kept = fresh[~aside[fresh]], fresh[aside[fresh]]
    try:
        chosen = _chosen(dataset, store, ordering, free, limit)
    except UserError:  # a run was deleted, or its file is damaged: labelling goes on
        chosen = free[:0]
    pool = dataset.manifest.count - dataset.manifest.splits.get("test", 0)
    return mixed(
        place,
        limit,
        chosen.tolist(),
        free[:limit].tolist(),
        kept[:limit].tolist(),
        float(np.count_nonzero(aside)) / max(1, pool),
        RANDOM_EVERY if ordering.runs else RANDOM_AT_FIRST,
    )


def _chosen(
    dataset: Dataset, store: LabelStore, ordering: Ordering, free: Items, limit: int
) -> Items:
    """At most `limit` of `free` (n,) as the strategy has them, or what stands in for it."""
    name, runs = ordering.strategy.name, ordering.runs
    if not runs and dataset.manifest.kind != "images":
        return free[:0]
    if name == PER_CLASS and runs:
        return _of_small_classes(store, runs[0], free, limit)
    pool = _pool_in_random_order(dataset)
    labelled = store.current().items
    order = order_of(dataset, name if runs else DIVERSITY, runs, pool, labelled)
    is_free = np.zeros(dataset.manifest.count, np.bool_)
    is_free[free] = True
    return order[is_free[order]][:limit]


def _of_small_classes(store: LabelStore, run: ServingRun, free: Items, limit: int) -> Items:
    """At most `limit` of `free` (n,): what `run` takes for the classes with the fewest labels.

    A class that was merged since the run began is the one it was merged into.
    """
    counts, table = store.counts(), store.class_table()
    places = {identifier: place for place, identifier in enumerate(counts)}
    trained = [table.resolve(one.identifier) for one in run.summary.request.classes]
    place_of = np.array([places.get(identifier, -1) for identifier in trained], np.int64)
    labels = np.array(list(counts.values()), np.int64)
    return free[class_balanced(place_of[predicted_by(run)[free]], labels, limit)]


def _pool_in_random_order(dataset: Dataset) -> Items:
    """What a strategy may choose from: outside the test split and not kept aside."""
    order = cached_order(dataset)
    return order[~dataset.held_out[order]]
