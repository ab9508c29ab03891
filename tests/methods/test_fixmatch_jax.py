"""FlexMatch thresholds and sharpened targets on the JAX backend, as on TensorFlow.

Under KERAS_BACKEND=jax, `python -m tests.methods.test_fixmatch_jax FILE` answers with one JSON
object for the weights and the batch of an npz file.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from ssl_core.methods import catalogue
from tests.support.jax_backend import ON_JAX
from tests.support.training import batch_of, compiled, fitted, small_data

ROOT = Path(__file__).resolve().parents[2]


def model_of_both():
    values = {"thresholds": "flexmatch", "threshold": 0.4, "targets": "sharpened"}
    return compiled(catalogue()["fixmatch"], **values)


def learned(model, x: dict, y: dict) -> dict[str, list[float]]:
    """What a training step notes of a batch, and the loss at the thresholds that come of it."""
    model.outcome(x, y, model(x, training=False), training=True)
    terms = model.outcome(x, y, model(x, training=False), training=False).terms
    return {
        "last": keras.ops.convert_to_numpy(model.last).tolist(),
        "thresholds": model.thresholds.tolist(),
        "losses": [float(terms["classification"]), float(terms["pseudo"])],
    }


@pytest.mark.slow
def test_jax_notes_the_same_answers_and_gives_the_same_losses(tmp_path: Path) -> None:
    model = model_of_both()
    x, y = batch_of(model, small_data())
    parts = {f"x:{name}": value for name, value in x.items()}
    parts |= {f"y:{name}": value for name, value in y.items()}
    parts |= {f"weight/{place}": value for place, value in enumerate(model.variables)}
    path = tmp_path / "batch.npz"
    np.savez(path, **{name: keras.ops.convert_to_numpy(value) for name, value in parts.items()})
    expected = learned(model, x, y)
    assert max(expected["thresholds"]) > 0
    assert expected["losses"][1] > 0
    done = subprocess.run(
        [sys.executable, "-m", "tests.methods.test_fixmatch_jax", str(path)],
        cwd=ROOT,
        env=os.environ | ON_JAX,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert np.isfinite(found.pop("after"))
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        assert found[name] == pytest.approx(values, abs=1e-4, rel=1e-4), name


def main(path: str) -> None:
    with np.load(path) as arrays:
        parts = {name: arrays[name] for name in arrays.files}
    model = model_of_both()
    for place, variable in enumerate(model.variables):
        variable.assign(parts[f"weight/{place}"])
    x, y = ({n[2:]: a for n, a in parts.items() if n.startswith(f"{part}:")} for part in "xy")
    x, y = keras.tree.map_structure(keras.ops.convert_to_tensor, (x, y))
    found = learned(model, x, y) | {"after": fitted(model, small_data(), range(2))["loss"]}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
