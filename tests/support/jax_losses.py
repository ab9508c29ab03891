"""`python -m tests.support.jax_losses FOLDER`, under KERAS_BACKEND=jax: the losses of a batch.

FOLDER holds `<method>.npz` for every method: weights by place, and the arrays of one batch. Prints
a JSON object: method -> its unweighted terms, and the loss after two real steps as `after`.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np

from tests.support.training import cases, compiled, data_for, fitted


def main(folder: Path) -> None:
    found = {}
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as arrays:
            parts = {name: arrays[name] for name in arrays.files}
        model = compiled(cases()[path.stem])
        for place, variable in enumerate(model.variables):
            variable.assign(parts[f"weight/{place}"])
        x, y = ({n[2:]: a for n, a in parts.items() if n.startswith(f"{part}:")} for part in "xy")
        x, y = keras.tree.map_structure(keras.ops.convert_to_tensor, (x, y))
        terms = model.outcome(x, y, model(x, training=False), training=False).terms
        values = {name: float(value) for name, value in terms.items()}
        after = fitted(model, data_for(cases()[path.stem]), range(2))["loss"]
        found[path.stem] = {**values, "after": after}
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
