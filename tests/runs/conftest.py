"""Runs whose process is the fake worker; nothing is left behind."""

from collections.abc import Iterator

import pytest
from run_folders import FAKE_WORKER, end_everything

from ssl_core.runs import process
from ssl_core.workspace import PROJECT_ROOT, Workspace


@pytest.fixture
def fake_worker(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every run started in this test is the fake worker."""
    monkeypatch.setattr(process, "WORKER_COMMAND", FAKE_WORKER)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT_ROOT))
    yield
    end_everything(workspace)
