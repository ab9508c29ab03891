"""The optimizer that all methods share, and its schedule."""

import math

import keras
from keras import ops

from ssl_core.methods.base import Hyperparameters

UNKNOWN_TOTAL = 10**9


class CosineToZero(keras.optimizers.schedules.LearningRateSchedule):
    """`rate * (1 + cos(pi * step / total)) / 2`.

    Steps are those of the phase, because the optimizer counts anew in each. The total is a
    variable, because a budget in minutes learns it only after the first seconds; until then the
    rate stays at its peak.
    """

    def __init__(self, rate: float, total: int | None) -> None:
        super().__init__()
        self.configured = rate
        self.rate = keras.Variable(rate, trainable=False, dtype="float32", name="peak_rate")
        self.total = keras.Variable(
            float(total or UNKNOWN_TOTAL), trainable=False, dtype="float32", name="total_steps"
        )

    def __call__(self, step):
        share = ops.minimum(ops.cast(step, "float32") / self.total, 1.0)
        return self.rate * 0.5 * (1.0 + ops.cos(math.pi * share))

    def plan(self, total: int | None, rate: float = 1.0) -> None:
        """From now on the rate falls from `rate` times the configured one to zero at `total`."""
        self.rate.assign(self.configured * rate)
        self.total.assign(float(total or UNKNOWN_TOTAL))

    def get_config(self) -> dict:
        return {"rate": self.configured, "total": int(self.total.numpy())}


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

    def _filter_empty_gradients(self, grads, vars):
        """Gradient 0 where there is none, as on JAX: a weight may have no part in a phase.

        Keras on TensorFlow leaves such weights out, and then pairs the rest with wrong averages.
        """
        known = [
            ops.zeros(v.shape, v.dtype) if g is None else g
            for g, v in zip(grads, vars, strict=True)
        ]
        return known, list(vars)

    def restart(self) -> None:
        """Forget every gradient and begin counting and averaging anew, with the weights of now."""
        for variable in self.variables:
            if variable is not self._learning_rate:
                variable.assign(ops.zeros(variable.shape, variable.dtype))
        for weight, average in self._averaged():
            # A copy: JAX gives the memory of both away at the next step.
            average.assign(ops.copy(weight))

    def averages(self) -> dict[int, keras.Variable]:
        """`id` of a trainable variable -> its moving average; empty without averaging.

        Keras has no public name for these; its own SwapEMAWeights reads the same attributes.
        """
        return {id(variable): average for variable, average in self._averaged()}

    def _averaged(self) -> list[tuple[keras.Variable, keras.Variable]]:
        if not self.use_ema:
            return []
        pairs = zip(self._trainable_variables, self._model_variables_moving_average, strict=True)
        return list(pairs)


def make_optimizer(configuration: Hyperparameters, schedule: CosineToZero) -> AveragingAdamW:
    """Adam with decoupled weight decay on kernels, and a moving average of the weights.

    Loshchilov and Hutter 2019 (arXiv:1711.05101), algorithm 2. The average starts at the weights
    after the first step, so it needs no correction of a bias towards zero.
    """
    optimizer = AveragingAdamW(
        schedule,
        beta_1=configuration.adam_beta1,
        weight_decay=configuration.weight_decay,
        use_ema=configuration.ema_momentum > 0,
        ema_momentum=configuration.ema_momentum,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta", "log_variance"])
    return optimizer
