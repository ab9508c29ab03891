"""Every method on the JAX backend: the same losses on one batch, and two steps that are finite."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.support.jax_backend import ON_JAX
from tests.support.training import batch_of, cases, compiled, data_for

ROOT = Path(__file__).resolve().parents[2]
PARTS = 3  # each compiles a third of the methods, so that none takes minutes


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.timeout(300)
def test_jax_gives_the_same_losses(tmp_path: Path, part: int) -> None:
    expected = {}
    for name, spec in list(cases().items())[part::PARTS]:
        model = compiled(spec)
        x, y = batch_of(model, data_for(spec))
        terms = model.outcome(x, y, model(x, training=False), training=False).terms
        expected[name] = {term: float(value) for term, value in terms.items()}
        arrays = {
            f"weight/{place}": keras.ops.convert_to_numpy(v)
            for place, v in enumerate(model.variables)
        }
        for part, tensors in (("x", x), ("y", y)):
            arrays |= {f"{part}:{n}": keras.ops.convert_to_numpy(t) for n, t in tensors.items()}
        np.savez(tmp_path / f"{name}.npz", **arrays)
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.jax_losses", str(tmp_path)],
        cwd=ROOT,
        env=os.environ | ON_JAX,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found = json.loads(done.stdout.splitlines()[-1])
    for name, terms in expected.items():
        assert math.isfinite(found[name].pop("after")), name
        assert found[name] == pytest.approx(terms, abs=1e-4, rel=1e-4), name
