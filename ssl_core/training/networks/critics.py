"""Critics that tell pairs that belong together from others, and the information they find."""

from typing import NamedTuple

import keras
import numpy as np
from keras import layers, ops
from scipy.special import hyp0f1

from ssl_core.training.losses.mutual_information import (
    averaged_in_logarithms,
    corrected_gradient,
    donsker_varadhan,
    log_mean_exp,
)

MEMORY = 0.01  # the least part of a moving average that a step replaces
ESTIMATE, SMOOTHED = "mi/estimate", "mi/smoothed"
LEVEL, CONSTANT, LAG = "critic/mean", "critic/constant", "critic/lag"
LARGEST_LAG = 10.0  # times: how far the moving average may be from the mean of a batch


class Scores(NamedTuple):
    """What a critic says of pairs that belong together, (n,), and of others, (m,): float32."""

    joint: object
    marginal: object


def cosine_scores(first, second, temperature: float) -> Scores:
    """`T(x, y) = cos(x, y) / temperature`, with every x beside every y that is not its own.

    first, second: (n, size), float32, of length sqrt(size) as `embedding_head` makes them, row i of
    both being a true pair, n at least 2. There are n (n - 1) others. No score is beyond
    `1 / temperature` either way; the most that an estimate can be is `most_of_cosines`.
    """
    every = ops.matmul(first, ops.transpose(second)) / (first.shape[-1] * temperature)
    rows = ops.shape(every)[0]
    # Behind each number of the diagonal but the last come n that are not on it.
    behind = ops.reshape(ops.reshape(every, (-1,))[1:], (rows - 1, rows + 1))
    return Scores(ops.diagonal(every), ops.reshape(behind[:, :-1], (-1,)))


def most_of_cosines(size: int, temperature: float) -> float:
    """The largest estimate by cosines of vectors (size,) over a temperature, in nats.

    It is reached where true pairs are equal and vectors point evenly to all sides, which makes the
    mean of e^T over others least: `1/t - log 0F1(size / 2; 1 / (4 t^2))`. Evenly: Wang and Isola
    2020, theorem 1. Of a batch of n it can be beyond that by about e^(1/t) / n.
    """
    return 1.0 / temperature - float(np.log(hyp0f1(size / 2, 0.25 / temperature**2)))


class Critic(layers.Layer):
    """`T(x, y) = w . relu(A x + B y + b)`; a constant beside it would change no estimate.

    All of it is float32.
    """

    def __init__(self, size: int, hidden: int) -> None:
        super().__init__(dtype="float32", name="critic")
        self.of_first = layers.Dense(hidden, dtype="float32")
        self.of_second = layers.Dense(hidden, use_bias=False, dtype="float32")
        self.last = layers.Dense(1, use_bias=False, dtype="float32")
        self.size = size
        self.of_first.build((None, size))
        self.of_second.build((None, size))
        self.last.build((None, hidden))
        self.built = True

    def call(self, first, second):
        """(n, size) twice -> Scores. Others than true pairs are made by moving y on by one row, so
        that none of them is a true pair by chance and x and y are computed once.
        """
        one, two = self.of_first(first), self.of_second(second)
        scores = (self.last(ops.relu(one + y)) for y in (two, ops.roll(two, 1, axis=0)))
        return Scores(*(of_pairs[:, 0] for of_pairs in scores))

    def network(self) -> keras.Model:
        """Two vectors (size,) -> the score of the pair (1,). It shares the weights of the critic,
        and loads with Keras alone.
        """
        first, second = (keras.Input((self.size,), name=name) for name in ("first", "second"))
        hidden = layers.Add(dtype="float32")([self.of_first(first), self.of_second(second)])
        hidden = layers.ReLU(dtype="float32")(hidden)
        return keras.Model([first, second], self.last(hidden), name="critic")


def published(*, corrected: bool) -> tuple[str, ...]:
    """The names of what an `Estimate` measures."""
    return (ESTIMATE, SMOOTHED, *((LEVEL, CONSTANT, LAG) if corrected else ()))


def lag_guides(*, corrected: bool) -> dict[str, dict[str, float]]:
    """The line that the lag of a corrected gradient is read against."""
    return {LAG: {f"ln {LARGEST_LAG:g}": float(np.log(LARGEST_LAG))}} if corrected else {}


class Estimate(layers.Layer):
    """The mutual information that scores show, and the loss that makes a critic find more."""

    def __init__(self, *, corrected: bool) -> None:
        super().__init__(dtype="float32", name="estimate")
        self.corrected = corrected
        # The moving averages of log mean e^T and of the estimate, and the steps in them.
        self.log_average = self._number("log_average")
        self.smoothed = self._number("smoothed")
        self.steps = self._number("steps")
        self.built = True

    def _number(self, name: str) -> keras.Variable:
        return self.add_weight(shape=(), initializer="zeros", trainable=False, name=name)

    def call(self, scores: Scores, training: bool):
        """The loss, which has the value of minus the estimate, and what is `published`: nats.

        In training the moving averages move, and the gradient of the loss is corrected with them.
        """
        found, log_mean = donsker_varadhan(*scores), log_mean_exp(scores.marginal)
        if training:
            self._remember(log_mean, found)
        measures = {ESTIMATE: found, SMOOTHED: self.smoothed.value}
        if not self.corrected:
            return -found, measures
        average = self.log_average.value
        measures |= {
            LEVEL: ops.mean(scores.marginal),
            CONSTANT: average,
            LAG: ops.abs(average - log_mean),
        }
        if not training:
            return -found, measures
        pull = corrected_gradient(*scores, average)
        return ops.stop_gradient(-found - pull) + pull, measures

    def _remember(self, log_mean, found) -> None:
        """Take a batch into the moving averages, whose memory grows with the steps in them."""
        rate = ops.maximum(MEMORY, 2.0 / (self.steps.value + 2.0))
        log_mean, found = ops.stop_gradient(log_mean), ops.stop_gradient(found)
        self.log_average.assign(averaged_in_logarithms(self.log_average.value, log_mean, rate))
        self.smoothed.assign((1.0 - rate) * self.smoothed.value + rate * found)
        self.steps.assign(self.steps.value + 1.0)
