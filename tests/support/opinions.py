"""A finished run that answers three questions, written without any training."""

import contextlib
from pathlib import Path

import numpy as np

from ssl_core.datasets.dataset import Dataset
from ssl_core.heads import Head
from ssl_core.labels.store import LabelStore, open_labels
from ssl_core.runs.request import TrainedClass, TrainedHead
from ssl_core.runs.writer import RunWriter
from ssl_core.workspace import Workspace
from tests.support.runs import make_run


def run_of_three_questions(workspace: Workspace, dataset: Dataset) -> Path:
    """Asks two more questions and answers all: of round it says yes with 0.6, of the first item
    with 0.875; it takes every item for 40 years old."""
    store = open_labels(dataset)
    store.add_head(Head(name="round", title="Round", kind="binary", classes=("no", "yes")))
    store.add_head(Head(name="age", title="Age", kind="regression", unit="years"))
    heads = tuple(_trained(store, name) for name in ("class", "round", "age"))
    folder = make_run(workspace, dataset, classes=heads[0].classes, heads=heads)
    with contextlib.closing(RunWriter(folder)) as writer:
        count = dataset.manifest.count
        rounds = np.tile(np.array([0.4, 0.6]), (count, 1))
        rounds[0] = 0.125, 0.875
        writer.predictions(
            {
                "probabilities": np.tile(np.array([0.5, 0.25, 0.25]), (count, 1)),
                "round": rounds,
                "age": np.full((count, 1), 40.0, np.float32),
            }
        )
        writer.status(state="finished")
    return folder


def _trained(store: LabelStore, name: str) -> TrainedHead:
    head = store.head(name)
    classes = tuple(
        TrainedClass(identifier=one.identifier, name=one.name, colour=one.colour)
        for one in store.classes(name)
    )
    return TrainedHead(name=name, title=head.title, kind=head.kind, unit=head.unit, classes=classes)
