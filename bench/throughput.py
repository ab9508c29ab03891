"""What a run of every method costs beside a bare `fit` of the same network.

Two costs are measured apart. Input: steps on batches that are read and augmented as in a run, in
turn with steps on batches that lie ready in memory. Publishing: one run of a minute, whose time
outside its steps is known line by line: looks, lines of metrics, checkpoints. What comes after the
last step, the evaluation, is no part of either. The speed of a run is that of the bare `fit` less
both costs, as speeds of different minutes do not compare; every view of an image counts as one.

Methods on digits train on the sample with ten labels a class, those on two heads or on texts on
the material of the accuracy benchmark. Where a method has phases, input and speeds are of the
first. `gaussian_mine` draws its pairs within the step and reads nothing but the number of the
step, so its input has to come out near zero.
"""

import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np

from bench.pairs import pair_rows
from bench.real_runs import prepare
from bench.report import Row
from bench.sessions import as_in_a_run, in_turn, labelled_sample, session_of
from bench.tasks import MATERIALS, tasks
from ssl_core.methods import catalogue, method_named
from ssl_core.workspace import Workspace

if TYPE_CHECKING:
    import tensorflow as tf

    from ssl_core.training.session import Session

IN_MEMORY = 16  # batches
MINUTES = 1.0
MOST = 5.0  # per cent
DIGITS = ("mnist", "mnist-unlabelled")  # for a speed the sample does as well


@dataclass(frozen=True)
class Place:
    """A labelled data set, and the workspace that it is in."""

    workspace: Workspace
    dataset: str


def measure() -> list[Row]:
    """One row a method, then those on pairs.

    In a process whose NumPy keeps to one thread, as that of a run does.
    """
    with (
        patch.dict(os.environ, OPENBLAS_NUM_THREADS="1"),
        ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process,
    ):
        return process.submit(_measured).result()


def _measured() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        sample = Place(labelled_sample(Path(folder) / "sample"), "sample")
        rows = [cost_row(place_of(method, sample, Path(folder)), method) for method in catalogue()]
        return rows + pair_rows(sample.workspace)


def place_of(method: str, sample: Place, folder: Path) -> Place:
    """Where a method is trained: on `sample`, or on a material that is prepared in `folder`.

    Raises RuntimeError where that fails.
    """
    name = next(task.material for task in tasks() if task.method == method)
    if name in DIGITS:
        return sample
    material = MATERIALS[name]
    small = replace(material, source=material.quick or material.source)
    return Place(*prepare(folder, name, small, 1))


def cost_row(place: Place, method: str) -> Row:
    """What input and publishing cost, and the speeds with and without them."""
    session, _ = session_of(place.workspace, method, MINUTES, place.dataset)
    ready, read = in_turn(session, lambda: in_memory(session), lambda: as_in_a_run(session))
    costs = 100 * (read / ready - 1)
    published = 100 * publishing_cost(place, method)
    whole = np.median(costs) + published
    bare = session.model.images_per_step / np.median(ready)
    needs = method_named(method).needs
    unit = needs.counts or f"{needs.item}s"
    session.writer.close()
    return Row(
        f"cost of input and publishing, {method}",
        f"{whole:+.1f} % of time: input {np.median(costs):+.1f} % (median of {len(costs)} pairs, "
        f"{costs.min():+.1f} to {costs.max():+.1f} %), publishing {published:+.1f} %; "
        f"{bare / (1 + whole / 100):,.0f} {unit}/s in a run, {bare:,.0f} in a bare fit",
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


def publishing_cost(place: Place, method: str) -> float:
    """Time outside the steps of a run of a minute, as a share of the time in them.

    The first line, in which the step is compiled, is left out.
    """
    from ssl_core.training.lifecycle import Heartbeat
    from ssl_core.training.session import fit_all

    session, folder = session_of(place.workspace, method, MINUTES, place.dataset)
    session.progress.started = time.monotonic()
    with Heartbeat(session.writer, session.progress):
        fit_all(session)
    session.writer.close()
    lines, _ = folder.metrics()
    images = np.diff([line.images for line in lines])  # a step of another phase takes others
    inside = float(np.sum(images / [line.values["throughput"] for line in lines[1:]]))
    return (lines[-1].seconds - lines[0].seconds) / inside - 1.0
