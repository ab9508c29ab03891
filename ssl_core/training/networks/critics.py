"""Critics that tell pairs that belong together from others, and the information they find."""

from typing import NamedTuple

import keras
from keras import layers, ops

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


def cosine_scores(first, second, temperature: float) -> Scores:
    """`T(x, y) = cos(x, y) / temperature`, with every x beside every y that is not its own.

    first, second: (n, size), row i of both being a true pair, n at least 2. There are n (n - 1)
    others. No score is beyond `1 / temperature` either way, so no estimate beyond twice that.
    """
    first, second = (_unit(ops.cast(part, "float32")) for part in (first, second))
    every = ops.matmul(first, ops.transpose(second)) / temperature
    rows = ops.shape(every)[0]
    # Behind each number of the diagonal but the last come n that are not on it.
    behind = ops.reshape(ops.reshape(every, (-1,))[1:], (rows - 1, rows + 1))
    return Scores(ops.diagonal(every), ops.reshape(behind[:, :-1], (-1,)))


def _unit(vectors):
    """Vectors of length 1; a vector of zeros stays one, with a gradient of zero."""
    squared = ops.sum(ops.square(vectors), axis=1, keepdims=True)
    return vectors * ops.rsqrt(ops.maximum(squared, keras.config.epsilon()))


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
        """(loss, estimate), scalars in nats: the loss has the value of minus the estimate.

        In training the moving averages move, and the gradient of the loss is corrected with them.
        """
        found = donsker_varadhan(*scores)
        if not training:
            return -found, found
        self._remember(log_mean_exp(scores.marginal), found)
        if not self.corrected:
            return -found, found
        pull = corrected_gradient(*scores, self.log_average.value)
        return ops.stop_gradient(-found - pull) + pull, found

    def _remember(self, log_mean, found) -> None:
        """Take a batch into the moving averages, whose memory grows with the steps in them."""
        rate = ops.maximum(MEMORY, 2.0 / (self.steps.value + 2.0))
        log_mean, found = ops.stop_gradient(log_mean), ops.stop_gradient(found)
        self.log_average.assign(averaged_in_logarithms(self.log_average.value, log_mean, rate))
        self.smoothed.assign((1.0 - rate) * self.smoothed.value + rate * found)
        self.steps.assign(self.steps.value + 1.0)
