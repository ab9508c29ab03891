"""The items that are least like those chosen before: greedy k-centre."""

import numpy as np
from numpy.typing import NDArray


def k_centre_order(
    features: NDArray[np.floating], centres: NDArray[np.floating], limit: int
) -> NDArray[np.int64]:
    """Places of at most `limit` rows, each the farthest from all centres and rows before it.

    Sener and Savarese 2018, algorithm 1. features: (n, d). centres: (m, d), of what is labelled
    already; without any, the first row is the first centre. Returns (k,), int64. The work grows
    with n d (m + k): the caller hands over a sample of many items.
    """
    rows = np.asarray(features, np.float32)
    if not len(rows) or limit < 1:
        return np.empty(0, np.int64)
    squares = np.einsum("nd,nd->n", rows, rows)
    nearest = np.full(len(rows), np.inf, np.float32)
    if len(centres):
        known = np.asarray(centres, np.float32)
        between = squares[:, None] - 2.0 * (rows @ known.T) + np.einsum("md,md->m", known, known)
        nearest = np.maximum(between.min(axis=1), 0.0)
    chosen = [int(np.argmax(nearest))]
    while len(chosen) < min(limit, len(rows)):
        last = chosen[-1]
        nearest = np.minimum(nearest, _squared_distances(rows, squares, rows[last]))
        nearest[last] = -1.0  # never chosen again, also where all rows are equal
        chosen.append(int(np.argmax(nearest)))
    return np.array(chosen, np.int64)


def _squared_distances(
    rows: NDArray[np.float32], squares: NDArray[np.float32], centre: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(n,): squared Euclidean distances of (n, d) from (d,), not negative."""
    found = squares - 2.0 * (rows @ centre) + centre @ centre
    return np.asarray(np.maximum(found, 0.0), np.float32)


def standardised(features: NDArray[np.floating]) -> NDArray[np.float32]:
    """(n, d) with each column moved to mean 0, and all divided by one spread.

    Distances keep their proportions; far from zero they would be lost in rounding.
    """
    rows = np.asarray(features, np.float32)
    centred: NDArray[np.float32] = rows - rows.mean(axis=0)
    spread = float(centred.std())
    return np.asarray(centred / spread, np.float32) if spread > 0 else centred
