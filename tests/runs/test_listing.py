"""The list of runs: right, quick, and not disturbed by one bad folder."""

import time

import pytest
from run_folders import make_run, write_status

from ssl_core.runs import listing
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.listing import list_runs, runs_alive_on
from ssl_core.runs.status import RunStatus
from ssl_core.runs.supervision import (
    Launch,
    StopRequest,
    identity_of_this_process,
    true_status,
    write_launch,
    write_stop,
)
from ssl_core.workspace import Workspace


def test_newest_first_with_what_is_true(workspace: Workspace) -> None:
    first, second = make_run(workspace, "run-1"), make_run(workspace, "run-2")
    write_status(first, RunStatus(state="finished", step=20))
    gone = identity_of_this_process().model_copy(update={"boot": "yesterday"})
    write_status(second, RunStatus(state="running", process=gone))
    listed = list_runs(workspace)
    assert [(item.run, item.status.state) for item in listed] == [
        ("run-2", "failed"),
        ("run-1", "finished"),
    ]
    assert listed[1].request.method == "supervised"


def test_a_rename_and_a_resume_are_seen_at_once(workspace: Workspace) -> None:
    folder = make_run(workspace)
    write_status(folder, RunStatus(state="stopped"))
    assert list_runs(workspace)[0].title == "run-1"
    folder.rename("first try")
    assert list_runs(workspace)[0].title == "first try"
    write_status(folder, RunStatus(state="finished", step=1))
    assert list_runs(workspace)[0].status.state == "finished"


def test_a_run_that_is_gone_is_judged_once_until_it_is_written_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(workspace)
    gone = identity_of_this_process().model_copy(update={"boot": "yesterday"})
    write_status(folder, RunStatus(state="running", process=gone))
    judged = []

    def counted(folder: RunFolder) -> RunStatus:
        judged.append(folder.run)
        return true_status(folder)

    monkeypatch.setattr(listing, "true_status", counted)
    for _ in range(3):
        assert list_runs(workspace)[0].status.state == "failed"
    assert len(judged) == 1
    write_stop(folder, StopRequest(asked=1.0))
    assert list_runs(workspace)[0].status.state == "stopped"
    write_launch(folder, Launch(process=identity_of_this_process()))  # resumed
    assert list_runs(workspace)[0].status.state == "running"


def test_folders_that_are_no_runs_are_left_out(workspace: Workspace) -> None:
    make_run(workspace)
    (workspace.runs / ".new-run-2").mkdir()
    (workspace.runs / "empty").mkdir()
    damaged = make_run(workspace, "run-3")
    (damaged.path / "request.json").write_bytes(b"{")
    (workspace.runs / "stray.txt").write_text("x")
    assert [item.run for item in list_runs(workspace)] == ["run-1"]


def test_which_runs_need_a_dataset(workspace: Workspace) -> None:
    ended, alive = make_run(workspace, "run-1"), make_run(workspace, "run-2")
    write_status(ended, RunStatus(state="finished"))
    here = identity_of_this_process()
    write_status(alive, RunStatus(state="running", process=here, heartbeat=time.time()))
    assert runs_alive_on(workspace, "tiny") == ["run-2"]
    assert runs_alive_on(workspace, "other") == []


@pytest.mark.timed
def test_a_hundred_runs_are_listed_in_under_50_milliseconds(workspace: Workspace) -> None:
    for number in range(100):
        folder = make_run(workspace, f"run-{number:03d}")
        write_status(folder, RunStatus(state="finished"))
    assert len(list_runs(workspace)) == 100
    took = []
    for _ in range(5):
        began = time.perf_counter()
        list_runs(workspace)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.05, took
