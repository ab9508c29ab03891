"""Every method on the JAX backend: the same losses on one batch, and two steps that are finite.

Variants that no default reaches are compared on one batch alone.
"""

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

from ssl_core.training.model import MethodModel
from tests.support.jax_backend import ON_JAX
from tests.support.training import batch_of, cases, data_for
from tests.support.variants import COMPARED, begin_phase, compiled_variant, terms_of

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def jax_process() -> Iterator["subprocess.Popen[str]"]:
    """One process for all methods: what JAX compiled for one of them is there for the next."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.jax_losses"],
        cwd=ROOT,
        env=os.environ | ON_JAX,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("name", list(COMPARED))
def test_jax_gives_the_same_losses(
    jax_process: "subprocess.Popen[str]", tmp_path: Path, name: str
) -> None:
    variant = COMPARED[name]
    data = data_for(cases()[variant.case])
    model = compiled_variant(variant)
    begin_phase(model, data)
    x, y = batch_of(model, data, step=9, span=(0, 10))  # when every ramp has come to its end
    _move_what_is_remembered(model, x, y)
    expected = terms_of(model, x, y)
    assert all(expected.values()), "a term that is 0 on TensorFlow compares nothing"
    arrays = {f"weight/{place}": value for place, value in enumerate(model.variables)}
    for part, tensors in (("x", x), ("y", y)):
        arrays |= {f"{part}:{n}": tensor for n, tensor in tensors.items()}
    as_numpy = {n: keras.ops.convert_to_numpy(value) for n, value in arrays.items()}
    np.savez(tmp_path / f"{name}.npz", **as_numpy)
    assert jax_process.stdin is not None
    assert jax_process.stdout is not None
    print(tmp_path / f"{name}.npz", file=jax_process.stdin, flush=True)
    answer = jax_process.stdout.readline()
    assert answer, "the process on JAX ended; what it said stands in the captured output"
    found = json.loads(answer)
    assert "error" not in found, found["error"]
    if name == variant.case:
        assert math.isfinite(found.pop("after"))
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)


def _move_what_is_remembered(model: MethodModel, x: dict, y: dict) -> None:
    """Statistics, moving averages and weights of heads away from where they begin."""
    model.outcome(x, y, model(x, training=True), training=True)
    for place, variable in enumerate(getattr(model, "log_variances", {}).values()):
        variable.assign(0.4 * place - 0.5)
    if hasattr(model, "switch"):  # untrained experts are so alike that the gate hardly matters
        model.switch.set_weights([2.0 * weight for weight in model.switch.get_weights()])
