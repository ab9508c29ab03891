"""How much several runs disagree about each item: higher scores are asked first."""

import numpy as np
from numpy.typing import NDArray

from ssl_core.stats import entropy


def vote_entropy(votes: NDArray[np.integer], classes: int) -> NDArray[np.float64]:
    """Entropy of the classes that runs choose, in nats. Dagan and Engelson 1995, equation 1.

    votes: (runs, n), index of a class. Returns (n,); 0 where all choose the same one.
    """
    shares = np.stack([(votes == index).mean(axis=0) for index in range(classes)], axis=1)
    return entropy(shares)


def mean_divergence(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mean Kullback-Leibler divergence of the runs from their mean, in nats.

    McCallum and Nigam 1998, equation 2. It is the entropy of the mean minus the mean entropy.
    probabilities: (runs, n, classes), rows summing to 1. Returns (n,), not negative.
    """
    found = np.asarray(probabilities, np.float64)
    difference = entropy(found.mean(axis=0)) - entropy(found).mean(axis=0)
    return np.asarray(np.maximum(difference, 0.0))


def disagreement_scores(
    votes: NDArray[np.integer], probabilities: NDArray[np.floating]
) -> NDArray[np.float64]:
    """(n,): vote entropy first, and where that is equal the mean divergence, both in nats.

    votes: (runs, n). probabilities: (runs, n, classes).
    """
    runs, _, classes = probabilities.shape
    by_votes = vote_entropy(votes, classes)
    # Two different vote entropies of few runs lie further apart than any two scaled divergences.
    scale = 1e-3 / (1.0 + np.log(max(runs, 2)))
    return np.asarray(by_votes + scale * mean_divergence(probabilities))
