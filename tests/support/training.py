"""Small training data and settings for tests of the heavy half."""

import os

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

from ssl_core.methods import build_model, validated
from ssl_core.methods.base import Hyperparameters, MethodSpec
from ssl_core.training.data import LabelledItems, TrainingData
from ssl_core.training.model import MethodModel
from ssl_core.training.optimizer import CosineToZero, make_optimizer
from ssl_core.training.pipeline import batches

SHAPE = (8, 8, 1)
CLASSES = 3


def small_data(count: int = 48, labelled: int = 12, seed: int = 0) -> TrainingData:
    """Class k is bright in its own stripe of rows; the first `labelled` items have labels."""
    generator = np.random.default_rng(seed)
    truth = (np.arange(count) % CLASSES).astype(np.int32)
    images = generator.integers(0, 60, (count, *SHAPE), dtype=np.uint8)
    for index, label in enumerate(truth):
        images[index, 3 * label : 3 * label + 2] += 180
    labels = np.full(count, -1, np.int32)
    labels[:labelled] = truth[:labelled]
    rest = np.arange(labelled, labelled + 6)
    return TrainingData(
        images=images,
        labels=labels,
        labelled=np.arange(labelled),
        pool=np.setdiff1d(np.arange(count), rest),
        validation=LabelledItems(rest, truth[rest]),
        held_out=LabelledItems(np.empty(0, np.int64), np.empty(0, np.int32)),
    )


def small_configuration(spec: MethodSpec, **values: object) -> Hyperparameters:
    """The defaults of a method with every batch of 4 images."""
    fields = spec.configuration.model_fields
    small = {name: 4 for name in fields if name.endswith("batch_size")}
    return validated(spec, {**small, **values})


def compiled(spec: MethodSpec, steps: int = 4, seed: int = 1, **values: object) -> MethodModel:
    """A small model of a method, ready for `fit`."""
    keras.utils.set_random_seed(seed)
    configuration = small_configuration(spec, **values)
    model = build_model(spec.name, configuration, SHAPE, CLASSES)
    schedule = CosineToZero(configuration.learning_rate, steps)
    model.compile(optimizer=make_optimizer(configuration, schedule), jit_compile=False)
    model.build_for(batch_of(model, small_data(), seed))
    model.optimizer.build(model.trainable_variables)
    return model


def batch_of(model: MethodModel, data: TrainingData, seed: int = 1, step: int = 0):
    """One batch, as `fit` sees it."""
    steps = range(step, step + 1)
    return next(iter(batches(data, model.streams(), model.configuration, seed, steps)))


def fitted(model: MethodModel, data: TrainingData, steps: range, seed: int = 1) -> dict:
    """Train on `steps`; the last logs."""
    history = model.fit(
        batches(data, model.streams(), model.configuration, seed, steps),
        steps_per_epoch=len(steps),
        shuffle=False,
        verbose=0,
    )
    return {name: values[-1] for name, values in history.history.items()}
