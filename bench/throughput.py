"""What a run of every method on images costs beside a bare `fit` of the same network.

Two costs are measured apart. Input: steps on batches that are read and augmented as in a run, in
turn with steps on batches that lie ready in memory. Publishing: one run of a minute, whose time
outside its steps is known line by line: looks, lines of metrics, checkpoints. What comes after the
last step, the evaluation, is no part of either.
"""

import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np

from bench.pairs import pair_rows
from bench.report import Row
from bench.sessions import as_in_a_run, in_turn, labelled_sample, session_of
from ssl_core.methods import catalogue
from ssl_core.workspace import Workspace

if TYPE_CHECKING:
    import tensorflow as tf

    from ssl_core.training.session import Session

IN_MEMORY = 16  # batches
MINUTES = 1.0
MOST = 5.0  # per cent


def measure() -> list[Row]:
    """One row a method that one head of an image set is enough for, then those on pairs.

    In a process whose NumPy keeps to one thread, as that of a run does.
    """
    with (
        patch.dict(os.environ, OPENBLAS_NUM_THREADS="1"),
        ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process,
    ):
        return process.submit(_measured).result()


def _measured() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        workspace = labelled_sample(Path(folder))
        names = [
            name
            for name, spec in catalogue().items()
            if spec.needs.item == "image" and spec.needs.heads[0] == 1
        ]
        rows = [row for name in names if (row := cost_row(workspace, name)) is not None]
        return rows + pair_rows(workspace)


def cost_row(workspace: Workspace, method: str) -> Row | None:
    """What input and publishing cost; None for a method that reads no images."""
    session, _ = session_of(workspace, method, MINUTES)
    if not session.model.streams():
        return None
    ready, read = in_turn(session, lambda: in_memory(session), lambda: as_in_a_run(session))
    costs = 100 * (read / ready - 1)
    published = 100 * publishing_cost(workspace, method)
    whole = np.median(costs) + published
    speed = session.model.images_per_step / np.median(read)
    session.writer.close()
    return Row(
        f"cost of input and publishing, {method}",
        f"{whole:+.1f} % of time: input {np.median(costs):+.1f} % (median of {len(costs)} pairs, "
        f"{costs.min():+.1f} to {costs.max():+.1f} %), publishing {published:+.1f} %; "
        f"{speed:.0f} images/s",
        f"at most {MOST:.0f} %",
        bool(whole <= MOST),
        f"steps beside `fit` on {IN_MEMORY} batches in memory; a run of one minute",
    )


def in_memory(session: "Session") -> "tf.data.Dataset":
    """The first batches of a run, augmented, one after the other for ever."""
    import keras
    import tensorflow as tf

    from ssl_core.training.pipeline import batches

    model, steps = session.model, range(IN_MEMORY)
    made = list(batches(session.data, model.streams(), model.configuration, 1, steps))
    stacked = keras.tree.map_structure(lambda *parts: np.stack(parts), *made)
    return tf.data.Dataset.from_tensor_slices(stacked).repeat().prefetch(2)


def publishing_cost(workspace: Workspace, method: str) -> float:
    """Time outside the steps of a run of a minute, as a share of the time in them.

    The first line, in which the step is compiled, is left out.
    """
    from ssl_core.training.lifecycle import Heartbeat
    from ssl_core.training.session import fit_all

    session, folder = session_of(workspace, method, MINUTES)
    session.progress.started = time.monotonic()
    with Heartbeat(session.writer, session.progress):
        fit_all(session)
    session.writer.close()
    lines, _ = folder.metrics()
    images = np.diff([line.images for line in lines])  # a step of another phase takes others
    inside = float(np.sum(images / [line.values["throughput"] for line in lines[1:]]))
    return (lines[-1].seconds - lines[0].seconds) / inside - 1.0
