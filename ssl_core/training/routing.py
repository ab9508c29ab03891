"""Coarse and fine: what the methods that send items to branches or experts have in common."""

import math

import numpy as np
from numpy.typing import NDArray

from ssl_core.errors import UserError
from ssl_core.heads import plain_name
from ssl_core.methods.base import HeadTask, Task
from ssl_core.runs.confusion import MATRIX_LIMIT
from ssl_core.stats import entropy
from ssl_core.training.panels import Panel, bars, histogram, matrix

ENTROPY = "entropy"
_GATE_ENTROPY = f"gate/{ENTROPY}"
COUNTED = 256  # items that are looked at
SHOWN_GROUPS = 8  # in one histogram
LEAST = 5  # items that a share is counted on
EDGES = np.linspace(0.0, 1.0, 21)  # of histograms of shares


def fine_and_coarse(task: Task) -> tuple[HeadTask, HeadTask]:
    """The two heads of a task: the main one is fine. Raises UserError where they do not fit."""
    fine, coarse = task.heads
    if coarse.kind == "regression":
        raise UserError(
            f"The head {coarse.name!r} is answered with numbers. Expected a second head with "
            "coarse classes, such as animal or vehicle. Choose another head, or add one."
        )
    for head in (fine, coarse):
        if head.classes < 2:
            raise UserError(
                f"The head {head.name!r} has {head.classes} class. Expected at least two. Label "
                "items of another class."
            )
    return fine, coarse


def route_figures(
    name: str,
    labels: tuple[NDArray, NDArray],
    route: NDArray[np.int64],
    answer: NDArray[np.int64],
    given: NDArray[np.int64],
) -> dict[str, float]:
    """How often the route, the answer, and the answer with the right route given, are right.

    name: of the fine head. labels: fine and coarse, -1 = none. route, answer, given: (n,), what is
    chosen. Where every fine class belongs to one group, accuracy = router accuracy x accuracy where
    the route is right. Nothing is said of fewer than LEAST items.
    """
    fine, coarse = labels
    right_way, known = route == coarse, coarse >= 0
    both = known & (fine >= 0)
    figures = {}
    if known.sum() >= LEAST:
        figures["router/accuracy"] = float(right_way[known].mean())
    if both.sum() >= LEAST:
        figures[f"accuracy/{name} with the route given"] = float((given == fine)[both].mean())
    if (both & right_way).sum() >= LEAST:
        right = (answer == fine)[both & right_way]
        figures[f"accuracy/{name} where the route is right"] = float(right.mean())
    return figures


def group_names(groups: tuple[str, ...]) -> tuple[str, ...]:
    """What groups, named as a person likes, are called in metrics: each otherwise, and not ENTROPY.

    The number of the group is added where nothing of its name can be kept, or another has it.
    """
    names: list[str] = []
    for number, group in enumerate(groups, start=1):
        name = plain_name(group) or f"group_{number}"
        while name in (ENTROPY, *names):
            name = f"{name}_{number}"
        names.append(name)
    return tuple(names)


def gate_figures(weights: NDArray, groups: tuple[str, ...]) -> dict[str, float]:
    """Mean weight of each group, and the mean entropy of the gate in nats. weights: (n, groups)."""
    means = zip(group_names(groups), weights.mean(0), strict=True)
    figures = {f"gate/{name}": float(mean) for name, mean in means}
    return {_GATE_ENTROPY: float(entropy(weights).mean())} | figures


def gate_guides(groups: int) -> dict[str, dict[str, float]]:
    """The line that the entropy of a gate between so many groups is read against."""
    return {_GATE_ENTROPY: {f"ln {groups}": math.log(groups)}}


def gate_panels(
    weights: NDArray,
    predicted: NDArray[np.int64],
    groups: tuple[str, ...],
    classes: tuple[str, ...],
) -> tuple[Panel, ...]:
    """Weights of the gate: how they are spread, and for which answer they are what.

    weights: (n, groups), of items of the pool. predicted: (n,), index of the class each was given.
    """
    shown = {name: weights[:, place] for place, name in enumerate(groups[:SHOWN_GROUPS])}
    spread = histogram(
        "gate",
        "Weights of the gate",
        "Images of the pool by the weight that each group gets. At the ends the gate is sure; all "
        f"at 1/{len(groups)} it does not choose.",
        shown,
        EDGES,
        "weight",
    )
    if len(classes) > MATRIX_LIMIT:
        return (spread,)
    means = np.zeros((len(classes), len(groups)))
    for place in range(len(classes)):
        chosen = predicted == place
        if chosen.any():
            means[place] = weights[chosen].mean(axis=0)
    by_answer = matrix(
        "gate_by_answer",
        "Which way an answer went",
        "Row: the class that images of the pool were given. Column: the mean weight of each group. "
        "An empty row was never answered.",
        np.round(means, 3),
        (classes, groups),
        ("answer", "group"),
        "share",
    )
    return spread, by_answer


def branch_panels(
    labels: tuple[NDArray, NDArray],
    answer: NDArray[np.int64],
    given: NDArray[np.int64],
    groups: tuple[str, ...],
) -> tuple[Panel, ...]:
    """How often each branch is right: bars a group, over the items that belong to it.

    labels: fine and coarse, -1 = none. answer, given: (n,), as of `route_figures`. A group with
    fewer than LEAST items has no bar; more groups than can be read have no picture.
    """
    if len(groups) > MATRIX_LIMIT:
        return ()
    fine, coarse = labels
    members = [np.flatnonzero((coarse == place) & (fine >= 0)) for place in range(len(groups))]

    def shares(said: NDArray[np.int64]) -> NDArray[np.float64]:
        hits = [(said == fine)[items] for items in members]
        return np.array([one.mean() if len(one) >= LEAST else math.nan for one in hits])

    panel = bars(
        "branch_accuracy",
        "Accuracy of each branch",
        "Validation images by the group that they belong to: how many get the right answer, and "
        "how many would if each were sent its right way. Where the second bar is low the branch "
        "of the group is to blame, and where only the first is, the way there.",
        groups,
        {"as it is sent": shares(answer), "sent the right way": shares(given)},
        "share right",
        "share",
        title_x="group",
    )
    return (panel,)
