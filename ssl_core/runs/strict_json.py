"""JSON that every reader takes: Python writes NaN and infinity, which JSON does not have."""

import json
import math
from collections.abc import Mapping


def strict_json(value: object) -> str:
    """One line of JSON. NaN and infinity become null, numpy arrays and numbers plain ones."""
    return json.dumps(without_nan(value), separators=(",", ":"), allow_nan=False)


def without_nan(value: object) -> object:
    """`value` made of plain JSON types."""
    if isinstance(value, float):  # numpy's float64 is one too
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nan(item) for item in value]
    if hasattr(value, "tolist"):  # numpy arrays and scalars, without importing numpy
        return without_nan(value.tolist())
    return value
