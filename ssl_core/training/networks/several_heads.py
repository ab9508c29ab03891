"""From features, and numbers beside the item, to the answers of several heads."""

import keras
import numpy as np
from keras import layers, ops

from ssl_core.methods.base import Column, HeadTask, Task
from ssl_core.training.networks.heads import DROPOUT

AUXILIARY = "auxiliary"
NUMERIC_WIDTH, JOINT_WIDTH = 16, 64


def answer_network(
    feature_shape: tuple[int, ...], task: Task, hidden: tuple[int, ...], dropout: float = DROPOUT
) -> keras.Model:
    """From features, (h, w, features) or (features,), to what each head says, by its name.

    With columns it takes their numbers, (columns,), as a second input, `hidden` dense layers read
    both together, and `auxiliary` is what the features alone say to the main head (Chollet's
    multi-input model). Categorical: logits (classes,). Binary: the logit of the second class (1,).
    Regression: standardised (1,).
    """
    features = keras.Input(feature_shape, name="features")
    pooled = layers.GlobalAveragePooling2D()(features) if len(feature_shape) == 3 else features
    inputs, joint, outputs = [features], pooled, {}
    if task.columns:
        numbers = keras.Input((len(task.columns),), name="numeric")
        inputs.append(numbers)
        joint = layers.Concatenate()([pooled, numeric_features(task.columns, numbers)])
        outputs[AUXILIARY] = _output(task.heads[0], layers.Dropout(dropout)(pooled), AUXILIARY)
    for width in hidden:
        joint = layers.Dense(width, activation="relu", kernel_initializer="he_normal")(joint)
    joint = layers.Dropout(dropout)(joint)
    outputs |= {head.name: _output(head, joint, f"logits_{head.name}") for head in task.heads}
    return keras.Model(inputs, outputs, name="answers")


def numeric_features(columns: tuple[Column, ...], numbers):
    """Numbers (batch, columns) in their units, standardised, through one small dense layer."""
    scaled = layers.Normalization(
        mean=[column.mean for column in columns],
        variance=[float(np.square(column.deviation)) for column in columns],
    )(numbers)
    return layers.Dense(NUMERIC_WIDTH, activation="relu", kernel_initializer="he_normal")(scaled)


def _output(head: HeadTask, features, name: str):
    width = head.classes if head.kind == "categorical" else 1
    # float32 whatever the policy: the loss and the softmax need the precision.
    return layers.Dense(width, dtype="float32", name=name)(features)


def several_heads_inference(trunk: keras.Model, answers: keras.Model, task: Task) -> keras.Model:
    """Item, and `numeric` (columns,) where there are any -> answers of every head.

    `probabilities` (classes,) of the main head; of a further one, under its name, probabilities
    (classes,) or its number (1,) in its unit. It shares its weights with `trunk` and `answers`.
    """
    first = trunk.inputs[0]
    items = keras.Input(first.shape[1:], dtype=first.dtype, name=first.name)
    features = trunk(items)
    inputs = [items]
    if task.columns:
        inputs.append(keras.Input((len(task.columns),), name="numeric"))
    outputs = answers([features, *inputs[1:]] if task.columns else features)
    main, *others = task.heads
    found = {"probabilities": answer_of(main, outputs[main.name])}
    found |= {head.name: answer_of(head, outputs[head.name]) for head in others}
    return keras.Model(inputs if task.columns else items, found, name="inference")


def answer_of(head: HeadTask, output):
    """What a person is told: probabilities (batch, classes), or a number (batch, 1) in its unit."""
    if head.kind == "regression":
        return layers.Rescaling(head.deviation, head.mean, dtype="float32")(output)
    if head.kind == "binary":
        return ops.concatenate([ops.sigmoid(-output), ops.sigmoid(output)], axis=-1)
    return layers.Softmax(dtype="float32")(output)
