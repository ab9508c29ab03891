"""Trainings inside this process, and stretches of them that are timed."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ssl_core.datasets.dataset import open_dataset
from ssl_core.datasets.sample import ensure_sample
from ssl_core.labels.draw import draw_labels
from ssl_core.labels.store import open_labels
from ssl_core.runs import launch
from ssl_core.runs.plan import RunPlan
from ssl_core.training.lifecycle import StopFlag
from ssl_core.training.progress import Progress
from ssl_core.workspace import Workspace

if TYPE_CHECKING:
    import tensorflow as tf

    from ssl_core.training.session import Session

SETTLING = 4  # steps before the time counts: a new `fit` has to get going


class Clock:
    """Times the `count` steps that follow the first few after `step`."""

    def __init__(self, step: int, count: int) -> None:
        self._first, self._last = step + SETTLING, step + SETTLING + count
        self._began = self.seconds = 0.0

    def at(self, step: int) -> bool:
        """`step` steps are done; whether these were all."""
        now = time.perf_counter()
        if self._began == 0.0 and step >= self._first:
            self._began = now
        if self.seconds == 0.0 and step >= self._last:
            self.seconds = now - self._began
        return step >= self._last


class StopsByClock(StopFlag):
    """Raised when the clock has seen all its steps: training looks at it after every step."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.clock = Clock(0, 0)

    @property
    def raised(self) -> bool:
        return self.clock.at(self._progress.step)


def labelled_sample(folder: Path) -> Workspace:
    """A workspace with the sample and ten labels a class."""
    workspace = Workspace.open(folder)
    ensure_sample(workspace)
    dataset = open_dataset(workspace, "sample")
    draw_labels(dataset, open_labels(dataset), 10, 0)
    return workspace


def session_of(workspace: Workspace, method: str, steps: int) -> "tuple[Session, StopsByClock]":
    """A run on the labelled sample, ready for its first step in this process, on the CPU."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    from ssl_core.runs.writer import RunWriter
    from ssl_core.training import session as sessions

    plan = RunPlan(dataset="sample", method=method, steps=steps, seeds=(1,), device="cpu")
    (run,) = launch.create_runs(workspace, plan)
    launch.stop_run(workspace, run, patience=0)
    folder, progress = workspace.runs / run, Progress()
    stop = StopsByClock(progress)
    return sessions.prepared(folder, RunWriter(folder), progress, stop), stop


def published_seconds(session: "Session", stop: StopsByClock, count: int) -> float:
    """Train `count` steps as a run does, with all that it publishes; seconds."""
    from ssl_core.training.lifecycle import Heartbeat
    from ssl_core.training.session import fit_all

    stop.clock = Clock(session.progress.step, count)
    session.progress.started = time.monotonic()
    with Heartbeat(session.writer, session.progress):
        fit_all(session)
    session.progress.earlier_seconds, session.progress.started = session.progress.seconds, None
    return stop.clock.seconds


def bare_seconds(session: "Session", batches: "tf.data.Dataset", count: int) -> float:
    """`fit` the network of the session on `count` of `batches`, and nothing else; seconds."""
    import keras

    clock = Clock(0, count)
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
