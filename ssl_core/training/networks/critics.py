"""A critic that tells pairs that belong together from others, and the information it finds."""

from typing import NamedTuple

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from ssl_core.training.losses.mutual_information import (
    averaged_in_logarithms,
    corrected_gradient,
    donsker_varadhan,
    log_mean_exp,
)

MEMORY = 0.01  # the least part of a moving average that a step replaces


class Scores(NamedTuple):
    """What a critic says of pairs that belong together, (n,), and of others, (m,): float32."""

    joint: object
    marginal: object


class Estimate(layers.Layer):
    """The mutual information of two vectors, found by a critic that is trained to find more.

    The critic is `T(x, y) = w . relu(A x + B y + b)`; a constant beside it would change nothing.
    Others than true pairs are made by moving y on by one row, by two, up to `shifts`, so that none
    of them is a true pair by chance and x and y are computed once. All of it is float32.
    """

    def __init__(self, size: int, hidden: int, *, corrected: bool, shifts: int = 1) -> None:
        super().__init__(dtype="float32", name="estimate")
        self.of_first = layers.Dense(hidden, dtype="float32")
        self.of_second = layers.Dense(hidden, use_bias=False, dtype="float32")
        self.last = layers.Dense(1, use_bias=False, dtype="float32")
        self.size, self.corrected, self.shifts = size, corrected, shifts
        self.of_first.build((None, size))
        self.of_second.build((None, size))
        self.last.build((None, hidden))
        # The moving averages of log mean e^T and of the estimate, and the steps in them.
        self.log_average = self._number("log_average")
        self.smoothed = self._number("smoothed")
        self.steps = self._number("steps")
        self.built = True

    def _number(self, name: str) -> keras.Variable:
        return self.add_weight(shape=(), initializer="zeros", trainable=False, name=name)

    def scores(self, first, second) -> Scores:
        """first, second: (n, size), row i of both being a true pair; n is above `shifts`."""
        one, two = self.of_first(first), self.of_second(second)
        together = self.last(ops.relu(one + two))
        rows = ops.shape(two)[0]
        moved = ops.arange(rows) - ops.expand_dims(ops.arange(1, self.shifts + 1), 1)
        apart = self.last(ops.relu(one + ops.take(two, moved % rows, axis=0)))
        return Scores(together[:, 0], ops.reshape(apart, (-1,)))

    def call(self, first, second, training: bool):
        """(loss, estimate), scalars in nats: the loss has the value of minus the estimate.

        In training the moving averages move, and the gradient of the loss is corrected with them.
        """
        scores = self.scores(first, second)
        found = donsker_varadhan(*scores)
        if not training:
            return -found, found
        self._remember(log_mean_exp(scores.marginal), found)
        if not self.corrected:
            return -found, found
        pull = corrected_gradient(*scores, self.log_average.value)
        return ops.stop_gradient(-found - pull) + pull, found

    def network(self) -> keras.Model:
        """Two vectors (size,) -> the score of the pair (1,). It shares the weights of the critic,
        and loads with Keras alone.
        """
        first, second = (keras.Input((self.size,), name=name) for name in ("first", "second"))
        hidden = layers.Add(dtype="float32")([self.of_first(first), self.of_second(second)])
        hidden = layers.ReLU(dtype="float32")(hidden)
        return keras.Model([first, second], self.last(hidden), name="critic")

    def _remember(self, log_mean, found) -> None:
        """Take a batch into the moving averages, whose memory grows with the steps in them."""
        rate = ops.maximum(MEMORY, 2.0 / (self.steps.value + 2.0))
        log_mean, found = ops.stop_gradient(log_mean), ops.stop_gradient(found)
        self.log_average.assign(averaged_in_logarithms(self.log_average.value, log_mean, rate))
        self.smoothed.assign((1.0 - rate) * self.smoothed.value + rate * found)
        self.steps.assign(self.steps.value + 1.0)


def scores_of(
    network: keras.Model, first: NDArray, second: NDArray, shifts: int = 1
) -> tuple[NDArray, NDArray]:
    """(n,) scores of true pairs and (m,) of others, by a `network` of an estimate.

    first, second: (n, size), row i of both being a true pair. shifts: as in training, because
    fewer others are another estimate; of few pairs there are only n - 1.
    """
    most = max(1, min(shifts, len(second) - 1))
    moved = (np.roll(second, shift, axis=0) for shift in range(most + 1))
    joint, *others = (ops.convert_to_numpy(network([first, other])[:, 0]) for other in moved)
    return joint, np.concatenate(others)
