"""`python -m tests.support.jax_losses`, under KERAS_BACKEND=jax: the losses of a batch.

Each line of standard input is the path of a `<name>.npz`, a name of COMPARED: weights by place,
and the arrays of one batch. Each is answered by a line, a JSON object: what `terms_of` finds and,
for a method in its defaults, as `after` the loss after two real steps; or the trace of what went
wrong, as `error`.
"""

import json
import sys
import traceback
from pathlib import Path

import keras
import numpy as np

from tests.support.training import cases, data_for, fitted
from tests.support.variants import COMPARED, compiled_variant, terms_of


def losses(path: Path) -> dict[str, float]:
    with np.load(path) as arrays:
        parts = {name: arrays[name] for name in arrays.files}
    model = compiled_variant(COMPARED[path.stem])
    for place, variable in enumerate(model.variables):
        variable.assign(parts[f"weight/{place}"])
    x, y = ({n[2:]: a for n, a in parts.items() if n.startswith(f"{part}:")} for part in "xy")
    x, y = keras.tree.map_structure(keras.ops.convert_to_tensor, (x, y))
    found = terms_of(model, x, y)
    if path.stem in cases():
        found["after"] = fitted(model, data_for(cases()[path.stem]), range(2))["loss"]
    return found


def main() -> None:
    for line in sys.stdin:
        try:
            answer: dict[str, object] = {**losses(Path(line.rstrip("\n")))}
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
