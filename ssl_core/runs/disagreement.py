"""Items to which runs give different answers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.errors import UserError
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.request import RunRequest


@dataclass(frozen=True)
class Disagreement:
    """Items on which not all runs say the same, those that all are surest of first.

    items: (n,), int64. answers: (n, runs), int64, identifier of a class. confidence: (n, runs),
    float32 in [0, 1]: the largest probability of each run. classes: identifier -> name.
    """

    items: NDArray[np.int64]
    answers: NDArray[np.int64]
    confidence: NDArray[np.float32]
    classes: dict[int, str]
    compared: int  # items that all runs answered

    def rows(self, start: int, stop: int) -> list[tuple[int, list[tuple[str, float]]]]:
        """Item and (answer, confidence) of each run, from place `start` to before `stop`."""
        part = slice(start, stop)
        return [
            (item, [(self.classes[answer], sure) for answer, sure in zip(said, how, strict=True)])
            for item, said, how in zip(
                self.items[part].tolist(),
                self.answers[part].tolist(),
                self.confidence[part].tolist(),
                strict=True,
            )
        ]


def disagreement(
    dataset: Dataset, folders: Sequence[RunFolder], *, test_split: bool, sure: float = 0.0
) -> Disagreement:
    """Where finished runs on `dataset` differ, inside the test split or outside it.

    sure: items are left out that some run gives no class at least this probability. Items come in
    descending order of the confidence of the least sure run: high where all are sure of different
    things. Raises UserError for fewer than two runs, or where one has no answers.
    """
    if len(folders) < 2:
        raise UserError("One run cannot disagree. Choose two or more.")
    requests = [folder.request() for folder in folders]
    heads = {request.all_heads[0].name for request in requests}
    if len(heads) > 1:
        raise UserError(
            f"The runs answer different questions: {', '.join(sorted(heads))}. Choose runs with "
            "the same first question."
        )
    inside = (np.asarray(dataset.splits) == TEST) == test_split
    found = [
        _answers(dataset, folder, request)
        for folder, request in zip(folders, requests, strict=True)
    ]
    answers = np.stack([said for said, _ in found], axis=1)
    confidence = np.stack([how for _, how in found], axis=1)
    answered = inside & (answers >= 0).all(axis=1)
    differ = answered & (answers != answers[:, :1]).any(axis=1)
    least = confidence.min(axis=1)
    items = np.flatnonzero(differ & (least >= sure)).astype(np.int64)
    items = items[np.argsort(-least[items], kind="stable")]
    classes = {kind.identifier: kind.name for request in requests for kind in request.classes}
    return Disagreement(
        items, answers[items], confidence[items], classes, int(np.count_nonzero(answered))
    )


def _answers(
    dataset: Dataset, folder: RunFolder, request: RunRequest
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """(count,) identifiers of classes, -1 = no answer, and (count,) their probabilities."""
    predicted, probabilities = folder.predicted(), folder.predictions()
    if (
        request.fingerprint != dataset.manifest.fingerprint
        or predicted is None
        or probabilities is None
        or len(predicted) != dataset.manifest.count
        or not probabilities.shape[1]
    ):
        raise UserError(
            f"{folder.title()} has no answers for {dataset.manifest.name}: it has not finished, "
            "answers in no classes, or was made with other data. Leave it out."
        )
    identifiers = np.array([*(kind.identifier for kind in request.classes), -1], np.int64)
    return identifiers[predicted], probabilities.max(axis=1).astype(np.float32)


def worth_labelling(dataset: Dataset, items: NDArray[np.int64], done: Collection[int]) -> list[int]:
    """Those of `items` (n,) that may be sent to be labelled, in their order.

    Not the test split, not what is `done` (labelled, sent already), and not the held-out part:
    chosen by models, it would no longer be a random sample to measure them on.
    """
    blocked = (np.asarray(dataset.splits) == TEST) | dataset.held_out
    return [item for item in items[~blocked[items]].tolist() if item not in done]
