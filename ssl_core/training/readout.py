"""How well a linear classifier reads labels from features, without keeping labels back."""

import numpy as np
from numpy.typing import NDArray

PENALTY = 0.1  # of the squared weights, relative to the mean squared length of the features


def left_out_accuracy(features: NDArray[np.floating], labels: NDArray[np.int32]) -> float | None:
    """Share right when each item is classified from all the others by penalised least squares.

    features: (n, d). labels: (n,), index of a class. None for fewer than two items. The answers
    without item i follow from those with it, `(f_i - h_ii y_i) / (1 - h_ii)` with the hat matrix
    h, so one solution serves all (Hastie, Tibshirani, Friedman 2009, section 7.10).
    """
    if len(labels) < 2:
        return None
    vectors = np.asarray(features, np.float64)
    vectors = vectors - vectors.mean(axis=0)
    vectors /= np.sqrt(np.mean(np.square(vectors).sum(axis=1))) + 1e-12
    # A constant feature, hardly penalised, is the intercept.
    vectors = np.concatenate([vectors, np.full((len(vectors), 1), 10.0)], axis=1)
    targets = (labels[:, None] == np.unique(labels)[None, :]).astype(np.float64)
    gram = vectors @ vectors.T
    hat = np.linalg.solve(gram + PENALTY * np.eye(len(gram)), gram).T
    own = np.diag(hat)[:, None]
    answers = (hat @ targets - own * targets) / (1.0 - own)
    return float(np.mean(np.unique(labels)[answers.argmax(axis=1)] == labels))
