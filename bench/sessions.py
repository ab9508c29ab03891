"""Trainings inside this process, and stretches of them that are timed."""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import open_dataset
from ssl_core.datasets.sample import ensure_sample
from ssl_core.labels.draw import draw_labels
from ssl_core.labels.store import open_labels
from ssl_core.runs import launch
from ssl_core.runs.folder import RunFolder, open_run
from ssl_core.runs.plan import RunPlan
from ssl_core.workspace import Workspace

if TYPE_CHECKING:
    import tensorflow as tf

    from ssl_core.training.session import Session

PAIRS = 6
SECONDS = 4.0  # of one stretch
FIRST = 8  # steps, to compile and to see the speed
SETTLING = 4  # steps before the time counts: a new `fit` has to get going


class Clock:
    """Times the `count` steps that follow the first few of a `fit`."""

    def __init__(self, count: int) -> None:
        self._last = SETTLING + count
        self._began = self.seconds = 0.0

    def at(self, step: int) -> None:
        """`step` steps are done."""
        if step == SETTLING:
            self._began = time.perf_counter()
        elif step == self._last:
            self.seconds = time.perf_counter() - self._began


def labelled_sample(folder: Path) -> Workspace:
    """A workspace with the sample and ten labels a class."""
    workspace = Workspace.open(folder)
    ensure_sample(workspace)
    dataset = open_dataset(workspace, "sample")
    draw_labels(dataset, open_labels(dataset), 10, 0)
    return workspace


def session_of(
    workspace: Workspace, method: str, minutes: float, dataset: str = "sample"
) -> "tuple[Session, RunFolder]":
    """A run on a labelled data set, ready for its first step in this process, on the CPU."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    from ssl_core.runs.writer import RunWriter
    from ssl_core.training import session as sessions
    from ssl_core.training.lifecycle import StopFlag
    from ssl_core.training.progress import Progress

    plan = RunPlan(dataset=dataset, method=method, minutes=minutes, seeds=(1,), device="cpu")
    (run,) = launch.create_runs(workspace, plan)
    launch.stop_run(workspace, run, patience=0)
    folder = open_run(workspace, run)
    writer = RunWriter(folder.path)
    return sessions.prepared(folder.path, writer, Progress(), StopFlag()), folder


def as_in_a_run(session: "Session") -> "tf.data.Dataset":
    """Batches for ever, read and augmented beside the steps."""
    from ssl_core.training.pipeline import batches

    model = session.model
    return batches(session.data, model.streams(), model.configuration, 1, range(10**6))


def in_turn(session: "Session", *inputs: Callable[[], Iterable[object]]) -> NDArray[np.float64]:
    """Seconds a step on each of `inputs`, (inputs, PAIRS): the order changes with every pair."""
    step = 0.0
    for make in inputs:
        bare_seconds(session, make(), FIRST)
        step = bare_seconds(session, make(), FIRST) / FIRST
    count = max(FIRST, round(SECONDS / step))
    found = np.empty((len(inputs), PAIRS))
    for pair in range(PAIRS):
        places = range(len(inputs))
        for place in places if pair % 2 == 0 else reversed(places):
            found[place, pair] = bare_seconds(session, inputs[place](), count) / count
    return found


def bare_seconds(session: "Session", batches: Iterable[object], count: int) -> float:
    """`fit` the network of the session on `count` of `batches`, and nothing else; seconds."""
    import keras

    clock = Clock(count)
    watch = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: clock.at(batch + 1)
    )
    session.model.fit(
        batches,
        steps_per_epoch=SETTLING + count,
        epochs=1,
        shuffle=False,
        verbose=0,
        callbacks=[watch],
    )
    return clock.seconds
