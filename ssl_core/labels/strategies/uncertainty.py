"""How unsure one run is of each item: higher scores are asked first."""

import numpy as np
from numpy.typing import NDArray

from ssl_core.stats import entropy


def margin_scores(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Minus the distance of the two largest probabilities. Scheffer, Decomain and Wrobel 2001.

    probabilities: (n, classes), rows summing to 1. Returns (n,), in [-1, 0]; 0 where two classes
    are equally likely.
    """
    if probabilities.shape[1] < 2:
        return np.full(len(probabilities), -1.0)
    largest = np.partition(np.asarray(probabilities, np.float64), -2, axis=1)[:, -2:]
    return np.asarray(largest[:, 0] - largest[:, 1])


def entropy_scores(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """`-sum p log p` of (n, classes), in nats: (n,). Shannon 1948."""
    return entropy(probabilities)
