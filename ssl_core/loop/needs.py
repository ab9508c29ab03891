"""Which class needs labels, and on what grounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.store import LabelStore
from ssl_core.loop.answers import RunAnswers, run_answers
from ssl_core.loop.history import pool_of
from ssl_core.loop.unseen import unseen_labels
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.told import told_by_reference
from ssl_core.stats import wilson_interval

FEWEST = 5  # labels of a class that a recall is judged by
FEW = 0.5  # of the mean number of labels: below it a class has few
UNSURE = 0.1  # below the mean confidence by this much a class is told


@dataclass(frozen=True)
class ClassState:
    """One class as the newest training and the labels see it.

    labels: that count now. right of unseen: labels of the class that the training did not learn
    from. predicted: items of the pool that it takes for this class, with their mean confidence in
    [0, 1], None where there are none or no training has ended.
    """

    name: str
    labels: int
    right: int = 0
    unseen: int = 0
    predicted: int = 0
    confidence: float | None = None


@dataclass(frozen=True)
class Need:
    """The class that labels would help most, "" where none stands out, and why, in a sentence."""

    name: str
    reason: str


def class_states(dataset: Dataset, store: LabelStore, folder: RunFolder | None) -> list[ClassState]:
    """Every class in the order shown. folder: the newest finished run, None before there is one.

    Of a run that knows its classes by reference labels nothing is told.
    """
    classes, counts = store.classes(), store.counts()
    answers = None if folder is None else _answers(store, folder)
    if folder is None or answers is None or len(answers.classes) != dataset.manifest.count:
        return [ClassState(one.name, counts[one.identifier]) for one in classes]
    items, given = unseen_labels(store, folder).T
    right = answers.classes[items] == given
    pool = pool_of(dataset)
    said, sure = answers.classes[pool], answers.confidence[pool]
    states = []
    for one in classes:
        mine, taken = given == one.identifier, said == one.identifier
        predicted = int(np.count_nonzero(taken))
        states.append(
            ClassState(
                name=one.name,
                labels=counts[one.identifier],
                right=int(np.count_nonzero(right & mine)),
                unseen=int(np.count_nonzero(mine)),
                predicted=predicted,
                confidence=float(sure[taken].mean()) if predicted else None,
            )
        )
    return states


def unsure_items(
    dataset: Dataset, store: LabelStore, folder: RunFolder, name: str, limit: int
) -> list[int]:
    """Unlabelled items of the pool that a run takes for the class called `name`, least sure first.

    Those are the ones that it may be wrong about: a label either confirms or corrects it.
    """
    answers = _answers(store, folder)
    found = [one.identifier for one in store.classes() if one.name == name]
    if answers is None or not found or len(answers.classes) != dataset.manifest.count:
        return []
    free = np.ones(dataset.manifest.count, np.bool_)
    free[store.current().items] = False
    pool = pool_of(dataset)
    taken = pool[free[pool] & (answers.classes[pool] == found[0])]
    order = np.argsort(answers.confidence[taken], kind="stable")[:limit]
    chosen: list[int] = taken[order].tolist()
    return chosen


def _answers(store: LabelStore, folder: RunFolder) -> RunAnswers | None:
    """What a run answers, None where reference labels told it or it left nothing."""
    if told_by_reference(folder.request(), folder.status().results):
        return None
    return run_answers(folder, store.class_table())


def most_needed(states: Sequence[ClassState]) -> Need:
    """The class that needs labels most: none yet, clearly missed, few, or answered unsurely."""
    if not states:
        return Need("", "There is no class yet. Name one while you label.")
    return (
        _without(states)
        or _missed(states)
        or _few(states)
        or _unsure(states)
        or Need("", "No class stands out: by labels, by what is missed, or by confidence.")
    )


def _without(states: Sequence[ClassState]) -> Need | None:
    bare = [state.name for state in states if not state.labels]
    if not bare:
        return None
    others = f", as do {len(bare) - 1} more" if len(bare) > 1 else ""
    return Need(bare[0], f"It has no label yet{others}, and so it is never answered.")


def _missed(states: Sequence[ClassState]) -> Need | None:
    """The class with the lowest recall, where its interval lies below the recall of all."""
    right, unseen = (sum(getattr(one, name) for one in states) for name in ("right", "unseen"))
    judged = [state for state in states if state.unseen >= FEWEST]
    if not judged:
        return None
    worst = min(judged, key=lambda state: state.right / state.unseen)
    if wilson_interval(worst.right, worst.unseen)[1] >= right / unseen:
        return None
    return Need(
        worst.name,
        f"Of its {worst.unseen:,} labels that the last training had not learned from, it answered "
        f"{worst.right:,} right ({_share(worst.right / worst.unseen)}); over all classes "
        f"{_share(right / unseen)}.",
    )


def _few(states: Sequence[ClassState]) -> Need | None:
    fewest = min(states, key=lambda state: state.labels)
    mean = fmean(state.labels for state in states)
    if fewest.labels >= FEW * mean:
        return None
    has = "1 label" if fewest.labels == 1 else f"{fewest.labels:,} labels"
    return Need(fewest.name, f"It has {has}, where classes have {mean:,.0f} on average.")


def _unsure(states: Sequence[ClassState]) -> Need | None:
    known = [(one.confidence, one) for one in states if one.confidence is not None]
    if not known:
        return None
    lowest, state = min(known, key=lambda pair: pair[0])
    items = sum(one.predicted for _, one in known)
    mean = sum(sure * one.predicted for sure, one in known) / items
    if lowest > mean - UNSURE:
        return None
    return Need(
        state.name,
        f"The last training is least sure where it answers this class: mean confidence "
        f"{_share(lowest)}, over all classes {_share(mean)}.",
    )


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"
