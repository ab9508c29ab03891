"""What is true of a run, however its process ended."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from run_folders import make_run, wait_until, write_status

from ssl_core.runs.folder import RunFolder
from ssl_core.runs.process import request_stop, start_worker, wait_for_end
from ssl_core.runs.status import ProcessIdentity, RunStatus
from ssl_core.runs.supervision import (
    FORCED,
    GONE,
    KILLED,
    NEVER_STARTED,
    OUT_OF_MEMORY,
    STALE_SECONDS,
    TOKEN_VARIABLE,
    boot_identifier,
    identity_of,
    identity_of_this_process,
    is_alive,
    read_launch,
    true_status,
)
from ssl_core.workspace import Workspace

ENDINGS = ("finish", "stop", "crash", "kill", "memory", "segfault")
VERDICTS = {
    "finish": ("finished", ""),
    "stop": ("stopped", "Stopped by user."),
    "crash": ("failed", GONE),
    "kill": ("failed", KILLED),
    "memory": ("failed", OUT_OF_MEMORY),
    "segfault": ("failed", GONE),
}


def sleeper(token: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(["sleep", "60"], env={**os.environ, TOKEN_VARIABLE: token})
    # For an instant after its start the kernel shows a process with an empty environment.
    wait_until(lambda: bool(psutil.Process(process.pid).environ()))
    return process


def test_this_process_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    identity = identity_of_this_process()
    assert identity.pid == os.getpid()
    assert identity.boot == boot_identifier()
    assert is_alive(identity)


def test_a_later_process_with_the_same_pid_is_not_the_run() -> None:
    process = sleeper("right")
    try:
        identity = identity_of(process.pid, "right")
        assert is_alive(identity)
        assert not is_alive(identity.model_copy(update={"token": "other"}))
        assert not is_alive(identity.model_copy(update={"boot": "an earlier start"}))
        assert not is_alive(identity.model_copy(update={"pid": 2**22 - 3}))
        # The clock was set: the start time moved, the token says that it is the same process.
        assert is_alive(identity.model_copy(update={"started": identity.started - 3600}))
    finally:
        process.kill()
        wait_until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE)
        assert not is_alive(identity)  # ended, but not yet collected
        process.wait()
    assert not is_alive(identity)


def test_the_start_time_decides_where_the_environment_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def denied(self: psutil.Process) -> dict[str, str]:
        raise psutil.AccessDenied

    identity = identity_of_this_process("token")
    monkeypatch.setattr(psutil.Process, "environ", denied)
    assert is_alive(identity)
    assert not is_alive(identity.model_copy(update={"started": identity.started - 60}))


def test_a_late_heartbeat_says_so_and_is_no_failure(workspace: Workspace) -> None:
    folder = make_run(workspace)
    alive = identity_of_this_process()
    late = time.time() - STALE_SECONDS - 5
    write_status(folder, RunStatus(state="running", process=alive, heartbeat=late))
    status = true_status(folder)
    assert status.state == "running"
    assert status.message.startswith("No sign of life since ")
    ahead = time.time() + 3600  # the clock was set back
    write_status(folder, RunStatus(state="running", process=alive, heartbeat=ahead))
    assert true_status(folder).message == ""


def test_a_final_state_counts_whatever_the_process_does(workspace: Workspace) -> None:
    folder = make_run(workspace)
    alive = identity_of_this_process()
    write_status(folder, RunStatus(state="finished", process=alive, heartbeat=0.0))
    assert true_status(folder).state == "finished"


def test_a_run_after_a_restart_of_the_machine(workspace: Workspace) -> None:
    folder = make_run(workspace)
    before = identity_of_this_process().model_copy(update={"boot": "yesterday"})
    write_status(folder, RunStatus(state="running", process=before, heartbeat=time.time()))
    assert true_status(folder).state == "failed"
    assert true_status(folder).message == GONE


def test_a_run_whose_launcher_died(workspace: Workspace) -> None:
    folder = make_run(workspace)
    assert true_status(folder).state == "queued"  # it was made a moment ago
    old = time.time() - STALE_SECONDS - 1
    write_status(folder, RunStatus(state="queued", heartbeat=old))
    assert true_status(folder).state == "failed"
    assert true_status(folder).message == NEVER_STARTED


def test_a_torn_status_is_one_failed_run_and_no_exception(workspace: Workspace) -> None:
    folder = make_run(workspace)
    (folder.path / "status.json").write_bytes(b'{"state": "run')
    status = true_status(folder)
    assert status.state == "failed"
    assert "status.json" in status.message


def test_an_end_written_between_the_looks_counts(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process finishes after its status was read and before its identity was checked."""
    folder = make_run(workspace)
    gone = ProcessIdentity(pid=2**22 - 3, started=1.0, boot=boot_identifier(), token="t")
    write_status(folder, RunStatus(state="running", process=gone, heartbeat=time.time()))
    finished = RunStatus(state="finished", process=gone)
    reads = iter([folder.status(), finished])
    monkeypatch.setattr(RunFolder, "status", lambda self: next(reads))
    assert true_status(folder).state == "finished"


@pytest.mark.usefixtures("fake_worker")
@pytest.mark.parametrize("turn", range(5))
def test_the_verdict_is_right_for_every_ending(workspace: Workspace, turn: int) -> None:
    """6 endings in each of 5 turns, each at another step: 30 injected endings."""
    folders = {
        ending: make_run(
            workspace,
            f"run-{ending}",
            behaviour=ending,
            at=2 + 3 * turn,
            device=f"made-up:{ending}",
            pause=0.05 if ending == "stop" else 0.002,
            steps=1000 if ending == "stop" else 20,
        )
        for ending in ENDINGS
    }
    for folder in folders.values():
        start_worker(folder)
    stopping = folders["stop"]
    wait_until(lambda: stopping.status().state == "running")
    time.sleep(0.05 * turn)
    request_stop(stopping)
    for ending, folder in folders.items():
        assert wait_for_end(folder, 20).state == VERDICTS[ending][0], ending
        wait_until(lambda folder=folder: read_launch(folder).exit_code is not None)
        verdict = true_status(folder)
        assert (verdict.state, verdict.message) == VERDICTS[ending], ending
        if ending != "stop":
            steps = [line.step for line in folder.metrics()[0]]
            assert steps == list(range(1, 21 if ending == "finish" else 2 + 3 * turn))


@pytest.mark.usefixtures("fake_worker")
def test_a_hang_is_no_failure_and_can_be_ended(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ssl_core.runs import supervision

    folder = make_run(workspace, behaviour="hang", at=3)
    identity = start_worker(folder)
    wait_until(lambda: psutil.Process(identity.pid).status() == psutil.STATUS_STOPPED)
    monkeypatch.setattr(supervision, "STALE_SECONDS", 0.5)
    wait_until(lambda: true_status(folder).message.startswith("No sign of life"))
    assert true_status(folder).state == "running"
    request_stop(folder, patience=0.3)  # a stopped process cannot answer SIGTERM
    status = wait_for_end(folder, 10)
    assert (status.state, status.message) == ("stopped", FORCED)


@pytest.mark.timed
@pytest.mark.usefixtures("fake_worker")
def test_kills_at_random_moments_are_seen_at_once(workspace: Workspace) -> None:
    for turn in range(6):
        folder = make_run(workspace, f"run-{turn}", steps=100_000, device=f"made-up:{turn}")
        identity = start_worker(folder)
        time.sleep(0.07 * turn)
        os.kill(identity.pid, signal.SIGKILL)
        began = time.monotonic()
        assert wait_for_end(folder, 10).state == "failed"
        assert time.monotonic() - began < 2
        page = folder.metrics_page()
        assert page.damaged == 0
        assert [line.step for line in page.lines] == list(range(1, len(page.lines) + 1))


def test_supervision_imports_nothing_heavy() -> None:
    """Waiting processes stay in memory, so what they import matters."""
    code = (
        "import sys, ssl_core.runs.devices, ssl_core.runs.writer;"
        "print([m for m in ('numpy','scipy','pandas','keras','tensorflow') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.strip() == "[]", answer.stderr
