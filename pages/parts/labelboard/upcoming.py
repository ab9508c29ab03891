"""What the board says about the items that come next, and about who labels."""

from typing import Any

from pages.parts.runtext import listed_name, run_name
from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.people import plain_name
from ssl_core.labels.queue import Queue
from ssl_core.labels.store import LabelStore
from ssl_core.labels.strategies.catalogue import STRATEGIES

MOST_RUNS_OFFERED = 20  # to choose what comes next, the newest


def upcoming(dataset: Dataset, store: LabelStore, queue: Queue, person: str) -> dict[str, Any]:
    """How the next items are chosen, all ways to choose, the runs that can, and who asks."""
    ordering = queue.ordering
    newest = run_name(ordering.runs[0].summary) if ordering.runs else ""
    return {
        "strategy": ordering.strategy.name,
        "title": ordering.strategy.title,
        "run": ordering.choice.run,
        "order": ordering.key,
        "sentence": ordering.sentence(dataset.manifest.noun, newest),
        "by": newest,
        "strategies": [
            {"name": one.name, "title": one.title, "needs": one.needs}
            for one in STRATEGIES.values()
        ],
        "runs": [
            {"run": run.name, "title": listed_name(run.summary), "offers": sorted(run.offers)}
            for run in queue.runs[:MOST_RUNS_OFFERED]
        ],
        "name": store.names().get(person, ""),
        "called": plain_name(person),
    }
