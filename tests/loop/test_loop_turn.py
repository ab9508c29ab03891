"""When a training of the loop starts: once, with all labels, and never two at a time."""

import threading
import time

import pytest
from runs.run_folders import wait_until

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.loop.settings import LOOP, LoopState, change_loop, loop_lock, read_loop
from ssl_core.loop.turn import (
    finished_trainings,
    fitting_methods,
    method_of,
    next_plan,
    runs_on,
    take_turn,
)
from ssl_core.runs.folder import open_run
from ssl_core.runs.launch import RunPlan, create_runs, stop_run
from ssl_core.runs.process import wait_for_end
from ssl_core.runs.request import StudyCell
from ssl_core.workspace import Workspace
from tests.support.loop import give_right, trained
from tests.support.runs import make_run

STEPS = 3


@pytest.fixture
def dataset(workspace, fake_worker, make_dataset) -> Dataset:
    """Six labels, and a worker that trains nothing."""
    made = make_dataset(test=0)
    give_right(made, range(6))
    change_loop(workspace, made, steps=STEPS)
    return made


def slowly(monkeypatch) -> None:
    """Trainings that go on until they are stopped."""
    monkeypatch.setenv("FAKE_WORKER", '{"pause": 60}')


def runs(workspace: Workspace) -> int:
    return len([path for path in workspace.runs.iterdir() if not path.name.startswith(".")])


def test_nothing_is_due_unless_asked_for(workspace, dataset):
    turn = take_turn(workspace, dataset)
    assert (turn.started, turn.going, turn.fresh, turn.reason) == ("", "", 6, "")
    assert runs(workspace) == 0


def test_asked_for_it_starts_once_with_all_labels(workspace, dataset, monkeypatch):
    slowly(monkeypatch)
    change_loop(workspace, dataset, asked=True)
    turn = take_turn(workspace, dataset)
    request = open_run(workspace, turn.started).request()
    assert sum(request.labels.per_class.values()) == 6
    assert request.steps == STEPS
    state = read_loop(dataset)
    assert (state.runs, state.asked, state.after) == ((turn.started,), False, 6)
    again = take_turn(workspace, dataset)
    assert (again.started, again.going, again.fresh) == ("", turn.started, 0)
    assert runs(workspace) == 1


def test_after_every_so_many_labels(workspace, dataset):
    change_loop(workspace, dataset, by_itself=True, every=7)
    assert not take_turn(workspace, dataset).started
    give_right(dataset, [6])
    first = take_turn(workspace, dataset).started
    assert first
    wait_for_end(open_run(workspace, first), 30)
    give_right(dataset, range(7, 13))
    assert take_turn(workspace, dataset).fresh == 6
    give_right(dataset, [13])
    assert take_turn(workspace, dataset).started


def test_a_follower_has_a_number_of_its_own(workspace, dataset):
    assert not take_turn(workspace, dataset, 7).started
    assert take_turn(workspace, dataset, 6).started


def test_what_is_due_meanwhile_waits_and_is_one_training(workspace, dataset, monkeypatch):
    slowly(monkeypatch)
    change_loop(workspace, dataset, by_itself=True, every=2)
    first = take_turn(workspace, dataset).started
    give_right(dataset, range(6, 12))  # three times as many as make one due
    change_loop(workspace, dataset, asked=True)
    assert take_turn(workspace, dataset).going == first
    assert runs(workspace) == 1
    stop_run(workspace, first)
    wait_for_end(open_run(workspace, first), 30)
    second = take_turn(workspace, dataset).started
    assert sum(open_run(workspace, second).request().labels.per_class.values()) == 12
    stop_run(workspace, second)
    wait_for_end(open_run(workspace, second), 30)
    assert not take_turn(workspace, dataset).started
    assert runs(workspace) == 2


def test_a_failed_training_is_not_tried_again_without_new_labels(workspace, dataset, monkeypatch):
    monkeypatch.setenv("FAKE_WORKER", '{"behaviour": "crash", "at": 1}')
    change_loop(workspace, dataset, by_itself=True, every=5)
    first = take_turn(workspace, dataset).started
    assert wait_for_end(open_run(workspace, first), 30).state == "failed"
    assert not take_turn(workspace, dataset).started
    give_right(dataset, range(6, 11))
    assert take_turn(workspace, dataset).started


def test_many_at_once_start_one_training(workspace, dataset, monkeypatch):
    slowly(monkeypatch)
    change_loop(workspace, dataset, asked=True)
    turns = []
    threads = [
        threading.Thread(target=lambda: turns.append(take_turn(workspace, dataset)))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(bool(turn.started) for turn in turns) == 1
    assert runs(workspace) == 1


def test_a_stop_between_the_two_writes_makes_no_second_run(workspace, dataset, monkeypatch):
    slowly(monkeypatch)
    change_loop(workspace, dataset, asked=True)
    with monkeypatch.context() as patched:
        patched.setattr("ssl_core.loop.turn.write_loop", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take_turn(workspace, dataset)
    assert runs(workspace) == 1
    turn = take_turn(workspace, dataset)
    assert runs(workspace) == 1
    assert read_loop(dataset).runs == (turn.started,)


def test_who_holds_the_lock_has_the_turn(workspace, dataset, monkeypatch):
    monkeypatch.setattr("ssl_core.loop.turn._PATIENCE_SECONDS", 0.1)
    change_loop(workspace, dataset, asked=True)
    with loop_lock(workspace, dataset, 1):
        seen = []
        thread = threading.Thread(target=lambda: seen.append(take_turn(workspace, dataset)))
        thread.start()
        thread.join()
    assert not seen[0].started
    assert take_turn(workspace, dataset).started


def test_what_cannot_be_trained_is_told_and_tried_later(workspace, make_dataset):
    bare = make_dataset(name="bare")
    change_loop(workspace, bare, asked=True)
    assert "Label at least one image of each class first" in take_turn(workspace, bare).reason
    give_right(bare, [0])
    assert "Only 1 class has labels" in take_turn(workspace, bare).reason
    assert read_loop(bare).asked
    assert runs(workspace) == 0


def test_settings_seed_and_steps_come_from_the_last_run_of_the_method(workspace, dataset):
    plan = RunPlan(
        dataset="tiny",
        method="supervised",
        configuration={"validation_share": 0.2},
        steps=7,
        seeds=(5,),
    )
    (run,) = create_runs(workspace, plan)
    wait_for_end(open_run(workspace, run), 30)
    found = runs_on(workspace, dataset)
    copied = next_plan(dataset, LoopState(), found)
    assert (copied.method, copied.steps, copied.seeds) == ("supervised", 7, (5,))
    assert copied.configuration["validation_share"] == 0.2
    assert next_plan(dataset, LoopState(steps=9), found).steps == 9
    other = next_plan(dataset, LoopState(method="fixmatch"), found)
    assert (other.method, other.configuration, other.seeds) == ("fixmatch", {}, (1,))


def test_runs_of_a_study_are_not_copied(workspace, dataset):
    own = make_run(workspace, dataset, "fixmatch", seed=3, created="2026-01-01")
    cell = StudyCell(study="costs", identity="one", budget=20, draw=0)
    asked = {"cell": cell, "seed": 9, "steps": 99, "configuration": {"validation_share": 0.4}}
    make_run(workspace, dataset, "fixmatch", created="2026-01-02", **asked)
    make_run(workspace, dataset, "autoencoder", created="2026-01-03", **asked)
    found = runs_on(workspace, dataset)
    assert [one.run for one in found] == [own.name]
    plan = next_plan(dataset, LoopState(), found)
    assert (plan.method, plan.seeds, plan.steps) == ("fixmatch", (3,), 8)


def test_the_last_training_of_the_loop_comes_before_a_newer_run(workspace, dataset):
    own = make_run(workspace, dataset, seed=3, steps=7, created="2026-01-01")
    make_run(workspace, dataset, seed=4, steps=70, created="2026-01-02")
    found = runs_on(workspace, dataset)
    plan = next_plan(dataset, LoopState(runs=(own.name,)), found)
    assert (plan.seeds, plan.steps) == ((3,), 7)
    apart = next_plan(dataset, LoopState(), found)
    assert (apart.seeds, apart.steps) == ((4,), 70)


def test_the_method_is_one_that_fits_the_items(dataset):
    assert method_of(LoopState(), dataset, []) == "supervised"
    assert method_of(LoopState(method="posts"), dataset, []) == "supervised"
    assert "posts" not in fitting_methods(dataset)


def test_only_finished_trainings_of_the_loop_and_its_method_count(workspace, dataset):
    old = trained(workspace, dataset, dataset.reference_labels)
    other = trained(workspace, dataset, dataset.reference_labels, method="fixmatch")
    state, found = read_loop(dataset), runs_on(workspace, dataset)
    assert [one.run for one in finished_trainings(dataset, state, found)] == [other.run]
    state = change_loop(workspace, dataset, method="supervised")
    assert [one.run for one in finished_trainings(dataset, state, found)] == [old.run]
    foreign = dataset.manifest.model_copy(update={"fingerprint": "ff"})
    assert runs_on(workspace, Dataset(dataset.folder, foreign)) == []


def test_a_damaged_file_is_a_sentence(workspace, dataset):
    (dataset.folder / LOOP).write_text("{", encoding="utf-8")
    with pytest.raises(UserError, match="Delete that file"):
        take_turn(workspace, dataset)


def test_a_change_waits_for_the_turn_and_keeps_the_rest(workspace, dataset):
    before = read_loop(dataset)
    done = threading.Event()

    def change() -> None:
        change_loop(workspace, dataset, every=33)
        done.set()

    with loop_lock(workspace, dataset, 1):
        thread = threading.Thread(target=change)
        thread.start()
        time.sleep(0.2)
        assert not done.is_set()
    wait_until(done.is_set)
    thread.join()
    assert read_loop(dataset) == before.model_copy(update={"every": 33})


def test_a_change_that_another_process_keeps_waiting_is_told(workspace, dataset, monkeypatch):
    monkeypatch.setattr("ssl_core.loop.settings._LOCK_SECONDS", 0.1)
    with (
        loop_lock(workspace, dataset, 1),
        pytest.raises(UserError, match=r"The loop of 'tiny' has been in use .* for 0\.1 s"),
    ):
        change_loop(workspace, dataset, every=44)
    assert read_loop(dataset).every != 44
