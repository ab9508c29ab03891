"""Labels given by hand and trainings of a loop that ended, without any training."""

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ssl_core.datasets.dataset import Dataset
from ssl_core.files import replace_bytes
from ssl_core.labels.events import LabelEvent
from ssl_core.labels.store import open_labels
from ssl_core.loop.settings import change_loop, read_loop
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.request import TrainedClass
from ssl_core.runs.status import RunStatus
from ssl_core.workspace import Workspace
from tests.support.runs import make_run


def give(dataset: Dataset, answers: Mapping[int, int], person: str = "test") -> int:
    """Answer items (keys) with the class at a place (values); the number of the last event."""
    store = open_labels(dataset)
    classes = store.classes()
    store.append(
        [
            LabelEvent(
                event=uuid.uuid4().hex,
                kind="label",
                person=person,
                item=item,
                value=classes[place].identifier,
                seconds=1.0,
            )
            for item, place in answers.items()
        ]
    )
    return store.last_event()


def give_right(dataset: Dataset, items: Sequence[int]) -> int:
    """Answer `items` as the reference labels do; the number of the last event."""
    return give(dataset, {item: int(dataset.reference_labels[item]) for item in items})


def trained(
    workspace: Workspace,
    dataset: Dataset,
    answers: Sequence[int] | np.ndarray,
    *,
    sure: float = 0.9,
    learned: Sequence[int] = (),
    method: str = "supervised",
    heard: int | None = None,
) -> RunFolder:
    """A finished training of the loop on the labels of now.

    answers: (count,), place of a class for every item. learned: items of which it was given labels.
    heard: number of the last event that it was given; None: the last one.
    """
    store = open_labels(dataset)
    classes = store.classes()
    kinds = tuple(
        TrainedClass(identifier=one.identifier, name=one.name, colour=one.colour) for one in classes
    )
    path = make_run(workspace, dataset, method, classes=kinds)
    folder = RunFolder(path)
    seen = store.last_event() if heard is None else heard
    per_class = {one.name: store.counts()[one.identifier] for one in classes}
    request = folder.request()
    labels = request.labels.model_copy(update={"last_event": seen, "per_class": per_class})
    request = request.model_copy(update={"labels": labels})
    replace_bytes(path / "request.json", request.model_dump_json().encode())
    items = np.array(learned, np.int64)
    values = np.asarray(dataset.reference_labels)[items].astype(np.int32)
    np.savez(path / "labels.npz", items=items, values=values, roles=np.zeros(len(items), np.uint8))
    write_answers(path, answers, sure, len(kinds))
    status = RunStatus(state="finished", step=8, steps=8)
    replace_bytes(path / "status.json", status.model_dump_json().encode())
    runs = (*read_loop(dataset).runs, folder.run)
    change_loop(workspace, dataset, runs=runs, after=seen, method=method)
    return folder


def write_answers(
    path: Path, answers: Sequence[int] | np.ndarray, sure: float, classes: int
) -> None:
    """predictions.npz: each item the class at its place in `answers`, with probability `sure`."""
    predicted = np.asarray(answers, np.int32)
    shares = np.full((len(predicted), classes), (1 - sure) / (classes - 1))
    shares[np.arange(len(predicted)), predicted] = sure
    np.savez(path / "predictions.npz", predicted=predicted, probabilities=shares.astype(np.float16))
