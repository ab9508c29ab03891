"""A linear classifier behind features that are given, fitted at once."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

PENALTY = 1e-3  # of the squared kernel, beside the mean loss


def logistic_regression(
    features: NDArray[np.floating], labels: NDArray[np.int32], classes: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Kernel (d, classes) and bias (classes,) of a multinomial logistic regression.

    features: (n, d). labels: (n,), index of a class. The mean cross-entropy with a small penalty on
    the squared kernel is made least by L-BFGS, so that classes which can be told apart without
    error have a finite answer.
    """
    vectors = np.asarray(features, np.float64)
    targets = np.eye(classes)[labels]
    shape = (vectors.shape[1] + 1, classes)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(shape)
        logits = log_softmax(vectors @ weights[:-1] + weights[-1], axis=1)
        error = (np.exp(logits) - targets) / len(vectors)
        pull = np.vstack([vectors.T @ error + PENALTY * weights[:-1], error.sum(axis=0)])
        value = -(logits * targets).sum() / len(vectors)
        return value + PENALTY / 2 * np.square(weights[:-1]).sum(), pull.ravel()

    found = minimize(loss, np.zeros(math.prod(shape)), jac=True, method="L-BFGS-B")
    weights = found.x.reshape(shape).astype(np.float32)
    return weights[:-1], weights[-1]
