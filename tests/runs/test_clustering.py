"""Clusters of runs: which runs have them, what they hold, halves, and changed files."""

from collections.abc import Callable

import numpy as np
import pytest

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.errors import UserError
from ssl_core.runs.clustering import group, source_of, usable_runs
from ssl_core.runs.folder import EMBEDDINGS, PREDICTIONS, RunFolder
from ssl_core.runs.predictions import read_embeddings, read_outline, read_predictions
from ssl_core.workspace import Workspace
from tests.pages.fake_runs import fake_run
from tests.pages.named_runs import said_run

MakeDataset = Callable[..., Dataset]


def folder_of(workspace: Workspace, run: str) -> RunFolder:
    return RunFolder(workspace.runs / run)


def test_runs_on_these_items_with_answers_are_usable(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset, other = make_dataset(), make_dataset(name="other")
    said_run(workspace, dataset, "own", clusters=True)
    said_run(workspace, dataset, "drawn", embeddings=True, classes=False)
    said_run(workspace, dataset, "plain")
    said_run(workspace, dataset, "damaged")
    (workspace.runs / "damaged" / PREDICTIONS).write_bytes(b"torn")
    said_run(workspace, other, "elsewhere", clusters=True)
    fake_run(workspace, dataset, "stopped", state="stopped")
    found = {run.run: outline for run, outline in usable_runs(workspace, dataset)}
    assert {run: source_of(outline) for run, outline in found.items()} == {
        "own": "own",
        "drawn": "embeddings",
        "plain": "",
    }
    assert (found["own"].classes, found["drawn"].classes) == (3, 0)


def test_own_clusters_hold_what_may_be_labelled(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset(count=60, test=12)
    said_run(workspace, dataset, "own", clusters=True)
    grouping = group(dataset, folder_of(workspace, "own"))
    assert sorted(one.name for one in grouping.clusters) == ["0", "1", "2"]
    assert (grouping.are_shares, grouping.can_split) == (True, False)
    held = np.concatenate([one.items for one in grouping.clusters])
    assert sorted(held.tolist()) == np.flatnonzero(dataset.splits != TEST).tolist()
    first = grouping.named("1").items
    assert first.tolist() == sorted(first.tolist(), reverse=True)  # the surest are the highest
    with pytest.raises(UserError, match="no cluster '9'"):
        grouping.named("9")


def test_kept_aside_items_are_in_no_cluster(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset(count=60, test=0)
    said_run(workspace, dataset, "own", clusters=True)
    held = np.concatenate(
        [one.items for one in group(dataset, folder_of(workspace, "own")).clusters]
    )
    assert dataset.held_out.any()
    assert not dataset.held_out[held].any()


def test_embeddings_are_grouped_and_split(workspace: Workspace, make_dataset: MakeDataset) -> None:
    dataset = make_dataset(count=120, test=12)
    said_run(workspace, dataset, "drawn", embeddings=True, classes=False)
    folder = folder_of(workspace, "drawn")
    whole = group(dataset, folder, number=3)
    assert (len(whole.clusters), whole.are_shares) == (3, False)
    truth = dataset.reference_labels
    assert all(len(set(truth[one.items].tolist())) == 1 for one in whole.clusters)
    name = whole.clusters[0].name
    parts = group(dataset, folder, number=3, splits=(name,))
    halves = [one for one in parts.clusters if one.name.startswith(name)]
    assert sorted(one.name for one in halves) == [f"{name}a", f"{name}b"]
    joined = np.concatenate([one.items for one in halves])
    assert set(joined.tolist()) == set(whole.clusters[0].items.tolist())
    deeper = group(dataset, folder, number=3, splits=(name, f"{name}a"))
    assert len(deeper.clusters) == 5
    with pytest.raises(UserError, match="Expected 2 to 100"):
        group(dataset, folder, number=1)


def test_a_run_without_clusters_says_so(workspace: Workspace, make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    said_run(workspace, dataset, "plain")
    with pytest.raises(UserError, match="has no clusters"):
        group(dataset, folder_of(workspace, "plain"))


def test_what_was_read_is_kept_until_the_file_is_another(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset()
    said_run(workspace, dataset, "own", clusters=True, embeddings=True)
    folder = folder_of(workspace, "own")
    first = read_predictions(folder)
    assert first is not None
    assert read_predictions(folder) is first
    np.savez(
        folder.path / PREDICTIONS,
        probabilities=np.zeros((60, 0), np.float16),
        predicted=np.full(60, -1, np.int32),
    )
    again = read_predictions(folder)
    assert again is not None
    assert again.confidence is None
    assert again.clusters is None
    outline = read_outline(folder)
    assert outline is not None
    assert (outline.classes, outline.own_clusters) == (0, False)
    embeddings = read_embeddings(folder)
    assert embeddings is not None
    assert np.linalg.norm(embeddings, axis=1) == pytest.approx(1, abs=1e-5)
    (folder.path / EMBEDDINGS).unlink()
    assert read_embeddings(folder) is None
