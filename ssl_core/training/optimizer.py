"""The optimizer that all methods share, and its schedule."""

import math

import keras
from keras import ops

from ssl_core.methods.base import Hyperparameters

UNKNOWN_TOTAL = 10**9


class CosineToZero(keras.optimizers.schedules.LearningRateSchedule):
    """`rate * (1 + cos(pi * step / total)) / 2`.

    The total is a variable, because a budget in minutes learns it only after the first seconds;
    until then the rate stays at its peak.
    """

    def __init__(self, rate: float, total: int | None) -> None:
        super().__init__()
        self.rate = rate
        self.total = keras.Variable(
            float(total or UNKNOWN_TOTAL), trainable=False, dtype="float32", name="total_steps"
        )

    def __call__(self, step):
        share = ops.minimum(ops.cast(step, "float32") / self.total, 1.0)
        return self.rate * 0.5 * (1.0 + ops.cos(math.pi * share))

    def set_total(self, total: int) -> None:
        """From now on the rate falls to zero at step `total`."""
        self.total.assign(float(total))

    def get_config(self) -> dict:
        return {"rate": self.rate, "total": int(self.total.numpy())}


class AveragingAdamW(keras.optimizers.AdamW):
    """AdamW with an average of the weights that fits early and stays apart to the end.

    The memory of the average grows with the steps t done before, `min(momentum, (1+t)/(10+t))`,
    so that it has left the first weights behind after some dozens of steps and not only after
    hundreds. Keras has no setting for that, hence the overridden method.
    """

    def _update_model_variables_moving_average(self, trainable_variables):
        if not self.use_ema:
            return
        done = ops.cast(self.iterations, "float32")
        momentum = ops.minimum(self.ema_momentum, (1.0 + done) / (10.0 + done))
        momentum = ops.where(done > 0, momentum, 0.0)
        pairs = zip(trainable_variables, self._model_variables_moving_average, strict=True)
        for variable, average in pairs:
            average.assign(momentum * average + (1.0 - momentum) * variable)

    def finalize_variable_values(self, var_list):
        """Leave the weights as they are.

        Keras puts the average over the weights whenever a `fit` ends. Here one training is many
        calls of `fit`, and their number must not change it.
        """

    def averages(self) -> dict[int, keras.Variable]:
        """`id` of a trainable variable -> its moving average; empty without averaging.

        Keras has no public name for these; its own SwapEMAWeights reads the same attributes.
        """
        if not self.use_ema:
            return {}
        pairs = zip(self._trainable_variables, self._model_variables_moving_average, strict=True)
        return {id(variable): average for variable, average in pairs}


def make_optimizer(configuration: Hyperparameters, schedule: CosineToZero) -> AveragingAdamW:
    """Adam with decoupled weight decay on kernels, and a moving average of the weights.

    Loshchilov and Hutter 2019 (arXiv:1711.05101), algorithm 2. The average starts at the weights
    after the first step, so it needs no correction of a bias towards zero.
    """
    optimizer = AveragingAdamW(
        schedule,
        weight_decay=configuration.weight_decay,
        use_ema=configuration.ema_momentum > 0,
        ema_momentum=configuration.ema_momentum,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer
