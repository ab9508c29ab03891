"""Networks that send an item one of several ways: soft switch, mixture, cascade."""

import math

import keras
from keras import layers, ops

from ssl_core.training.losses.mixture import mixture_log_probabilities
from ssl_core.training.networks.backbones import Shape
from ssl_core.training.networks.heads import DROPOUT

JOINT_WIDTH = 32
EXPERT_POOLS = 3
NEVER = -1e9  # a logit whose probability is 0
BELONGS = 0.1


def lower_and_upper(trunk: keras.Model) -> tuple[keras.Model, keras.Model]:
    """A backbone in two: images -> the map before the last halving -> the last map."""
    last = trunk.output_shape[1:3]
    larger = [layer for layer in trunk.layers[1:] if layer.output.shape[1:3] != last]
    # A residual network can be cut only where its shortcut meets the rest again.
    sums = [layer for layer in larger if isinstance(layer, layers.Add)]
    middle = (sums or larger or trunk.layers[-1:])[-1].output
    return keras.Model(trunk.input, middle, name="lower"), keras.Model(
        middle, trunk.output, name="upper"
    )


def soft_switch(
    map_shape: Shape, groups: int, classes: int, width: int, scaled: bool
) -> keras.Model:
    """From a map and the logits of a gate (groups,) to the classes.

    Branch g reads p_g times the map, p the softmax of the gate, times the number of groups where
    it is `scaled`; the layer `joint` reads all branches. Out: `logits` (classes,), and `branches`
    (groups, width), what each branch gives.
    """
    features, gate = keras.Input(map_shape, name="map"), keras.Input((groups,), name="gate")
    weights = layers.Softmax(dtype="float32")(gate) * (groups if scaled else 1.0)
    answers = []
    for place in range(groups):
        weight = ops.cast(ops.reshape(weights[:, place], (-1, 1, 1, 1)), features.dtype)
        answers.append(_branch(features * weight, width, place))
    joint = layers.Dense(JOINT_WIDTH, activation="relu", name="joint")(
        layers.Concatenate()(answers)
    )
    dropped = layers.Dropout(DROPOUT)(joint)
    logits = layers.Dense(classes, dtype="float32", name="logits")(dropped)
    outputs = {"logits": logits, "branches": ops.stack(answers, axis=1)}
    return keras.Model([features, gate], outputs, name="switch")


def pulls_of_branches(switch: keras.Model, branches):
    """What each branch of a soft switch adds to its layer `joint`, before the bias.

    branches: (batch, groups, width). Returns (batch, groups, JOINT_WIDTH).
    """
    kernel = switch.get_layer("joint").kernel
    blocks = ops.reshape(kernel, (*branches.shape[1:], JOINT_WIDTH))
    return ops.einsum("bgw,gwj->bgj", branches, blocks)


def mixture_of_experts(map_shape: Shape, groups: int, classes: int, width: int) -> keras.Model:
    """From a map and the logits of a gate (groups,) to the classes.

    Each branch reads the whole map and answers alone. Out: `logits` (classes,), the log
    probabilities of the mixture, and `experts` (groups, classes), the logits of each branch.
    """
    features, gate = keras.Input(map_shape, name="map"), keras.Input((groups,), name="gate")
    experts = []
    for place in range(groups):
        joint = layers.Dense(JOINT_WIDTH, activation="relu")(_branch(features, width, place))
        dropped = layers.Dropout(DROPOUT)(joint)
        experts.append(layers.Dense(classes, dtype="float32")(dropped))
    answers = ops.stack(experts, axis=1)
    outputs = {"logits": mixture_log_probabilities(gate, answers), "experts": answers}
    return keras.Model([features, gate], outputs, name="switch")


def _branch(features, width: int, place: int):
    """Two convolutions with a halving between: a map -> (batch, width)."""
    for depth in range(2):
        features = layers.Conv2D(
            width,
            3,
            padding="same",
            activation="relu",
            kernel_initializer="he_normal",
            name=f"branch_{place}_{depth}",
        )(features)
        if depth == 0:
            features = layers.MaxPooling2D(2, padding="same")(features)
    return layers.GlobalAveragePooling2D()(features)


def expert(image_shape: Shape, width: int, name: str) -> keras.Model:
    """A narrow trunk of its own for one group: images -> map (h, w, 4 width), of any width.

    Normalised within each image: with batch normalisation, the images of other groups in the same
    batch would move an expert that is to learn from its own group alone.
    """
    images = keras.Input(image_shape, name="images")
    features = images
    for depth, widening in enumerate((1, 2, 4, 4)):
        channels = widening * width
        features = layers.Conv2D(channels, 3, padding="same", kernel_initializer="he_normal")(
            features
        )
        normal = layers.GroupNormalization(groups=math.gcd(4, channels))(features)
        features = layers.ReLU()(normal)
        if depth < EXPERT_POOLS:
            features = layers.MaxPooling2D(2, padding="same")(features)
    return keras.Model(images, features, name=name)


def chosen_expert(way, logits, shares):
    """What one expert a row says, of the classes that belong to its group.

    way: (batch, groups), one-hot. logits: (batch, groups, classes), of every expert. shares:
    (batch, classes), which share of each class was met in the group of the row. A class belongs to
    every group that had at least BELONGS of it; where none does, the expert may name all. Returns
    (batch, classes), float32; classes of other groups get the probability 0.
    """
    own = ops.sum(ops.expand_dims(ops.cast(way, "float32"), -1) * logits, axis=1)
    belong = shares >= BELONGS
    nothing = ops.logical_not(ops.any(belong, axis=-1, keepdims=True))
    return ops.where(ops.logical_or(belong, nothing), own, NEVER)
