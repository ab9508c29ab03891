"""Which parts a saved network may be made of.

A `.keras` file names the classes to build, and some of these run what the file brings along. A
workspace may have been packed by somebody else, so only the parts that the methods use are loaded.
"""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ssl_core.errors import UserError

_CONFIGURATION = "config.json"
_FILES = {_CONFIGURATION, "metadata.json", "model.weights.h5"}
_CONFIGURATION_BYTES = 50_000_000
_LAYERS = (
    "Activation Add BatchNormalization Concatenate Conv1D Conv2D Conv2DTranspose Cropping2D Dense "
    "Dropout Embedding Flatten GlobalAveragePooling2D GlobalMaxPooling1D GroupNormalization "
    "Identity InputLayer LSTM LeakyReLU MaxPooling1D MaxPooling2D Normalization ReLU Rescaling "
    "Reshape Softmax UpSampling2D"
)
_INITIALIZERS = (
    "Constant GlorotNormal GlorotUniform HeNormal HeUniform LecunNormal LecunUniform Ones "
    "Orthogonal RandomNormal RandomUniform TruncatedNormal VarianceScaling Zeros"
)
_ARRAY_OPERATIONS = (
    "Absolute Add Any Argmax Concatenate Divide Exp ExpandDims GetItem Greater GreaterEqual Less "
    "LessEqual Log LogicalAnd LogicalNot LogicalOr Matmul Max Maximum Mean Minimum Multiply "
    "Negative NotEqual OnesLike Reshape Split Square Stack Subtract Sum Take Transpose TrueDivide "
    "Where"
)
# The module that a part comes from -> its names. Operations have no public module in a file.
_ALLOWED: dict[str | None, frozenset[str]] = {
    "keras": frozenset({"DTypePolicy"}),
    "keras.layers": frozenset(_LAYERS.split()),
    "keras.initializers": frozenset(_INITIALIZERS.split()),
    "keras.src.models.functional": frozenset({"Functional"}),
    "keras.src.ops.core": frozenset({"Cast"}),
    "keras.src.ops.math": frozenset({"Logsumexp", "Rsqrt", "TopK"}),
    "keras.src.ops.nn": frozenset({"LogSoftmax", "OneHot", "Relu", "Sigmoid", "Softmax"}),
    "keras.src.ops.numpy": frozenset(_ARRAY_OPERATIONS.split()),
    None: frozenset({"__keras_tensor__", "__slice__"}),  # places in the network, no code
}


def read_parts(path: Path, run: str) -> list[dict[str, Any]]:
    """Every part in the saved network at `path`, those inside of others too, in order.

    Nothing is built. Raises UserError where a part is not one that a method uses; OSError,
    ValueError, KeyError or zipfile.BadZipFile where the file cannot be read.
    """
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        beside = set(names) - _FILES
        if beside:
            raise _refusal(run, f"the file {min(beside)[:60]!r}")
        if len(names) > len(set(names)):
            raise _refusal(run, "two files of one name")
        if archive.getinfo(_CONFIGURATION).file_size > _CONFIGURATION_BYTES:
            raise _refusal(run, "a description of more than 50 MB")
        parts = list(_parts(json.loads(archive.read(_CONFIGURATION))))
    for part in parts:
        name, module = part["class_name"], part.get("module")
        known = isinstance(name, str) and (module is None or isinstance(module, str))
        if not known or name not in _ALLOWED.get(module, ()):
            raise _refusal(run, f"the part {str(name)[:60]!r} of {str(module)[:60]!r}")
        if part.get("registered_name") not in (None, name):
            raise _refusal(run, f"the part {str(part['registered_name'])[:60]!r}")
    return parts


def _refusal(run: str, what: str) -> UserError:
    return UserError(
        f"The model of run {run!r} holds {what}, which no method here writes, so it is not loaded. "
        "Somebody may have changed it on its way here: do not use it, and train again."
    )


def _parts(node: Any) -> Iterator[dict[str, Any]]:
    """The objects of a saved configuration."""
    if isinstance(node, list):
        for one in node:
            yield from _parts(one)
    elif isinstance(node, dict):
        if "class_name" in node:
            yield node
        for one in node.values():
            yield from _parts(one)
