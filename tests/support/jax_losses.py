"""`python -m tests.support.jax_losses`, under KERAS_BACKEND=jax: the losses of a batch.

Each line of standard input is the path of a `<method>.npz`: weights by place, and the arrays of
one batch. Each is answered by a line, a JSON object: the unweighted terms and, as `after`, the
loss after two real steps; or the trace of what went wrong, as `error`.
"""

import json
import sys
import traceback
from pathlib import Path

import keras
import numpy as np

from tests.support.training import cases, compiled, data_for, fitted


def losses(path: Path) -> dict[str, float]:
    with np.load(path) as arrays:
        parts = {name: arrays[name] for name in arrays.files}
    spec = cases()[path.stem]
    model = compiled(spec)
    for place, variable in enumerate(model.variables):
        variable.assign(parts[f"weight/{place}"])
    x, y = ({n[2:]: a for n, a in parts.items() if n.startswith(f"{part}:")} for part in "xy")
    x, y = keras.tree.map_structure(keras.ops.convert_to_tensor, (x, y))
    terms = model.outcome(x, y, model(x, training=False), training=False).terms
    values = {name: float(value) for name, value in terms.items()}
    return values | {"after": fitted(model, data_for(spec), range(2))["loss"]}


def main() -> None:
    for line in sys.stdin:
        try:
            answer: dict[str, object] = {**losses(Path(line.rstrip("\n")))}
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
