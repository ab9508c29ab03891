"""Methods whose answers get their classes afterwards: with which labels, and without any."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ssl_core.datasets.dataset import Dataset, open_dataset
from ssl_core.methods import catalogue
from ssl_core.runs.folder import RunFolder
from ssl_core.training import watch
from ssl_core.training.data import NO_ITEMS, training_data
from ssl_core.training.truth import MAPPED_BY_HAND, MAPPED_BY_REFERENCE, mapping_labels
from tests.conftest import MakeDataset
from tests.support.runs import make_run
from tests.support.sessions import published, train
from tests.support.training import small_settings

METHODS = [name for name, spec in catalogue().items() if spec.needs.named_afterwards]
STEPS = 4
pytestmark = pytest.mark.usefixtures("eager_publishing")


def run_of(workspace, dataset: Dataset, method: str, keep: tuple[int, ...]) -> Path:
    """A run on the labels of the roles in `keep` alone."""
    configuration = small_settings(catalogue()[method])
    folder = make_run(workspace, dataset, method=method, configuration=configuration, steps=STEPS)
    with np.load(folder / "labels.npz") as arrays:
        kept = np.isin(arrays["roles"], keep)
        few = {name: arrays[name][kept] for name in arrays.files}
    np.savez(folder / "labels.npz", **few)
    return folder


def groups_of_map(folder: Path) -> set[str]:
    return set(RunFolder(folder).panel_json("map", STEPS)["group"])


@pytest.mark.parametrize("method", METHODS)
def test_without_any_label_nothing_is_answered_in_classes(
    workspace, make_dataset: MakeDataset, method: str
) -> None:
    dataset = make_dataset()
    known = np.array(dataset.reference_labels)
    known[np.asarray(dataset.splits) != 1] = -1  # only the test split came with answers
    np.save(dataset.folder / "reference.npy", known)
    folder = run_of(workspace, open_dataset(workspace, dataset.identifier), method, keep=())
    results = train(folder)
    assert (results.test_accuracy, results.mapping) == (None, "")
    run = RunFolder(folder)
    assert run.predictions().shape == (60, 0)
    assert set(run.predicted().tolist()) == {-1}
    with np.load(folder / "predictions.npz") as arrays:
        assert ("clusters" in arrays.files) == (method == "iic")
    names = {name for _, line in published(folder) for name in line}
    assert not names & {"usage/predictions", "accuracy/validation"}
    assert not groups_of_map(folder) & {"a", "b", "c"}


@pytest.mark.parametrize("method", METHODS)
def test_labels_that_only_validate_say_nothing_of_what_no_label_named(
    workspace, make_dataset: MakeDataset, method: str
) -> None:
    folder = run_of(workspace, make_dataset(), method, keep=(1,))
    results = train(folder)
    assert results.mapping == MAPPED_BY_REFERENCE
    assert results.test_accuracy is not None
    assert all("accuracy/validation" not in line for _, line in published(folder))


def test_what_is_drawn_is_fitted_first_even_without_validation_labels(
    workspace, make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The classifier behind the embedding is nothing until it is settled: all classes alike."""
    folder = run_of(workspace, make_dataset(), "mine", keep=(0,))
    drawn, look = [], watch.diagnosed

    def noted(network, model, *others):
        drawn.append(float(np.abs(model.readout.kernel.numpy()).max()))
        return look(network, model, *others)

    monkeypatch.setattr(watch, "diagnosed", noted)
    results = train(folder)
    assert results.mapping == MAPPED_BY_HAND
    assert min(drawn) > 0
    last = dict(published(folder))[STEPS]
    assert last["usage/predictions"] < np.log(3) - 1e-9
    assert groups_of_map(folder) <= {"a", "b", "c"}


def test_reference_labels_are_those_of_the_training_split_that_no_figure_counts(
    workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset(test=0, unlabelled=10)
    known = np.arange(60, dtype=np.int32) % 3  # of the unlabelled split too, as a check
    np.save(dataset.folder / "reference.npy", known)
    dataset = open_dataset(workspace, dataset.identifier)
    run = RunFolder(run_of(workspace, dataset, "iic", keep=(1, 2)))
    data = training_data(dataset, run.labels(), np.asarray(dataset.images))
    found, source = mapping_labels(dataset, run.request(), data)
    split = np.flatnonzero(np.asarray(dataset.splits) == 0)
    counted = np.concatenate([data.validation.items, np.flatnonzero(dataset.held_out)])
    expected = np.setdiff1d(split, counted)
    assert source == MAPPED_BY_REFERENCE
    assert 0 < len(expected) < len(split)
    assert found.labels.tolist() == known[expected].tolist()
    images = np.asarray(dataset.images)[expected].astype(np.float32) / 255.0
    assert np.array_equal(found.items, images)
    nothing = replace(data, pool=NO_ITEMS.items)
    assert mapping_labels(dataset, run.request(), nothing)[1] == ""
