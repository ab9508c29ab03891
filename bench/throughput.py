"""Images a second of every method on images, beside a bare `fit` of the same network.

The bare `fit` takes batches that lie ready in memory, so the difference is all that a run does
beside training: reading, augmenting, looking, publishing, checkpoints.
"""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.pairs import pair_rows
from bench.report import Row
from bench.sessions import bare_seconds, labelled_sample, published_seconds, session_of
from ssl_core.methods import catalogue
from ssl_core.workspace import Workspace

if TYPE_CHECKING:
    import tensorflow as tf

    from ssl_core.training.session import Session

PAIRS = 5
PUBLISHED_SECONDS, BARE_SECONDS = 9.0, 4.0  # of one stretch
FIRST = 20  # steps, to compile and to see the speed
IN_MEMORY = 16  # batches
ENDLESS = 100_000  # steps: all stretches lie in the first phase
USUAL = 1000  # steps of a run, over which its looks are spread
MOST = 5.0  # per cent


def measure() -> list[Row]:
    """One row a method that one head of an image set is enough for, then those on pairs."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = labelled_sample(Path(folder))
        names = [
            name
            for name, spec in catalogue().items()
            if spec.needs.item == "image" and spec.needs.heads[0] == 1
        ]
        rows = [row for name in names if (row := _cost(workspace, name)) is not None]
        return rows + pair_rows(workspace)


def _cost(workspace: Workspace, method: str) -> Row | None:
    """What input and publishing cost, in turn with the bare `fit`; None without images."""
    session, stop = session_of(workspace, method, ENDLESS)
    if not session.model.streams():
        return None
    ready = in_memory(session)
    published_seconds(session, stop, FIRST)
    session.watch.plan(USUAL)
    step = bare_seconds(session, ready, FIRST) / FIRST
    alone, beside = [], []
    for _ in range(PAIRS):
        count = max(FIRST, round(BARE_SECONDS / step))
        alone.append(bare_seconds(session, ready, count) / count)
        count = max(FIRST, round(PUBLISHED_SECONDS / step))
        beside.append(published_seconds(session, stop, count) / count)
    session.writer.close()
    costs = 100 * (np.array(beside) / np.array(alone) - 1)
    images = session.model.images_per_step
    bare, whole = images / np.median(alone), images / np.median(beside)
    return Row(
        f"cost of input and publishing, {method}",
        f"{np.median(costs):+.1f} % of time ({whole:.0f} beside {bare:.0f} images/s; median of "
        f"{PAIRS} pairs, {costs.min():+.1f} to {costs.max():+.1f} %)",
        f"at most {MOST:.0f} %",
        bool(np.median(costs) <= MOST),
        f"steps of a run in turn with `fit` on {IN_MEMORY} batches in memory, {session.model.name}",
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
