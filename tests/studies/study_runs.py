"""Runs of a study that end as a test wants, without a training."""

import json
from collections.abc import Callable

import pytest

from ssl_core.errors import UserError
from ssl_core.files import write_json
from ssl_core.runs.listing import RunSummary
from ssl_core.studies.progress import Progress, advance
from ssl_core.studies.settings import StudySettings
from ssl_core.studies.study import Cell, create_study, list_studies
from ssl_core.workspace import Workspace


def settings(**changes: object) -> StudySettings:
    """A small study on the dataset "tiny"."""
    asked = {"dataset": "tiny", "methods": ("autoencoder",), "budgets": (6, 12), "draws": 2}
    return StudySettings.model_validate({**asked, "steps": 5, **changes})


def finish(workspace: Workspace, run: RunSummary, accuracy: float | None) -> None:
    """Let a run end with this test accuracy; failed for None."""
    path = workspace.runs / run.run / "status.json"
    status = json.loads(path.read_text())
    if accuracy is None:
        status |= {"state": "failed", "message": "a made-up error"}
    else:
        status |= {"state": "finished", "results": {"test_accuracy": accuracy}}
    write_json(path, status)


def run_all(
    workspace: Workspace, name: str, accuracy: Callable[[Cell], float | None] = lambda cell: 0.5
) -> Progress:
    """Let every run of a study be made and end with the accuracy that its cell has."""
    while not (progress := advance(workspace, name)).is_over:
        for cell, run in progress.runs.items():
            if run in progress.alive:
                finish(workspace, run, accuracy(cell))
    return progress


def assert_refused(workspace: Workspace, changes: dict[str, object], words: str) -> None:
    """Such a study is not made, for a reason in these words."""
    with pytest.raises(UserError, match=words):
        create_study(workspace, settings(**changes))
    assert not list_studies(workspace)
