"""The bundled sample: what it is, and that the first start imports it once."""

import multiprocessing
import os
import time
from pathlib import Path

import numpy as np
import pytest

from ssl_core.datasets.dataset import delete_dataset, list_datasets, open_dataset
from ssl_core.datasets.importer import ImportSource, run_import
from ssl_core.datasets.sample import ensure_sample
from ssl_core.errors import UserError
from ssl_core.workspace import SAMPLE_FOLDER, Workspace


def test_the_sample_is_imported_quickly(workspace: Workspace) -> None:
    began = time.process_time()
    ensure_sample(workspace)
    assert time.process_time() - began < 1
    manifest = open_dataset(workspace, "sample").manifest
    assert manifest.name == "MNIST sample"
    assert manifest.count == 5000
    assert manifest.shape == (28, 28, 1)
    assert manifest.splits == {"train": 4000, "test": 1000}
    assert manifest.classes == tuple("0123456789")
    assert manifest.skipped == ()


def test_every_digit_is_there_often(workspace: Workspace) -> None:
    ensure_sample(workspace)
    dataset = open_dataset(workspace, "sample")
    for split, least in ((0, 300), (1, 70)):
        counts = np.bincount(dataset.reference_labels[dataset.splits == split], minlength=10)
        assert counts.min() >= least


def test_two_processes_may_start_at_once(workspace: Workspace) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=ensure_sample, args=(workspace,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert [manifest.identifier for manifest in list_datasets(workspace)] == ["sample"]


def test_a_deleted_sample_comes_back_only_when_asked_for(workspace: Workspace) -> None:
    ensure_sample(workspace)
    delete_dataset(workspace, "sample")
    ensure_sample(workspace)
    assert list_datasets(workspace) == []
    source = ImportSource(location="sample", name="Digits")
    assert run_import(workspace, source).identifier == "digits"
    with pytest.raises(UserError, match="already here, as the dataset 'Digits'"):
        run_import(workspace, ImportSource(location="catalogue:sample", name="MNIST sample"))


def test_a_workspace_that_cannot_be_written_is_told(workspace: Workspace) -> None:
    if os.geteuid() == 0:
        pytest.skip("the rights of folders do not hold for root")
    workspace.datasets.chmod(0o500)
    with pytest.raises(UserError, match="may not be written"):
        ensure_sample(workspace)
    workspace.datasets.chmod(0o700)


def test_it_is_small_and_names_its_licence() -> None:
    files = list(SAMPLE_FOLDER.iterdir())
    assert sum(path.stat().st_size for path in files) < 1_500_000
    text = Path(SAMPLE_FOLDER / "README.md").read_text(encoding="utf-8")
    assert "Attribution-ShareAlike 3.0" in text.replace("\n", " ")
