"""A whole run on the second backend, from its folder to its figures."""

import os
import subprocess
import sys

import pytest

from ssl_core.runs.folder import RunFolder
from tests.conftest import MakeDataset
from tests.support.jax_backend import ON_JAX
from tests.support.runs import make_run


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("method", "batches", "picture"),
    [
        ("autoencoder", "unlabelled_batch_size", "reconstruction"),
        ("simclr", "contrast_batch_size", "neighbours"),  # in two phases
    ],
)
def test_a_run_on_jax_ends_with_figures(
    workspace, make_dataset: MakeDataset, method: str, batches: str, picture: str
) -> None:
    settings = {"batch_size": 6, batches: 6}
    folder = make_run(workspace, make_dataset(), method=method, configuration=settings, steps=12)
    done = subprocess.run(
        [sys.executable, "-m", "ssl_core.training.worker", str(folder)],
        env=os.environ | ON_JAX,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    run = RunFolder(folder)
    assert run.status().state == "finished"
    assert run.status().results.test_accuracy is not None
    assert run.metrics()[0][-1].step == 12
    assert {"confusion", picture} <= {panel.name for panel in run.panels()}
