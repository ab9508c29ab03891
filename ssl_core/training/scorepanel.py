"""A picture of what a critic says of pairs that belong together, and of others."""

import numpy as np
from numpy.typing import NDArray

from ssl_core.training.panels import Panel, histogram

BINS = 40


def score_panel(joint: NDArray, marginal: NDArray, unit: str) -> Panel:
    """The scores (n,) of true pairs and (m,) of others, centred, which changes no estimate."""
    centre = float(np.median(marginal))
    scores = {"together": joint - centre, "apart": marginal - centre}
    both = np.concatenate(list(scores.values()))
    low, high = np.quantile(both, [0.001, 0.999])
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
