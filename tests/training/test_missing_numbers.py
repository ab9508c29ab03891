"""Numbers beside the items: what stands where one is missing, and how they are standardised."""

import numpy as np
import pytest

from ssl_core.datasets.dataset import Dataset, open_dataset
from ssl_core.labels.draw import draw_labels
from ssl_core.labels.snapshot import take_snapshot
from ssl_core.labels.store import open_labels
from ssl_core.runs.folder import RunFolder
from ssl_core.training.data import TrainingData, task_of, training_data
from ssl_core.workspace import Workspace
from tests.support.heads import make_texts
from tests.support.runs import make_run


def trained_on(
    workspace: Workspace, dataset: Dataset, numbers: np.ndarray
) -> tuple[RunFolder, TrainingData]:
    """A run on `dataset` with these numbers, and what it may see."""
    np.save(dataset.folder / "numeric.npy", numbers)
    dataset = open_dataset(workspace, dataset.identifier)
    draw_labels(dataset, open_labels(dataset), 3, 0, "topic")
    heads = take_snapshot(dataset, open_labels(dataset), 0.1, 0, ("topic",)).heads
    run = RunFolder(make_run(workspace, dataset, heads=heads, classes=heads[0].classes))
    return run, training_data(dataset, run.labels(), np.asarray(dataset.numeric))


def test_a_missing_number_is_the_mean_of_the_items_that_are_trained_on(
    workspace: Workspace,
) -> None:
    dataset = make_texts(workspace, count=60, test=12)
    numbers = np.array(dataset.numeric)
    numbers[48:, 0] = 1e6  # of the test split: nothing of it may reach the training
    numbers[[3, 50], 0] = np.nan
    numbers[:48, 1] = np.nan
    run, data = trained_on(workspace, dataset, numbers)
    trained = np.union1d(data.pool, data.labelled)
    assert trained.max() < 48
    seen = numbers[trained, 0]
    assert data.numeric is not None
    assert np.allclose(data.numeric[[3, 50], 0], np.nanmean(seen))
    assert (data.numeric[:48, 1] == 0).all(), "no item that is trained on has this number"
    nothing = task_of(dataset, run.request(), data, 0).columns[1]
    assert (nothing.mean, nothing.deviation) == (0.0, 1.0), "it is divided by"
    known = np.isfinite(numbers)
    assert np.array_equal(data.numeric[known], numbers[known])


def test_what_is_missing_makes_a_column_no_narrower(workspace: Workspace) -> None:
    dataset = make_texts(workspace, count=60, test=12)
    numbers = np.array(dataset.numeric)
    numbers[:24, 0] = np.nan
    numbers[:, 1] += 1e6  # float32 would lose most of what is left beside it
    run, data = trained_on(workspace, dataset, numbers)
    seen = numbers[np.union1d(data.pool, data.labelled)].astype(np.float64)
    columns = task_of(dataset, run.request(), data, 0).columns
    assert [column.name for column in columns] == ["length", "weight"]
    for column, values in zip(columns, seen.T, strict=True):
        assert column.mean == pytest.approx(np.nanmean(values), rel=1e-12)
        assert column.deviation == pytest.approx(np.nanstd(values), rel=1e-9)
