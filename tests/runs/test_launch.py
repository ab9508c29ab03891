"""Making, stopping, resuming and deleting runs."""

import math
import os
import signal
import threading
import time
from collections import namedtuple
from collections.abc import Callable

import numpy as np
import psutil
import pytest
from run_folders import make_run, wait_until, write_status

from ssl_core.datasets.dataset import Dataset, delete_dataset
from ssl_core.errors import UserError
from ssl_core.labels.draw import draw_labels
from ssl_core.labels.events import LabelEvent
from ssl_core.labels.store import open_labels
from ssl_core.runs import launch, plan, process
from ssl_core.runs.folder import RunFolder, open_run
from ssl_core.runs.launch import (
    RunPlan,
    check_plan,
    create_runs,
    delete_run,
    resume_run,
    stop_run,
    warnings_of_plan,
)
from ssl_core.runs.listing import list_runs, runs_alive_on
from ssl_core.runs.process import start_worker, wait_for_end
from ssl_core.runs.supervision import process_alive, read_launch, true_status
from ssl_core.workspace import Workspace

MakeDataset = Callable[..., Dataset]
PLAN = RunPlan(dataset="tiny", method="supervised", steps=10)


@pytest.fixture
def labelled(make_dataset: MakeDataset) -> Dataset:
    dataset = make_dataset()
    draw_labels(dataset, open_labels(dataset), per_class=4, seed=0)
    return dataset


def changed(**values: object) -> RunPlan:
    return RunPlan.model_validate({**PLAN.model_dump(), **values})


def hand_label(dataset: Dataset, item: int, value: int) -> None:
    event = LabelEvent(event=f"e{item}", kind="label", person="me", item=item, value=value)
    open_labels(dataset).append([event])


# What is impossible


@pytest.mark.usefixtures("labelled")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"steps": 0}, "Steps: received 0"),
        ({"steps": -5}, "Steps: received -5"),
        ({"steps": 10**9}, "10,000,000"),
        ({"steps": None}, "No budget"),
        ({"minutes": 1.0}, "Both steps and minutes"),
        ({"steps": None, "minutes": 0.0}, "Minutes: received 0"),
        ({"steps": None, "minutes": math.nan}, "Minutes: received nan"),
        ({"seeds": ()}, "No seed"),
        ({"seeds": (1, 2, 1)}, "Given twice: seed 1"),
        ({"seeds": tuple(range(51))}, "51 seeds are too many"),
        ({"seeds": (-1,)}, "Seed -1 is out of range"),
        ({"device": "gpu:7"}, "Expected one of: "),
        ({"method": "magic"}, "'magic'"),
        ({"dataset": "nowhere"}, "'nowhere'"),
        ({"dataset": "../../etc"}, "not a name"),
        ({"configuration": {"batch_size": 1}}, "batch_size"),
        ({"configuration": {"batch_size": "many"}}, "batch_size"),
        ({"configuration": {"depth": 3}}, "depth"),
    ],
)
def test_impossible_plans_are_refused_with_the_reason(
    workspace: Workspace, changes: dict[str, object], words: str
) -> None:
    reasons = check_plan(workspace, changed(**changes))
    assert len(reasons) == 1
    assert words in reasons[0]
    with pytest.raises(UserError):
        create_runs(workspace, changed(**changes))
    assert list(workspace.runs.iterdir()) == []


@pytest.mark.usefixtures("labelled")
def test_a_plan_that_is_fine(workspace: Workspace) -> None:
    assert check_plan(workspace, PLAN) == []
    assert warnings_of_plan(workspace, changed(configuration={"validation_share": 0.5})) == []
    without = changed(configuration={"validation_share": 0.0})
    assert "no validation accuracy" in warnings_of_plan(workspace, without)[0]


def test_labels_that_are_not_enough(workspace: Workspace, make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    assert "No image is labelled yet" in check_plan(workspace, PLAN)[0]
    classes = [one.identifier for one in open_labels(dataset).classes()]
    hand_label(dataset, 55, classes[0])  # of the test split
    assert "No label is left to train on" in check_plan(workspace, PLAN)[0]
    hand_label(dataset, 0, classes[0])
    hand_label(dataset, 3, classes[0])
    assert "Only 1 class has labels to train on (a)" in check_plan(workspace, PLAN)[0]
    hand_label(dataset, 1, classes[1])
    assert check_plan(workspace, PLAN) == []
    assert "never predicted: c" in warnings_of_plan(workspace, PLAN)[-1]


@pytest.mark.parametrize("test", [0, 12])
def test_a_run_without_a_test_figure_is_foretold(
    workspace: Workspace, make_dataset: MakeDataset, test: int
) -> None:
    dataset = make_dataset(test=test, reference=False)
    classes = [open_labels(dataset).add_class(name).identifier for name in "ab"]
    items = np.flatnonzero(~dataset.held_out)
    for value, item in zip(classes, items.tolist(), strict=False):
        hand_label(dataset, item, value)
    assert "no test accuracy" in warnings_of_plan(workspace, PLAN)[1]
    if test == 0:
        hand_label(dataset, int(np.flatnonzero(dataset.held_out)[0]), classes[0])
        assert "no test accuracy" not in " ".join(warnings_of_plan(workspace, PLAN))


def test_a_full_disk_is_told_before_the_start(
    workspace: Workspace, labelled: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(plan.shutil, "disk_usage", lambda path: usage(1, 1, 100 * 2**20))
    assert "100 MB free" in check_plan(workspace, PLAN)[0]


def test_a_damaged_dataset(workspace: Workspace, labelled: Dataset) -> None:
    (labelled.folder / "images.npy").write_bytes(b"\x93NUMPY cut")
    assert "damaged" in check_plan(workspace, PLAN)[0]


# Starting


@pytest.mark.usefixtures("fake_worker")
def test_runs_are_made_for_every_seed(workspace: Workspace, labelled: Dataset) -> None:
    settings = {"batch_size": "8", "validation_share": 0.5}
    names = create_runs(workspace, changed(seeds=(3, 1, 2), configuration=settings))
    assert len(set(names)) == 3
    folders = [open_run(workspace, name) for name in names]
    requests = [folder.request() for folder in folders]
    assert [request.seed for request in requests] == [3, 1, 2]
    assert len({request.group for request in requests}) == 1
    assert requests[0].configuration["batch_size"] == 8
    assert requests[0].configuration["backbone"] == "vgg-small"
    assert requests[0].fingerprint == labelled.manifest.fingerprint
    assert requests[0].code_version
    assert [one.name for one in requests[0].classes] == ["a", "b", "c"]
    roles = folders[0].labels()["roles"]
    summary = requests[0].labels
    assert len(roles) == summary.train + summary.validation + summary.held_out == 12
    assert not np.array_equal(*(folder.labels()["roles"] for folder in folders[:2]))
    for folder in folders:
        assert wait_for_end(folder, 20).state == "finished"
    assert {summary.run for summary in list_runs(workspace)} == set(names)


@pytest.mark.usefixtures("fake_worker")
def test_seeds_started_together_get_the_same_labels_whoever_labels_meanwhile(
    workspace: Workspace, labelled: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, free = launch._write_folder, iter(range(len(labelled.images)))
    known = set(open_labels(labelled).current().items.tolist())

    def labelled_meanwhile(*arguments: object) -> RunFolder:
        hand_label(labelled, next(item for item in free if item not in known), 1)
        return write(*arguments)

    monkeypatch.setattr(launch, "_write_folder", labelled_meanwhile)
    folders = [open_run(workspace, run) for run in create_runs(workspace, changed(seeds=(1, 2)))]
    first, second = (folder.request().labels for folder in folders)
    assert first.last_event == second.last_event
    assert first.per_class == second.per_class
    assert np.array_equal(*(folder.labels()["items"] for folder in folders))


@pytest.mark.usefixtures("fake_worker", "labelled")
def test_the_process_is_known_when_the_start_returns(workspace: Workspace) -> None:
    (name,) = create_runs(workspace, changed(steps=100_000))
    launched = read_launch(open_run(workspace, name))
    assert launched is not None
    assert psutil.pid_exists(launched.process.pid)
    assert os.getpgid(launched.process.pid) == launched.process.pid
    assert runs_alive_on(workspace, "tiny") == [name]


@pytest.mark.usefixtures("fake_worker", "labelled")
def test_start_pressed_twice_starts_once(workspace: Workspace) -> None:
    answers: list[list[str]] = []

    def press() -> None:
        answers.append(create_runs(workspace, changed(seeds=(1, 2)), request_key="press 1"))

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert len({tuple(answer) for answer in answers}) == 1
    assert len(list_runs(workspace)) == 2
    other = create_runs(workspace, PLAN, request_key="press 2")
    assert len(list_runs(workspace)) == 3
    assert other != answers[0]


@pytest.mark.usefixtures("labelled")
def test_a_process_that_cannot_start_is_a_failed_run(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "WORKER_COMMAND", ("/nowhere/python",))
    (name,) = create_runs(workspace, PLAN)
    status = true_status(open_run(workspace, name))
    assert status.state == "failed"
    assert "could not be started: No such file" in status.message


@pytest.mark.usefixtures("labelled")
def test_a_disk_that_fills_while_the_run_is_made_leaves_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(launch.np, "savez_compressed", full)
    with pytest.raises(UserError, match="No space left"):
        create_runs(workspace, changed(seeds=(1, 2)))
    assert list(workspace.runs.iterdir()) == []


# Stopping


@pytest.mark.usefixtures("fake_worker")
def test_stop_is_polite_first_and_a_double_click_is_one_press(workspace: Workspace) -> None:
    folder = make_run(workspace, steps=100_000, pause=0.01)
    start_worker(folder)
    wait_until(lambda: folder.status().state == "running")
    assert stop_run(workspace, folder.run) == "asked"
    assert stop_run(workspace, folder.run) == "nothing"
    status = wait_for_end(folder, 10)
    assert (status.state, status.message) == ("stopped", "Stopped by user.")
    wait_until(lambda: not process_alive(folder))
    assert stop_run(workspace, folder.run) == "nothing"


@pytest.mark.usefixtures("fake_worker")
def test_a_second_stop_kills_the_whole_group(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "DOUBLE_CLICK_SECONDS", 0.0)
    folder = make_run(workspace, behaviour="deaf", steps=100_000, pause=0.01)
    start_worker(folder)
    wait_until(lambda: folder.status().state == "running")
    stop_run(workspace, folder.run)
    time.sleep(0.3)
    assert true_status(folder).state == "running"
    child = int((folder.path / "child.txt").read_text())
    assert psutil.pid_exists(child)
    assert stop_run(workspace, folder.run) == "killed"
    assert wait_for_end(folder, 5).state == "stopped"
    wait_until(lambda: not psutil.pid_exists(child) or _is_zombie(child))


def _is_zombie(pid: int) -> bool:
    return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


@pytest.mark.usefixtures("fake_worker")
def test_a_deaf_run_is_killed_when_patience_ends(workspace: Workspace) -> None:
    folder = make_run(workspace, behaviour="deaf", steps=100_000, pause=0.01)
    start_worker(folder)
    wait_until(lambda: folder.status().state == "running")
    stop_run(workspace, folder.run, patience=0.3)
    assert wait_for_end(folder, 5).state == "stopped"


# Resuming


@pytest.fixture
def killed(workspace: Workspace, labelled: Dataset, fake_worker: None) -> RunFolder:
    """A run that was killed at step 12 after a checkpoint at step 10."""
    folder = make_run(workspace, behaviour="kill", at=12, steps=20, pause=0.02)
    request = folder.request().model_copy(update={"fingerprint": labelled.manifest.fingerprint})
    (folder.path / "request.json").write_text(request.model_dump_json())
    start_worker(folder)
    assert wait_for_end(folder, 10).state == "failed"
    (folder.path / "resumed").touch()  # so that it is not killed again
    return folder


def test_resume_continues_the_curve(workspace: Workspace, killed: RunFolder) -> None:
    assert [line.step for line in killed.metrics()[0]] == list(range(1, 12))
    resume_run(workspace, killed.run)
    status = wait_for_end(killed, 10)
    assert (status.state, status.step, status.message) == ("finished", 20, "")
    assert [line.step for line in killed.metrics()[0]] == list(range(1, 21))
    with pytest.raises(UserError, match="whole budget"):
        resume_run(workspace, killed.run)


def test_resume_pressed_twice_starts_once(workspace: Workspace, killed: RunFolder) -> None:
    threads = [threading.Thread(target=resume_run, args=(workspace, killed.run)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wait_for_end(killed, 10).state == "finished"
    assert (workspace.root / "turns.txt").read_text().split() == [killed.run] * 2
    assert killed.log_tail().count("[started ") == 2


def test_resume_needs_the_same_dataset(
    workspace: Workspace, killed: RunFolder, labelled: Dataset
) -> None:
    other = killed.request().model_copy(update={"fingerprint": "ff"})
    (killed.path / "request.json").write_text(other.model_dump_json())
    with pytest.raises(UserError, match="no longer the one"):
        resume_run(workspace, killed.run)
    delete_dataset(workspace, labelled.identifier)
    with pytest.raises(UserError, match="no dataset"):
        resume_run(workspace, killed.run)


def test_a_run_that_ended_while_it_was_evaluated_can_go_on(
    workspace: Workspace, killed: RunFolder
) -> None:
    done = killed.status().model_copy(update={"state": "stopped", "step": 20})
    write_status(killed, done)
    resume_run(workspace, killed.run)
    assert wait_for_end(killed, 10).state == "finished"


# Deleting


@pytest.mark.usefixtures("fake_worker")
def test_a_run_that_is_alive_is_not_deleted(workspace: Workspace) -> None:
    folder = make_run(workspace, steps=100_000, pause=0.01)
    identity = start_worker(folder)
    wait_until(lambda: folder.status().state == "running")
    with pytest.raises(UserError, match="Stop it first"):
        delete_run(workspace, folder.run)
    os.kill(identity.pid, signal.SIGKILL)
    wait_for_end(folder, 5)
    delete_run(workspace, folder.run)
    assert list(workspace.runs.iterdir()) == []
    with pytest.raises(UserError, match="no run"):
        delete_run(workspace, folder.run)
