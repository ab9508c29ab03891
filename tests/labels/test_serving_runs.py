"""What finished runs offer to the queue, and that reference labels put nothing in order."""

from pathlib import Path

import numpy as np

from ssl_core.datasets.dataset import Dataset
from ssl_core.files import write_json
from ssl_core.labels.serving_runs import serving_runs
from ssl_core.labels.store import open_labels
from ssl_core.runs.status import RunStatus
from ssl_core.workspace import Workspace
from tests.support.runs import make_run
from tests.support.told import tell_by_reference


def finished(workspace: Workspace, dataset: Dataset) -> Path:
    """A finished run with classes, clusters and embeddings of every item."""
    path = make_run(workspace, dataset)
    count = dataset.manifest.count
    np.savez(
        path / "predictions.npz",
        probabilities=np.full((count, 3), 1 / 3, np.float16),
        predicted=np.zeros(count, np.int32),
        clusters=np.zeros(count, np.int32),
    )
    np.savez(path / "embeddings.npz", embeddings=np.zeros((count, 4), np.float16))
    status = RunStatus(state="finished", step=8)
    write_json(path / "status.json", status.model_dump(mode="json"))
    return path


def offers(dataset: Dataset) -> list[frozenset[str]]:
    return [one.offers for one in serving_runs(dataset, open_labels(dataset).head().name)]


def test_clusters_named_by_reference_labels_offer_no_classes(
    workspace: Workspace, dataset: Dataset
) -> None:
    run = finished(workspace, dataset)
    assert offers(dataset) == [{"classes", "clusters", "features"}]
    tell_by_reference(run, "mapped")
    assert offers(dataset) == [{"clusters", "features"}]


def test_a_run_that_trained_on_reference_labels_offers_nothing(
    workspace: Workspace, dataset: Dataset
) -> None:
    tell_by_reference(finished(workspace, dataset), "trained")
    assert offers(dataset) == []
    finished(workspace, dataset)
    assert len(offers(dataset)) == 1
