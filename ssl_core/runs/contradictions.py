"""Labels that finished runs contradict: where to look first for wrong ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.class_table import ClassTable
from ssl_core.labels.events import Answer
from ssl_core.labels.review import FoundLabels
from ssl_core.labels.store import LabelStore
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.request import RunRequest, TrainedClass
from ssl_core.runs.told import told_by_reference

FAR = 1.0  # standard deviations of the answers given: a number that is off by more contradicts


@dataclass(frozen=True)
class Opinion:
    """What one run says of every item in answer to one head, in the classes of today.

    answers: (count,), int32, identifier of a live class, -1 = none; of a regression head float64
    in its unit, NaN = none.
    confidence: (count,), float32 in [0, 1], probability of that answer, 0 where there is none;
    None of a regression head.
    """

    run: str
    answers: NDArray[np.int32] | NDArray[np.float64]
    confidence: NDArray[np.float32] | None


def answers_head(request: RunRequest, head: str) -> bool:
    """Whether a run learned to answer the head of this name."""
    return any(one.name == head for one in request.all_heads)


def opinion_of(
    dataset: Dataset, store: LabelStore, folder: RunFolder, head: str | None = None
) -> Opinion | None:
    """What the run answers to `head` (None: the main one), merges of classes followed.

    None where it left no predictions, answered nothing, does not say how sure it is, knows its
    classes by reference labels, was made with other items of the same name, or does not answer
    that head. Raises UserError where its files are damaged.
    """
    request, asked = folder.request(), store.head(head)
    known = {one.name: one for one in request.all_heads if one.kind == asked.kind}
    if request.fingerprint != dataset.manifest.fingerprint or asked.name not in known:
        return None
    if told_by_reference(request, folder.status().results):
        return None
    if asked.kind == "regression":
        opinion = _of_numbers(folder, asked.name)
    elif asked.name == request.all_heads[0].name:
        opinion = _of_main_head(folder, request.classes, store.class_table(asked.name))
    else:
        classes = known[asked.name].classes
        opinion = _of_further_head(folder, asked.name, classes, store.class_table(asked.name))
    fits = opinion is not None and len(opinion.answers) == dataset.manifest.count
    return opinion if fits else None


def _of_main_head(
    folder: RunFolder, classes: Sequence[TrainedClass], table: ClassTable
) -> Opinion | None:
    predicted, probabilities = folder.predicted(), folder.predictions()
    if predicted is None or probabilities is None or not probabilities.shape[1]:
        return None
    if not (predicted >= 0).any():
        return None
    live = np.array([table.resolve(known.identifier) for known in classes], np.int32)
    answers = np.where(predicted >= 0, live[predicted], -1).astype(np.int32)
    confidence = np.zeros(len(answers), np.float32)
    for identifier in np.unique(live).tolist():  # classes merged since count together
        rows = answers == identifier
        confidence[rows] = probabilities[rows][:, live == identifier].sum(axis=1, dtype=np.float32)
    return Opinion(folder.run, answers, np.minimum(confidence, 1.0))


def _of_further_head(
    folder: RunFolder, head: str, classes: Sequence[TrainedClass], table: ClassTable
) -> Opinion | None:
    """Of such a head a run keeps the probability of its answer alone."""
    predicted, sure = (folder.answers_to(head, what) for what in ("predicted", "confidence"))
    if predicted is None or sure is None:
        return None
    live = np.array([table.resolve(known.identifier) for known in classes], np.int32)
    return Opinion(folder.run, live[predicted], sure.astype(np.float32))


def _of_numbers(folder: RunFolder, head: str) -> Opinion | None:
    predicted = folder.answers_to(head, "predicted")
    return None if predicted is None else Opinion(folder.run, predicted.astype(np.float64), None)


def spread_of(store: LabelStore, head: str) -> float:
    """Standard deviation of the numbers that count, in the unit of the head; 0 of less than two."""
    values = store.current(head).values
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def contradiction_scores(
    opinions: Sequence[Opinion],
    items: NDArray[np.int64],
    values: NDArray[np.int32] | NDArray[np.float64],
    spread: float = 0.0,
) -> NDArray[np.float64]:
    """(n,), float64: mean over the runs of how strongly each contradicts the label.

    items, values: (n,), the labels, as identifiers of live classes, or numbers with their `spread`
    (of `spread_of`). Of classes that is the probability of another answer, in [0, 1]; of numbers
    the distance in standard deviations. A run that gives the same answer as the label, a number
    less than FAR away, or none counts as 0. Labels are ranked by what the model is sure of, as
    in confident learning (Northcutt, Jiang and Chuang 2021, JAIR 70, section 3.2), which asks for
    predictions of a model that did not train on the label: a run that did may have learnt a wrong
    one by heart, and then does not contradict it.
    """
    total = np.zeros(len(items), np.float64)
    for opinion in opinions:
        total += _strength(opinion, items, values, spread)
    return total / max(1, len(opinions))


def contradicts(opinion: Opinion, item: int, value: Answer, spread: float = 0.0) -> float:
    """How strongly a run contradicts one label; 0 where it does not."""
    return float(_strength(opinion, np.array([item]), np.array([value]), spread)[0])


def _strength(
    opinion: Opinion,
    items: NDArray[np.int64],
    values: NDArray[np.int32] | NDArray[np.float64],
    spread: float,
) -> NDArray[np.float64]:
    answers = opinion.answers[items]
    if opinion.confidence is not None:
        differs = (answers >= 0) & (answers != values)
        return np.where(differs, opinion.confidence[items].astype(np.float64), 0.0)
    if not spread:
        return np.zeros(len(items), np.float64)
    off = np.abs(answers - values) / spread
    return np.where(off >= FAR, off, 0.0)


def most_contradicted(
    dataset: Dataset, found: FoundLabels, opinions: Sequence[Opinion], spread: float = 0.0
) -> tuple[FoundLabels, NDArray[np.float64]]:
    """Those of `found` that some run contradicts, the highest score first, and their scores.

    found: labels of one head. spread: of `contradiction_scores`. Labels of one score stay in their
    order. Held-out labels are left out: corrected only where a model contradicts them, they would
    flatter that model.
    """
    found = found.chosen(np.flatnonzero(~dataset.held_out[found.items]))
    scores = contradiction_scores(opinions, found.items, found.values, spread)
    order = np.argsort(-scores, kind="stable")[: int(np.count_nonzero(scores))]
    return found.chosen(order), scores[order]
