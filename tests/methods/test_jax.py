"""Every method on the JAX backend: the same losses on one batch, and two steps that are finite."""

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

from tests.support.jax_backend import ON_JAX
from tests.support.training import batch_of, cases, compiled, data_for

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


@pytest.mark.parametrize("name", list(cases()))
def test_jax_gives_the_same_losses(
    jax_process: "subprocess.Popen[str]", tmp_path: Path, name: str
) -> None:
    spec = cases()[name]
    model = compiled(spec)
    x, y = batch_of(model, data_for(spec))
    terms = model.outcome(x, y, model(x, training=False), training=False).terms
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
    assert math.isfinite(found.pop("after"))
    expected = {term: float(value) for term, value in terms.items()}
    assert found == pytest.approx(expected, abs=1e-4, rel=1e-4)
