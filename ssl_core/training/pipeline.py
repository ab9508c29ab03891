"""Streams of batches. Which images a batch holds is a function of the seed and the step alone,
so that a run resumed at a step goes on exactly as an unbroken one.
"""

import math
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
from ssl_core.training.data import TrainingData, known_labels

PREFETCHED = 4
INPUTS, NUMERIC = "inputs", "/numeric"


@dataclass(frozen=True)
class Stream:
    """One sequence of items, drawn without replacement pass after pass.

    `labelled` brings the items with a label to train on; `pool` all items that may be looked at,
    with -1 for every label. Each view is an own random change of the same items and arrives in
    the model as `x[view]`, numbers beside the items as `x[name + "/numeric"]`. Labels arrive as
    `y[name]`, item numbers as `y[name + "_items"]`; those of further heads, of a labelled stream
    only, as `y[name + "/" + head]`; of a `pool`, the number of its items as `y[name + "_count"]`.
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
    span: tuple[int, int | None] = (0, None),
) -> tf.data.Dataset:
    """One element a step of `steps`: `(x, y)`, two dictionaries of tensors.

    x[view]: (batch, height, width, channels), float32 in [0, 1], or (batch, length), int32.
    x["done"]: (1,), float32 in [0, 1), the share of `span` (first step, step after the last) that
    is done; 0 while its end is not known. x[stream + "/numeric"]: (batch, columns), float32.
    y[stream]: (batch,), int32, -1 = unlabelled. y[stream + "_items"]: (batch,), int32.
    y[stream + "/" + head]: (batch,), int32, or float32 with NaN = unlabelled.
    y[stream + "_count"]: (1,), int32. Raises UserError where a stream has no items.
    """
    arrays = [_arrays_of(stream, data) for stream in streams]
    gather = _gatherer(data, streams, arrays, seed)
    kinds = [tf.as_dtype(array.dtype) for of_stream in arrays for array in of_stream.values()]
    first, end = span
    length = float(end - first) if end is not None else math.inf

    def load(step: tf.Tensor) -> tuple[tf.Tensor, tuple[tf.Tensor, ...]]:
        if not kinds:
            return step, ()
        return step, tuple(tf.numpy_function(gather, [step], kinds, stateful=False))

    def prepare(step: tf.Tensor, brought: tuple[tf.Tensor, ...]) -> tuple[dict, dict]:
        x = {"done": tf.reshape(tf.cast(step - first, tf.float32) / length, (1,))}
        y = {}
        remaining = iter(brought)
        for stream, of_stream in zip(streams, arrays, strict=True):
            for name, array in of_stream.items():
                shape = (stream.batch_size, *array.shape[1:])
                tensor = tf.ensure_shape(next(remaining), shape)
                if name == INPUTS:
                    x |= _views(stream, tensor, configuration, seed, step)
                else:
                    (x if name.endswith(NUMERIC) else y)[name] = tensor
            if stream.source == "pool":
                y[f"{stream.name}_count"] = tf.constant([len(data.pool)], tf.int32)
        return x, y

    numbers = tf.data.Dataset.range(steps.start, steps.stop)
    return numbers.map(load).map(prepare).prefetch(PREFETCHED).with_options(_untuned())


def _untuned() -> tf.data.Options:
    """Without the thread that tunes a pipeline: nothing here is left to it, and the end of a `fit`
    waits for it, now and then for half a minute, when the word to end reaches it too early.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return options


def _views(
    stream: Stream, items: tf.Tensor, configuration: Hyperparameters, seed: int, step: tf.Tensor
) -> dict[str, tf.Tensor]:
    """Every view of one batch of a stream; images become float32 in [0, 1]."""
    views = {}
    for view, augmentation in stream.views.items():
        pair = tf.stack([_number(f"{seed}/{view}"), tf.cast(step, tf.int32)])
        changed = AUGMENTATIONS[augmentation](items, pair, configuration)
        images = changed.dtype == tf.uint8
        views[view] = tf.cast(changed, tf.float32) / 255.0 if images else changed
    return views


def _arrays_of(stream: Stream, data: TrainingData) -> dict[str, NDArray]:
    """What one stream brings: name -> array over all items of the dataset."""
    count = len(data.labels)
    of_labels = stream.source == "labelled"
    found = {
        INPUTS: data.inputs,
        stream.name: data.labels if of_labels else np.full(count, -1, np.int32),
        f"{stream.name}_items": np.arange(count, dtype=np.int32),
    }
    if data.numeric is not None:
        found[f"{stream.name}{NUMERIC}"] = data.numeric
    if of_labels:
        found |= {f"{stream.name}/{head}": one.labels for head, one in data.others.items()}
    return found


def _gatherer(
    data: TrainingData, streams: tuple[Stream, ...], arrays: list[dict[str, NDArray]], seed: int
) -> Callable[[np.int64], list[NDArray]]:
    """A function step -> the rows of every array of each stream, one after the other."""
    parts = []
    for stream, of_stream in zip(streams, arrays, strict=True):
        sources = _sources(stream, data)
        if not sources:
            kind = "labels to train on" if stream.source == "labelled" else "items to look at"
            raise UserError(f"This run has no {kind}. Label some items and start a new run.")
        parts.append((sources, list(of_stream.values())))

    def gather(step: np.int64) -> list[NDArray]:
        rows: list[NDArray] = []
        for sources, of_stream in parts:
            chosen = np.concatenate(
                [
                    items[places(seed, name, len(items), int(step) * count, count)]
                    for name, items, count in sources
                ]
            )
            rows += [array[chosen] for array in of_stream]
        return rows

    return gather


def _sources(stream: Stream, data: TrainingData) -> list[tuple[str, NDArray[np.int64], int]]:
    """Name, items and rows of each part of the batches of a stream; none without items.

    Where the heads of a run have labels of different items, each gets an equal part of the rows of
    a labelled stream, so that a head with few labels is not drowned by one with many.
    """
    if stream.source == "pool":
        return [(stream.name, data.pool, stream.batch_size)] if len(data.pool) else []
    heads = {"": data.labels, **{name: one.labels for name, one in data.others.items()}}
    items = {name: np.flatnonzero(known_labels(labels)) for name, labels in heads.items()}
    items = {name: of_head for name, of_head in items.items() if len(of_head)}
    alike = all(np.array_equal(of_head, data.labelled) for of_head in items.values())
    if alike or not data.others:
        whole = (stream.name, data.labelled, stream.batch_size)
        return [whole] if len(data.labelled) else []
    bounds = np.linspace(0, stream.batch_size, len(items) + 1).astype(int)
    return [
        (f"{stream.name}/{name}", of_head, int(count))
        for (name, of_head), count in zip(items.items(), np.diff(bounds), strict=True)
        if count
    ]


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
