"""A calmer curve that does not hide its extremes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Smoothed(NamedTuple):
    """Of the points around each point: mean, lowest and highest value, each (n,), float64."""

    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def smoothed(values: NDArray[np.float64], window: int) -> Smoothed:
    """The mean of `window` neighbouring points, and a band from their lowest to their highest.

    values: (n,), finite. window: points, 1 or more: `window` // 2 before each point, itself, and
    the rest after it. Near an end there are fewer. A window of 1 changes nothing.
    """
    totals = _over_windows(np.add, values, window, 0.0)
    numbers = _over_windows(np.add, np.ones(len(values)), window, 0.0)
    low = _over_windows(np.minimum, values, window, np.inf)
    return Smoothed(totals / numbers, low, _over_windows(np.maximum, values, window, -np.inf))


def _over_windows(
    combine: np.ufunc, values: NDArray[np.float64], window: int, nothing: float
) -> NDArray[np.float64]:
    """Each window of `values` as one value, (n,); `nothing` stands for what is beyond the ends.

    Windows of 1, 2, 4, ... points are made of two halves, and the wanted one of those. A running
    sum would be as quick, but what it rounds off at one huge value is missing ever after.
    """
    count, before = len(values), window // 2
    parts = np.pad(values, (before, window - 1 - before), constant_values=nothing)
    found = np.full(count, nothing)
    size, done = 1, 0  # points of a part; points that `found` has of its window
    while done < window:
        if window & size:
            found = combine(found, parts[done : done + count])
            done += size
        parts = combine(parts[:-size], parts[size:])
        size *= 2
    return found
