"""The worker as a process of its own: finished, stopped, killed, resumed, failed."""

import os
import signal
import time
from pathlib import Path

import pytest

from ssl_core.errors import UserError
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.launch import resume_run
from ssl_core.runs.process import start_worker, wait_for_end
from ssl_core.runs.status import RunStatus
from ssl_core.training import worker
from tests.conftest import MakeDataset
from tests.support.runs import make_run

SMALL = {"batch_size": 6, "augment_shift": 0.1}


def wait_for_lines(folder: Path, count: int, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while len(RunFolder(folder).metrics()[0]) < count:
        assert time.monotonic() < deadline, RunFolder(folder).log_tail()
        time.sleep(0.02)


def ended(folder: Path) -> RunStatus:
    return wait_for_end(RunFolder(folder), 90.0)


def test_a_run_finishes_and_says_so(workspace, make_dataset: MakeDataset) -> None:
    folder = make_run(workspace, make_dataset(), configuration=SMALL, steps=30)
    start_worker(RunFolder(folder))
    status = ended(folder)
    assert status.state == "finished", RunFolder(folder).log_tail()
    assert status.step == status.steps == 30
    assert status.images_seen == 180
    assert status.results.test_accuracy is not None
    assert status.message == ""
    assert "finished: test accuracy" in RunFolder(folder).log_tail()
    with pytest.raises(UserError, match="whole budget"):
        resume_run(workspace, folder.name)


@pytest.mark.slow
def test_a_run_stops_when_told_and_goes_on_after_a_kill(
    workspace, make_dataset: MakeDataset
) -> None:
    folder = make_run(workspace, make_dataset(), configuration=SMALL, steps=800)
    run = RunFolder(folder)
    identity = start_worker(run)
    wait_for_lines(folder, 6)
    os.kill(identity.pid, signal.SIGTERM)
    status = ended(folder)
    assert status.state == "stopped"
    assert "Stopped by user" in status.message
    assert (folder / "checkpoints" / f"step-{status.step:09d}.npz").exists()

    resume_run(workspace, folder.name)
    wait_for_lines(folder, 8)
    killed = run.status().process
    assert killed is not None
    os.killpg(killed.pid, signal.SIGKILL)
    status = ended(folder)
    assert status.state == "failed"
    assert "topped unexpectedly" in status.message

    resume_run(workspace, folder.name)
    assert ended(folder).state == "finished", run.log_tail()
    steps = [line.step for line in run.metrics()[0]]
    assert steps == sorted(set(steps))
    assert steps[-1] == 800


def test_a_gpu_is_the_one_that_nvidia_smi_numbers_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CUDA_DEVICE_ORDER", "CUDA_VISIBLE_DEVICES"):
        monkeypatch.setenv(name, "")
    worker._choose_device("gpu:1")
    assert os.environ["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "1"


def test_a_failure_has_plain_words_and_its_trace_in_the_log(
    workspace, make_dataset: MakeDataset
) -> None:
    folder = make_run(workspace, make_dataset(), per_class=0)
    start_worker(RunFolder(folder))
    status = ended(folder)
    assert status.state == "failed"
    assert status.message.startswith("This run has no labels to train on.")
    assert "Traceback" in RunFolder(folder).log_tail(80)


def test_a_run_that_waits_is_light_and_can_be_stopped(workspace, make_dataset: MakeDataset) -> None:
    import psutil

    dataset = make_dataset()
    first = make_run(workspace, dataset, configuration=SMALL, steps=5000)
    second = make_run(workspace, dataset, configuration=SMALL, steps=5)
    running = start_worker(RunFolder(first))
    wait_for_lines(first, 1)
    waiting = start_worker(RunFolder(second))
    deadline = time.monotonic() + 20
    while not RunFolder(second).status().phase.startswith("waiting for the CPU"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert psutil.Process(waiting.pid).memory_info().rss < 120e6
    os.kill(waiting.pid, signal.SIGTERM)
    assert ended(second).state == "stopped"
    os.kill(running.pid, signal.SIGTERM)
    assert ended(first).state == "stopped"
