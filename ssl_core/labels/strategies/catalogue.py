"""The ways to choose what is labelled next, as a person is offered them."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

Needs = Literal["nothing", "classes", "features", "clusters", "several runs", "several people"]


@dataclass(frozen=True)
class Strategy:
    """One way to choose. needs: what a run, runs or people must have said for it to work."""

    name: str
    title: str
    sentence: str
    needs: Needs


class Choice(BaseModel):
    """What a person chose for a dataset. run: None = the newest finished one that can serve."""

    model_config = ConfigDict(frozen=True)
    strategy: str = "random"
    run: str | None = None


RANDOM, PER_CLASS, MARGIN, ENTROPY = "random", "per-class", "margin", "entropy"
RUNS, DIVERSITY, CLUSTERS, PEOPLE = "runs", "diversity", "clusters", "people"
STRATEGIES: dict[str, Strategy] = {
    one.name: one
    for one in (
        Strategy(
            RANDOM, "At random", "In an order that was drawn once and knows no model.", "nothing"
        ),
        Strategy(
            PER_CLASS,
            "Balanced classes",
            "What the run takes for the classes that have the fewest labels.",
            "classes",
        ),
        Strategy(
            MARGIN,
            "Close calls (margin)",
            "Where the run's first and second choice are nearest to each other.",
            "classes",
        ),
        Strategy(
            ENTROPY,
            "Least sure (entropy)",
            "Where the run's probabilities are spread most widely over the classes.",
            "classes",
        ),
        Strategy(
            RUNS,
            "Runs disagree",
            "Where the newest finished runs with these classes answer differently.",
            "several runs",
        ),
        Strategy(
            DIVERSITY,
            "Most different (k-centre)",
            "What is least like everything labelled so far, by the run's features.",
            "features",
        ),
        Strategy(
            CLUSTERS,
            "Cluster by cluster",
            "One of each of the run's clusters in turn, the most typical first.",
            "clusters",
        ),
        Strategy(
            PEOPLE,
            "People disagree",
            "What two people answered differently, to be settled; then at random.",
            "several people",
        ),
    )
}
