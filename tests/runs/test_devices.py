"""Devices, and the queue in front of each."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock, Timeout
from run_folders import make_run, wait_until

from ssl_core.runs import devices
from ssl_core.runs.devices import DeviceTurn, list_devices
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.process import request_stop, start_worker, wait_for_end
from ssl_core.runs.supervision import true_status
from ssl_core.workspace import Workspace


@pytest.fixture
def asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_cached", None)


def program(folder: Path, body: str) -> None:
    path = folder / "nvidia-smi"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


@pytest.mark.usefixtures("asked_anew")
def test_the_processor_is_always_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices.shutil, "which", lambda name: None)
    (processor,) = list_devices()
    assert processor.name == "cpu"
    assert 0 < processor.free_bytes <= processor.total_bytes


@pytest.mark.usefixtures("asked_anew")
def test_gpus_as_the_driver_reports_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "echo '0, NVIDIA H100, 80GB, 79000, 81559'; echo '1, T4, 100, 15360'; echo ?")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    first, second, processor = list_devices()
    assert (first.name, first.title) == ("gpu:0", "GPU 0, NVIDIA H100, 80GB")
    assert first.free_bytes == 79000 * 2**20
    assert (second.name, second.total_bytes) == ("gpu:1", 15360 * 2**20)
    assert processor.name == "cpu"
    program(tmp_path, "exit 9")
    assert len(list_devices()) == 3  # remembered for some seconds


@pytest.mark.usefixtures("asked_anew")
def test_a_driver_that_fails_leaves_the_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "echo 'NVIDIA-SMI has failed'; exit 9")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert [device.name for device in list_devices()] == ["cpu"]


def turns(workspace: Workspace) -> list[str]:
    path = workspace.root / "turns.txt"
    return path.read_text().split() if path.exists() else []


@pytest.mark.usefixtures("fake_worker")
def test_three_runs_take_turns_in_order_of_creation(workspace: Workspace) -> None:
    folders = [make_run(workspace, f"run-{n}", pause=0.03, steps=15) for n in range(3)]
    start_worker(folders[2])
    start_worker(folders[0])
    start_worker(folders[1])
    most = 0
    while any(true_status(folder).state in ("queued", "running") for folder in folders):
        running = sum(folder.status().state == "running" for folder in folders)
        most = max(most, running)
        time.sleep(0.02)
    assert most == 1
    assert turns(workspace) == ["run-0", "run-1", "run-2"]
    assert [true_status(folder).state for folder in folders] == ["finished"] * 3


@pytest.mark.usefixtures("fake_worker")
def test_a_killed_holder_and_a_killed_waiter_are_passed_over(workspace: Workspace) -> None:
    holder = make_run(workspace, "run-0", steps=100_000, pause=0.05)
    waiter = make_run(workspace, "run-1")
    last = make_run(workspace, "run-2")
    identities = [start_worker(folder) for folder in (holder, waiter, last)]
    wait_until(lambda: holder.status().state == "running")
    wait_until(lambda: last.status().phase.startswith("waiting for"))
    os.kill(identities[1].pid, signal.SIGKILL)
    os.kill(identities[0].pid, signal.SIGKILL)
    assert wait_for_end(last, 10).state == "finished"
    assert turns(workspace) == ["run-0", "run-2"]


@pytest.mark.usefixtures("fake_worker")
def test_a_waiting_run_can_be_stopped(workspace: Workspace) -> None:
    holder = make_run(workspace, "run-0", steps=100_000, pause=0.05)
    waiter = make_run(workspace, "run-1")
    start_worker(holder)
    wait_until(lambda: holder.status().state == "running")
    start_worker(waiter)
    wait_until(lambda: waiter.status().phase == "waiting for 1")
    request_stop(waiter)
    assert wait_for_end(waiter, 5).state == "stopped"
    assert true_status(holder).state == "running"


@pytest.mark.usefixtures("fake_worker")
def test_the_queue_goes_on_without_the_process_that_filled_it(workspace: Workspace) -> None:
    folders = [make_run(workspace, f"run-{n}", pause=0.02, steps=10) for n in range(3)]
    code = (
        "import sys, os, pathlib\n"
        "from ssl_core.runs import process\n"
        "from ssl_core.runs.folder import RunFolder\n"
        "process.WORKER_COMMAND = (sys.executable, sys.argv[1])\n"
        "for path in sys.argv[2:]: process.start_worker(RunFolder(pathlib.Path(path)))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    worker = str(Path(__file__).with_name("fake_worker.py"))
    paths = [str(folder.path) for folder in folders]
    subprocess.run([sys.executable, "-c", code, worker, *paths], timeout=20)
    for folder in folders:
        assert wait_for_end(folder, 20).state == "finished"
    assert turns(workspace) == ["run-0", "run-1", "run-2"]


def test_one_holder_at_a_time_between_threads(workspace: Workspace) -> None:
    folders = [make_run(workspace, f"run-{n}") for n in range(3)]
    inside, most, order = [], [], []

    def hold(folder: RunFolder) -> None:
        with DeviceTurn(workspace, folder.path):
            inside.append(folder.run)
            most.append(len(inside))
            order.append(folder.run)
            folder.path.joinpath("status.json").write_text('{"state": "running"}')
            time.sleep(0.1)
            folder.path.joinpath("status.json").write_text('{"state": "finished"}')
            inside.remove(folder.run)

    threads = [threading.Thread(target=hold, args=(folder,)) for folder in folders[::-1]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == [1, 1, 1]
    assert order == ["run-0", "run-1", "run-2"]


def test_other_devices_do_not_wait(workspace: Workspace) -> None:
    first, second = make_run(workspace, "run-0"), make_run(workspace, "run-1", device="gpu:0")
    with DeviceTurn(workspace, first.path), DeviceTurn(workspace, second.path):
        pass


def test_an_interrupted_wait_leaves_the_lock_free(workspace: Workspace) -> None:
    make_run(workspace, "run-0")  # waits before, made a moment ago
    second = make_run(workspace, "run-1")

    def give_up(before: int) -> None:
        assert before == 2
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), DeviceTurn(workspace, second.path, give_up):
        pytest.fail("it was not its turn")
    try:
        FileLock(workspace.locks / "cpu.lock").acquire(timeout=0).lock.release()
    except Timeout:
        pytest.fail("the lock is still held")
