"""A picture of what a critic says of pairs that belong together, and of others."""

import numpy as np
from numpy.typing import NDArray

from ssl_core.training.panels import Panel, histogram

BINS = 40


def score_panel(joint: NDArray, marginal: NDArray, unit: str) -> Panel:
    """The scores (n,) of true pairs and (m,) of others, centred, which changes no estimate.

    Of the others n are drawn, where there are more, so that the two can be laid over each other.
    """
    centre = float(np.median(marginal))
    if len(marginal) > len(joint):
        marginal = np.random.default_rng(0).choice(marginal, len(joint), replace=False)
    scores = {"together": joint - centre, "apart": marginal - centre}
    # Of each series by itself: of both together the few at the far end of one would be cut off.
    ends = [np.quantile(values, [0.001, 0.999]) for values in scores.values()]
    low, high = np.min(ends), np.max(ends)
    edges = np.linspace(low, max(high, low + 1e-6), BINS + 1)
    return histogram(
        "scores",
        "Scores of the critic",
        "Higher for pairs that it takes to belong together. The less the two lie over each other, "
        "the more information it finds.",
        {name: np.clip(values, edges[0], edges[-1]) for name, values in scores.items()},
        edges,
        "score",
        unit=unit,
    )
