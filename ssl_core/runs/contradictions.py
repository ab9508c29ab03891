"""Labels that finished runs contradict: where to look first for wrong ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.review import FoundLabels
from ssl_core.labels.store import LabelStore
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.told import told_by_reference


@dataclass(frozen=True)
class Opinion:
    """What one run says of every item, in the classes of today.

    answers: (count,), int32, identifier of a live class, -1 = none.
    confidence: (count,), float32 in [0, 1], probability of that answer; 0 where there is none.
    """

    run: str
    answers: NDArray[np.int32]
    confidence: NDArray[np.float32]


def opinion_of(dataset: Dataset, store: LabelStore, folder: RunFolder) -> Opinion | None:
    """What the run answers to the main head, merges of classes followed.

    None where it left no predictions, answered nothing, knows its classes by reference labels, or
    was made with other items of the same name or another main head. Raises UserError where its
    files are damaged.
    """
    request = folder.request()
    heads = request.all_heads
    if request.fingerprint != dataset.manifest.fingerprint or heads[0].name != store.head().name:
        return None
    if told_by_reference(request, folder.status().results):
        return None
    predicted, probabilities = folder.predicted(), folder.predictions()
    if predicted is None or probabilities is None or not probabilities.shape[1]:
        return None
    if len(predicted) != dataset.manifest.count or not (predicted >= 0).any():
        return None
    table = store.class_table()
    live = np.array([table.resolve(known.identifier) for known in request.classes], np.int32)
    answers = np.where(predicted >= 0, live[predicted], -1).astype(np.int32)
    confidence = np.zeros(len(answers), np.float32)
    for identifier in np.unique(live).tolist():  # classes merged since count together
        rows = answers == identifier
        confidence[rows] = probabilities[rows][:, live == identifier].sum(axis=1, dtype=np.float32)
    return Opinion(folder.run, answers, np.minimum(confidence, 1.0))


def contradiction_scores(
    opinions: Sequence[Opinion], items: NDArray[np.int64], values: NDArray[np.int32]
) -> NDArray[np.float64]:
    """(n,), float64 in [0, 1]: mean over the runs of the probability of another answer.

    items, values: (n,), the labels, as identifiers of live classes. A run that gives the same
    answer as the label, or none, counts as 0. Labels are ranked by what the model is sure of, as
    in confident learning (Northcutt, Jiang and Chuang 2021, JAIR 70, section 3.2), which asks for
    predictions of a model that did not train on the label: a run that did may have learnt a wrong
    one by heart, and then does not contradict it.
    """
    total = np.zeros(len(items), np.float64)
    for opinion in opinions:
        answers = opinion.answers[items]
        total += np.where((answers >= 0) & (answers != values), opinion.confidence[items], 0.0)
    return total / max(1, len(opinions))


def most_contradicted(
    dataset: Dataset, found: FoundLabels, opinions: Sequence[Opinion]
) -> tuple[FoundLabels, NDArray[np.float64]]:
    """Those of `found` that some run contradicts, the highest score first, and their scores.

    found: labels of the main head. Labels of one score stay in their order. Held-out labels are
    left out: corrected only where a model contradicts them, they would flatter that model.
    """
    found = found.chosen(np.flatnonzero(~dataset.held_out[found.items]))
    scores = contradiction_scores(opinions, found.items, found.values.astype(np.int32))
    order = np.argsort(-scores, kind="stable")[: int(np.count_nonzero(scores))]
    return found.chosen(order), scores[order]
