"""The whole state of a training as arrays: weights, optimizer, random state."""

import keras
import numpy as np

from ssl_core.errors import UserError
from ssl_core.training.checkpoints import Arrays


def captured(model: keras.Model) -> Arrays:
    """Every variable that the next step depends on, under a name that keeps their order.

    Weights, moving statistics and the state of random generators come from the model; moments,
    step count and averaged weights from the optimizer.
    """
    return {name: np.array(_value(variable)) for name, variable in _named(model)}


def restored(model: keras.Model, arrays: Arrays) -> None:
    """Put `captured` arrays back. Raises UserError where they belong to another network."""
    variables = dict(_named(model))
    different = variables.keys() ^ arrays.keys()
    different |= {
        name
        for name in variables.keys() & arrays.keys()
        if tuple(variables[name].shape) != arrays[name].shape
    }
    if different:
        raise UserError(
            "The checkpoint of this run belongs to another version of its method. "
            "Start a new run with the same settings."
        )
    for name, variable in variables.items():
        variable.assign(arrays[name])


def all_finite(arrays: Arrays) -> bool:
    """Whether no floating-point array holds a NaN or an infinity."""
    return all(
        bool(np.isfinite(array).all())
        for array in arrays.values()
        if np.issubdtype(array.dtype, np.floating)
    )


def weights_of(network: keras.Model) -> Arrays:
    """The weights of a network by place."""
    return {f"{place:04d}": array for place, array in enumerate(network.get_weights())}


def set_weights_of(network: keras.Model, arrays: Arrays) -> None:
    """Put `weights_of` back."""
    network.set_weights([arrays[name] for name in sorted(arrays)])


def _named(model: keras.Model) -> list[tuple[str, keras.Variable]]:
    groups = {"model": model.variables, "optimizer": model.optimizer.variables}
    return [
        (f"{group}/{place:04d}", variable)
        for group, variables in groups.items()
        for place, variable in enumerate(variables)
    ]


def _value(variable: keras.Variable):
    return keras.ops.convert_to_numpy(variable.value)
