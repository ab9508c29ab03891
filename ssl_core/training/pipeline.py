"""Streams of batches. Which images a batch holds is a function of the seed and the step alone,
so that a run resumed at a step goes on exactly as an unbroken one.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ssl_core.errors import UserError
from ssl_core.methods.base import Hyperparameters
from ssl_core.training.augmentation import AUGMENTATIONS
from ssl_core.training.data import TrainingData

PREFETCHED = 4


@dataclass(frozen=True)
class Stream:
    """One sequence of items, drawn without replacement pass after pass.

    `labelled` brings the items with a label to train on; `pool` all items that may be looked at,
    with -1 for every label. Each view is an own random change of the same items and arrives in
    the model as `x[view]`; labels arrive as `y[name]`, item numbers as `y[name + "_items"]`.
    """

    name: str
    source: Literal["labelled", "pool"]
    batch_size: int
    views: dict[str, str] = field(default_factory=dict)  # view -> name of an augmentation


def batches(
    data: TrainingData,
    streams: tuple[Stream, ...],
    configuration: Hyperparameters,
    seed: int,
    steps: range,
) -> tf.data.Dataset:
    """One element a step of `steps`: `(x, y)`, two dictionaries of tensors.

    x[view]: (batch, height, width, channels), float32 in [0, 1]. y[stream]: (batch,), int32,
    -1 = unlabelled. y[stream + "_items"]: (batch,), int32. Raises UserError where a stream has
    no items.
    """
    gather = _gatherer(data, streams, seed)
    kinds = [tf.uint8, tf.int32, tf.int32] * len(streams)
    shape = data.images.shape[1:]

    def load(step: tf.Tensor) -> tuple[tf.Tensor, tuple[tf.Tensor, ...]]:
        return step, tuple(tf.numpy_function(gather, [step], kinds, stateful=False))

    def prepare(step: tf.Tensor, arrays: tuple[tf.Tensor, ...]) -> tuple[dict, dict]:
        x, y = {}, {}
        for place, stream in enumerate(streams):
            images, labels, items = arrays[3 * place : 3 * place + 3]
            images = tf.ensure_shape(images, (stream.batch_size, *shape))
            y[stream.name] = tf.ensure_shape(labels, (stream.batch_size,))
            y[f"{stream.name}_items"] = tf.ensure_shape(items, (stream.batch_size,))
            for view, augmentation in stream.views.items():
                pair = tf.stack([_number(f"{seed}/{view}"), tf.cast(step, tf.int32)])
                changed = AUGMENTATIONS[augmentation](images, pair, configuration)
                x[view] = tf.cast(changed, tf.float32) / 255.0
        return x, y

    numbers = tf.data.Dataset.range(steps.start, steps.stop)
    return numbers.map(load).map(prepare).prefetch(PREFETCHED)


def _gatherer(
    data: TrainingData, streams: tuple[Stream, ...], seed: int
) -> Callable[[np.int64], list[NDArray]]:
    """A function step -> images, labels and items of each stream, one after the other."""
    nothing = np.full(len(data.labels), -1, np.int32)
    parts = []
    for stream in streams:
        of_labels = stream.source == "labelled"
        items = data.labelled if of_labels else data.pool
        if len(items) == 0:
            kind = "labels to train on" if of_labels else "images to look at"
            raise UserError(f"This run has no {kind}. Label some images and start a new run.")
        parts.append((stream, items, data.labels if of_labels else nothing))

    def gather(step: np.int64) -> list[NDArray]:
        arrays: list[NDArray] = []
        for stream, items, labels in parts:
            start = int(step) * stream.batch_size
            chosen = items[places(seed, stream.name, len(items), start, stream.batch_size)]
            arrays += [data.images[chosen], labels[chosen], chosen.astype(np.int32)]
        return arrays

    return gather


def places(seed: int, name: str, size: int, start: int, count: int) -> NDArray[np.int64]:
    """Places `start` to `start + count - 1` of an endless sequence of shuffled passes over `size`.

    Returns (count,), int64 in [0, size): a function of the arguments alone.
    """
    passes = range(start // size, (start + count - 1) // size + 1)
    order = np.concatenate([_shuffled(seed, name, size, number) for number in passes])
    first = start - passes.start * size
    return order[first : first + count]


@lru_cache(maxsize=16)
def _shuffled(seed: int, name: str, size: int, number: int) -> NDArray[np.int64]:
    """The order of pass `number`."""
    return np.random.default_rng([_number(f"{seed}/{name}"), number]).permutation(size)


def _number(text: str) -> int:
    """A number below 2**31 that differs for different texts, nearly always."""
    return zlib.crc32(text.encode()) & 0x7FFFFFFF
