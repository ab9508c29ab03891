"""Random changes of images that keep their class, for whole batches, without hidden state.

Each is a function `(images, seed, configuration)`. images: (batch, height, width, channels), uint8.
seed: (2,), int32; the result is a function of it alone. Returns images of the same type, and of the
same shape unless its docstring says otherwise.
"""

from collections.abc import Callable

import tensorflow as tf

from ssl_core.training.augmentation.contrastive import contrastive
from ssl_core.training.augmentation.pairs import pair
from ssl_core.training.augmentation.strong import strong
from ssl_core.training.augmentation.weak import weak


def unchanged(images: tf.Tensor, seed: tf.Tensor, configuration: object) -> tf.Tensor:
    """The items as they are."""
    return images


# What a view of a stream may ask for, by name.
AUGMENTATIONS: dict[str, Callable[..., tf.Tensor]] = {
    "weak": weak,
    "strong": strong,
    "none": unchanged,
    "pair": pair,
    "contrastive": contrastive,
}
