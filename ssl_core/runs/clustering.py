"""The clusters that a run puts the items of its dataset into, ready to be named."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.errors import UserError
from ssl_core.labels.clusters import Cluster, alike, closeness, clusters_of, split
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.listing import RunSummary, list_runs
from ssl_core.runs.predictions import (
    Outline,
    Predictions,
    read_embeddings,
    read_outline,
    read_predictions,
)
from ssl_core.workspace import Workspace

Source = Literal["own", "embeddings", ""]
GROUPS = 20  # of items that lie together, where a person asks for no other number
MOST_GROUPS = 100
_KEPT = 8  # groupings, a run and a choice of splits each

_guard = threading.Lock()
_known: dict[tuple[Path, int, tuple[str, ...]], tuple[Predictions, "Grouping"]] = {}


@dataclass(frozen=True)
class Grouping:
    """The clusters of a run over the items that may be labelled by them, the largest first."""

    clusters: list[Cluster]
    are_shares: bool  # whether the scores are probabilities, else minus a distance
    can_split: bool  # whether there are embeddings to split by

    def named(self, name: str) -> Cluster:
        """The cluster of this name. Raises UserError where there is none."""
        for cluster in self.clusters:
            if cluster.name == name:
                return cluster
        raise UserError(f"There is no cluster {name[:20]!r} in this run. Choose one of the list.")


def source_of(outline: Outline) -> Source:
    """Where clusters come from: the method's own, groups by embeddings, or nowhere."""
    if outline.own_clusters:
        return "own"
    return "embeddings" if outline.embeddings else ""


def usable_runs(workspace: Workspace, dataset: Dataset) -> list[tuple[RunSummary, Outline]]:
    """The runs on these very items that have said something of every one, newest first.

    A run whose answers cannot be read is left out: its own page says what is wrong with it.
    """
    found = []
    for run in list_runs(workspace):
        same = run.request.fingerprint == dataset.manifest.fingerprint
        if same and run.request.dataset == dataset.identifier:
            outline = read_outline(RunFolder(workspace.runs / run.run))
            if outline is not None:
                found.append((run, outline))
    return found


def group(
    dataset: Dataset, folder: RunFolder, number: int = GROUPS, splits: tuple[str, ...] = ()
) -> Grouping:
    """The clusters of a run, without items of the test split or kept aside for the test figure.

    number: how many groups are made where the method finds no clusters of its own. splits: names
    of clusters to be split in two, whole before half. Raises UserError where the run has neither
    clusters nor embeddings.
    """
    outline, predictions = read_outline(folder), read_predictions(folder)
    if outline is None or predictions is None or not source_of(outline):
        raise UserError(
            f"The run {folder.run!r} has no clusters. Choose a finished run of a clustering or "
            "contrastive method."
        )
    if not 2 <= number <= MOST_GROUPS:
        raise UserError(f"Received {number} groups. Expected 2 to {MOST_GROUPS}.")
    key = (folder.path, number, splits)
    with _guard:
        known = _known.get(key)
    if known is not None and known[0] is predictions:
        return known[1]
    grouping = _grouped(dataset, predictions, read_embeddings(folder), number, splits)
    with _guard:
        while len(_known) >= _KEPT:
            _known.pop(next(iter(_known)))
        _known[key] = (predictions, grouping)
    return grouping


def _grouped(
    dataset: Dataset,
    predictions: Predictions,
    embeddings: NDArray[np.float32] | None,
    number: int,
    splits: tuple[str, ...],
) -> Grouping:
    groups: NDArray[np.integer]
    are_shares = predictions.clusters is not None and predictions.confidence is not None
    if predictions.clusters is not None:
        groups = predictions.clusters
    elif embeddings is not None:
        groups = alike(embeddings, number)
    else:
        raise ValueError("expected clusters or embeddings")
    scores = np.zeros(len(groups), np.float32)
    if are_shares and predictions.confidence is not None:
        scores = predictions.confidence
    elif embeddings is not None:
        scores = closeness(embeddings, groups)
    pool = np.flatnonzero((np.asarray(dataset.splits) != TEST) & ~dataset.held_out)
    clusters = clusters_of(groups, scores, pool.astype(np.int64))
    if embeddings is not None:
        for name in splits:
            parts = (split(one, embeddings) if one.name == name else [one] for one in clusters)
            clusters = [part for several in parts for part in several]
    clusters.sort(key=lambda one: -len(one.items))
    return Grouping(clusters, are_shares, embeddings is not None)
