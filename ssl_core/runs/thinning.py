"""Fewer points of a curve, with every extreme kept, so that a long run draws at once."""

import numpy as np
from numpy.typing import NDArray


def thin(values: NDArray[np.float64], limit: int) -> NDArray[np.int64]:
    """Indices of at most `limit` points that show the same curve.

    values: (n,), float64, NaN allowed. Returns sorted indices (m,), int64, m <= max(limit, 4):
    the first and the last point, and the lowest and the highest of equal stretches. A spike of
    a single point therefore stays, which a mean or a stride would hide.
    """
    count = len(values)
    if count <= limit:
        return np.arange(count, dtype=np.int64)
    stretches = max(1, (limit - 2) // 2)
    size = -(-count // stretches)
    padded = np.full(stretches * size, np.nan)
    padded[:count] = values
    table = padded.reshape(stretches, size)
    starts = np.arange(stretches, dtype=np.int64) * size
    lowest = starts + np.argmin(np.where(np.isnan(table), np.inf, table), axis=1)
    highest = starts + np.argmax(np.where(np.isnan(table), -np.inf, table), axis=1)
    chosen = np.concatenate(([0, count - 1], lowest, highest))
    return np.unique(chosen[chosen < count])
