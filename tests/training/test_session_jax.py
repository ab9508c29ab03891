"""Whole runs on the second backend, from their folders to their figures."""

import os
import subprocess
import sys

import pytest

from ssl_core.runs.folder import RunFolder
from tests.conftest import MakeDataset
from tests.support.jax_backend import ON_JAX
from tests.support.runs import make_run

RUNS = [
    ("autoencoder", "unlabelled_batch_size", "reconstruction"),
    ("simclr", "contrast_batch_size", "neighbours"),  # in two phases
]
# In one process, so that what JAX compiled for the first run is there for the second.
ONE_BY_ONE = """
import sys
from ssl_core.training import worker

sys.exit(max(worker.main([folder]) for folder in sys.argv[1:]))
"""


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_runs_on_jax_end_with_figures(workspace, make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    folders = [
        make_run(
            workspace, dataset, method=method, steps=12, configuration={"batch_size": 6, batches: 6}
        )
        for method, batches, _ in RUNS
    ]
    done = subprocess.run(
        [sys.executable, "-c", ONE_BY_ONE, *map(str, folders)],
        env=os.environ | ON_JAX,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    for folder, (_, _, picture) in zip(folders, RUNS, strict=True):
        run = RunFolder(folder)
        assert run.status().state == "finished"
        assert run.status().results.test_accuracy is not None
        assert run.metrics()[0][-1].step == 12
        assert {"confusion", picture} <= {panel.name for panel in run.panels()}
