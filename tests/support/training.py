"""Small training data and settings for tests of the heavy half."""

import os
from dataclasses import replace

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

from ssl_core.methods import build_model, catalogue, validated
from ssl_core.methods.base import Column, HeadTask, Hyperparameters, MethodSpec, Task
from ssl_core.runs.request import TrainedClass, TrainedHead
from ssl_core.training.data import NO_ITEMS, HeadLabels, LabelledItems, TrainingData
from ssl_core.training.model import MethodModel
from ssl_core.training.optimizer import CosineToZero, make_optimizer
from ssl_core.training.pipeline import batches
from ssl_core.training.probe import Probe
from ssl_core.training.watch import probe_of

SHAPE = (8, 8, 1)
CLASSES = 3
COUNT = 48
LENGTH, VOCABULARY = 12, 20
MAIN = HeadTask("class", "categorical", CLASSES)
TASK = Task(SHAPE, (MAIN,), count=COUNT)
TEXT_TASK = Task((LENGTH,), (MAIN,), vocabulary=VOCABULARY, count=COUNT)
GROUP = HeadTask("group", "categorical", 2)
HEADS = (
    MAIN,
    GROUP,
    HeadTask("urgent", "binary", 2),
    HeadTask("age", "regression", mean=40.0, deviation=10.0),
)
COLUMNS = (Column("length", 5.0, 2.0), Column("weight", -1.0, 0.5))


def small_data(count: int = COUNT, labelled: int = 12, seed: int = 0) -> TrainingData:
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
        inputs=images,
        labels=labels,
        labelled=np.arange(labelled),
        pool=np.setdiff1d(np.arange(count), rest),
        validation=LabelledItems(rest, truth[rest]),
        held_out=LabelledItems(np.empty(0, np.int64), np.empty(0, np.int32)),
    )


def small_texts() -> TrainingData:
    """Texts of 4 to 12 words in which class k has the word 2 + k and others by chance."""
    data, generator = small_data(), np.random.default_rng(5)
    tokens = generator.integers(2 + CLASSES, VOCABULARY, (COUNT, LENGTH), dtype=np.int32)
    tokens[:, 1] = 2 + np.arange(COUNT) % CLASSES
    for row, words in zip(tokens, generator.integers(4, LENGTH + 1, COUNT), strict=True):
        row[words:] = 0
    return replace(data, inputs=tokens)


def cases() -> dict[str, MethodSpec]:
    """Every method, and once more with several heads and numbers where it takes any number."""
    specs = catalogue()
    several = {
        f"{name} with several heads": replace(spec, needs=replace(spec.needs, heads=(4, 4)))
        for name, spec in specs.items()
        if spec.needs.heads[1] > len(HEADS)
    }
    return specs | several


def trained_in_whole_runs(spec: MethodSpec) -> bool:
    """Whether tests/methods/test_method_sessions.py stops and resumes whole runs of a method."""
    return spec.needs.item != "text" and spec.needs.heads[0] == 1


def data_for(spec: MethodSpec) -> TrainingData:
    """Small data of the kind, and with the heads, that a method needs at least.

    With more than two heads there are numbers beside the items.
    """
    data = small_texts() if spec.needs.item == "text" else small_data()
    return with_heads(data, spec.needs.heads[0])


def task_for(spec: MethodSpec) -> Task:
    """What `data_for` is about."""
    count = spec.needs.heads[0]
    columns = COLUMNS if count > 2 else ()
    task = TEXT_TASK if spec.needs.item == "text" else TASK
    return replace(task, heads=HEADS[:count], columns=columns)


def with_heads(data: TrainingData, count: int) -> TrainingData:
    """`data` with labels of the first `count` of HEADS; each is known for other items.

    Class 0 is group 0, all others are group 1; odd items are urgent; the age grows with the class.
    """
    if count == 1:
        return data
    items = np.arange(len(data.labels))
    truth = items % CLASSES
    answers = {
        "group": np.minimum(truth, 1).astype(np.int32),
        "urgent": (items % 2).astype(np.int32),
        "age": (30 + 10 * truth).astype(np.float32),
    }
    others = {}
    for place, head in enumerate(HEADS[1:count]):
        values = answers[head.name]
        labels = np.full_like(values, np.nan if head.kind == "regression" else -1)
        first = data.validation.items.max() + 1 + place
        known = np.concatenate([data.labelled[place::2], np.arange(first, first + 8)])
        labels[known] = values[known]
        checked = data.validation.items
        others[head.name] = HeadLabels(labels, LabelledItems(checked, values[checked]), NO_ITEMS)
    answered = [np.flatnonzero(np.nan_to_num(one.labels, nan=-1) >= 0) for one in others.values()]
    numbers = np.stack([5 + 2.0 * (truth - 1), -1 + 0.1 * items], axis=1).astype(np.float32)
    return replace(
        data,
        others=others,
        labelled=np.unique(np.concatenate([data.labelled, *answered])),
        numeric=numbers if count > 2 else None,
    )


def small_settings(spec: MethodSpec) -> dict[str, int]:
    """Every batch of 4 items, so that a step is quick."""
    fields = spec.configuration.model_fields
    return {name: 4 for name in fields if name.endswith("batch_size")}


def small_configuration(spec: MethodSpec, **values: object) -> Hyperparameters:
    """The defaults of a method with every batch of 4 items."""
    return validated(spec, {**small_settings(spec), **values})


def compiled(spec: MethodSpec, steps: int = 4, seed: int = 1, **values: object) -> MethodModel:
    """A small model of a method, ready for `fit`."""
    keras.utils.set_random_seed(seed)
    configuration = small_configuration(spec, **values)
    model = build_model(spec.name, configuration, task_for(spec))
    schedule = CosineToZero(configuration.learning_rate, steps)
    # As a session does it: TensorFlow as a graph, JAX compiled.
    jit = False if keras.backend.backend() == "tensorflow" else "auto"
    model.compile(optimizer=make_optimizer(configuration, schedule), jit_compile=jit)
    model.build_for(batch_of(model, data_for(spec), seed))
    model.optimizer.build(model.trainable_variables)
    return model


def small_probe(data: TrainingData) -> Probe:
    """What a method is shown of `data`; class k is the reference label of item k mod 3."""
    truth = (np.arange(len(data.labels)) % CLASSES).astype(np.int32)
    heads = (MAIN, *(head for head in HEADS[1:] if head.name in data.others))
    trained = tuple(map(_trained, heads))
    names = tuple(known.name for known in trained[0].classes)
    return probe_of(data, truth, names, trained)


def _trained(head: HeadTask) -> TrainedHead:
    """A head as the request of a run names it."""
    classes = tuple(
        TrainedClass(identifier=index + 1, name=f"{head.name} {index}", colour="#123456")
        for index in range(head.classes)
    )
    return TrainedHead(name=head.name, title=head.name, kind=head.kind, classes=classes)


def batch_of(
    model: MethodModel,
    data: TrainingData,
    seed: int = 1,
    step: int = 0,
    span: tuple[int, int | None] = (0, None),
):
    """One batch, as `fit` sees it. span: first step of the phase, and the step after its last."""
    steps = range(step, step + 1)
    found = next(iter(batches(data, model.streams(), model.configuration, seed, steps, span)))
    return keras.tree.map_structure(lambda part: keras.ops.convert_to_tensor(part.numpy()), found)


def fitted(model: MethodModel, data: TrainingData, steps: range, seed: int = 1) -> dict:
    """Train on `steps`; the last logs."""
    history = model.fit(
        batches(data, model.streams(), model.configuration, seed, steps),
        steps_per_epoch=len(steps),
        shuffle=False,
        verbose=0,
    )
    return {name: values[-1] for name, values in history.history.items()}
