"""The schedule, the decay and the averaged weights, against NumPy."""

import keras
import numpy as np
import pytest

from ssl_core.methods.base import Hyperparameters
from ssl_core.training.optimizer import CosineToZero, make_optimizer


def test_the_rate_falls_along_a_cosine_to_zero() -> None:
    schedule = CosineToZero(0.1, 100)
    found = [float(schedule(step)) for step in (0, 25, 50, 100, 150)]
    assert found == pytest.approx([0.1, 0.0853553, 0.05, 0.0, 0.0], abs=1e-6)


def test_the_rate_stays_at_its_peak_until_the_total_is_known() -> None:
    schedule = CosineToZero(0.1, None)
    assert float(schedule(5000)) == pytest.approx(0.1)
    schedule.plan(10_000)
    assert float(schedule(5000)) == pytest.approx(0.05)


def stepped(optimizer: keras.Optimizer, steps: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kernel after each step, averaged kernel at the end, bias at the end; gradients are zero."""
    kernel = keras.Variable(np.ones(3), name="kernel")
    bias = keras.Variable(np.ones(3), name="bias")
    optimizer.build([kernel, bias])
    seen = []
    for _ in range(steps):
        optimizer.apply([np.zeros(3, np.float32), np.zeros(3, np.float32)])
        seen.append(kernel.numpy())
    averages = optimizer.averages()
    last = averages[id(kernel)].numpy() if averages else kernel.numpy()
    return np.array(seen), last, bias.numpy()


def test_only_kernels_decay_and_the_average_follows() -> None:
    configuration = Hyperparameters(weight_decay=0.1, learning_rate=1.0, ema_momentum=0.5)
    seen, average, bias = stepped(make_optimizer(configuration, CosineToZero(1.0, None)), 30)
    assert np.allclose(seen[:, 0], 0.9 ** np.arange(1, 31), rtol=1e-4)
    assert (bias == 1).all()
    expected = seen[0]
    for done in range(1, 30):
        momentum = min(0.5, (1 + done) / (10 + done))
        expected = momentum * expected + (1 - momentum) * seen[done]
    assert np.allclose(average, expected, rtol=1e-5)


def test_averaging_can_be_turned_off() -> None:
    configuration = Hyperparameters(ema_momentum=0.0)
    assert make_optimizer(configuration, CosineToZero(1e-3, 10)).averages() == {}


def test_a_fit_leaves_the_weights_alone_when_it_ends() -> None:
    optimizer = make_optimizer(Hyperparameters(), CosineToZero(1e-3, 10))
    variable = keras.Variable(np.ones(2))
    optimizer.build([variable])
    optimizer.apply([np.ones(2, np.float32)])
    before = variable.numpy()
    optimizer.finalize_variable_values([variable])
    assert np.array_equal(variable.numpy(), before)
