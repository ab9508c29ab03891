"""What a person is told while another process keeps hold of a run."""

from collections.abc import Callable

import pytest
from filelock import FileLock
from run_folders import make_run, write_status

from ssl_core.errors import UserError
from ssl_core.runs import launch
from ssl_core.runs.launch import RunPlan, create_runs, delete_run, resume_run
from ssl_core.runs.status import RunStatus
from ssl_core.workspace import Workspace


@pytest.mark.parametrize("change", [resume_run, delete_run])
def test_a_run_that_stays_in_use_is_told(
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Workspace, str], None],
) -> None:
    folder = make_run(workspace)
    write_status(folder, RunStatus(state="stopped"))
    monkeypatch.setattr(launch, "_RUN_LOCK_SECONDS", 0.1)
    with (
        FileLock(workspace.locks / f"run-{folder.run}.lock"),
        pytest.raises(UserError, match=r"'run-1' has been in use by another process for 0\.1 s"),
    ):
        change(workspace, folder.run)
    assert folder.status().state == "stopped"
    delete_run(workspace, folder.run)  # the lock is free again
    assert not folder.path.exists()


def test_a_start_that_stays_in_use_is_told(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "_START_LOCK_SECONDS", 0.1)
    plan = RunPlan(dataset="tiny", method="supervised", steps=10)
    with (
        FileLock(workspace.locks / "requests.lock"),
        pytest.raises(UserError, match="The start of runs has been in use"),
    ):
        create_runs(workspace, plan, request_key="pressed once")
    with pytest.raises(UserError, match="no dataset"):
        create_runs(workspace, plan, request_key="pressed once")
