"""A calmer curve that does not hide its extremes."""

import numpy as np

from ssl_core.runs.comparison import MeanCurve


def smoothed(curve: MeanCurve, window: int) -> MeanCurve:
    """The mean of `window` neighbouring points, and a band from their lowest to their highest.

    Where the curve has a band already (one deviation over seeds), the new one is around it, so no
    point of either leaves it. Ends are filled up with the first and the last value. A window of 1
    changes nothing.
    """
    if window <= 1 or not len(curve.x):
        return curve
    from scipy.ndimage import maximum_filter1d, minimum_filter1d, uniform_filter1d

    low = curve.mean if curve.low is None else curve.low
    high = curve.mean if curve.high is None else curve.high
    return MeanCurve(
        curve.x,
        np.asarray(uniform_filter1d(curve.mean, window, mode="nearest")),
        np.asarray(minimum_filter1d(low, window, mode="nearest")),
        np.asarray(maximum_filter1d(high, window, mode="nearest")),
    )
