"""Runs whose answers are chosen by a test: predictions, clusters and embeddings of every item."""

import numpy as np

from ssl_core.datasets.dataset import Dataset
from ssl_core.runs.folder import EMBEDDINGS, PREDICTIONS
from ssl_core.workspace import Workspace
from tests.pages.fake_runs import fake_run


def said_run(
    workspace: Workspace,
    dataset: Dataset,
    run: str,
    *,
    clusters: bool = False,
    embeddings: bool = False,
    classes: bool = True,
    **about: object,
) -> None:
    """A finished run that calls every item by its reference label; the higher the item, the surer.

    clusters: cluster k holds the items of reference class k. embeddings: a cloud for each class,
    with two halves, of one third and two thirds of its items. classes: whether it knows classes.
    """
    folder = fake_run(workspace, dataset, run, **about)
    count, number = dataset.manifest.count, len(dataset.manifest.classes)
    truth = np.maximum(dataset.reference_labels, 0)
    probabilities = np.full((count, number), 0.0)
    probabilities[np.arange(count), truth] = 0.5 + np.arange(count) / (2.5 * count)
    if not classes:
        probabilities = probabilities[:, :0]
    arrays = {
        "probabilities": probabilities.astype(np.float16),
        "predicted": truth.astype(np.int32) if classes else np.full(count, -1, np.int32),
    }
    if clusters:
        arrays["clusters"] = truth.astype(np.int32)
    np.savez(folder / PREDICTIONS, **arrays)
    if embeddings:
        points = np.random.default_rng(0).normal(0, 0.01, (count, number + 2))
        points[np.arange(count), truth] = 1
        points[np.arange(count) // number % 3 == 0, -1] = 0.5
        np.savez(folder / EMBEDDINGS, embeddings=points.astype(np.float16))
