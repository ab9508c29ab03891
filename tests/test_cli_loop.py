"""The verb loop: it follows the labels, trains when enough are there, and ends by Ctrl-C."""

import signal

import pytest
from test_cli import launch, run

from ssl_core.loop.settings import read_loop
from ssl_core.runs.folder import open_run
from tests.support.loop import give_right


@pytest.fixture
def dataset(fake_worker, make_dataset, monkeypatch):
    monkeypatch.setattr("ssl_core.commands.loop._LOOK_SECONDS", 0.1)
    made = make_dataset()
    give_right(made, range(6))
    return made


def test_it_trains_and_answers_with_the_advice(workspace, dataset):
    outcome = run("loop", "tiny", "--every", "5", "--steps", "4", "--trainings", "1", "--json")
    assert outcome.code == 0, outcome.err
    assert outcome.answer["dataset"] == "tiny"
    assert outcome.answer["trainings"] == []  # the fake worker leaves no answers
    assert outcome.answer["verdict"] == "begin"
    (made,) = read_loop(dataset).runs
    assert open_run(workspace, made).request().steps == 4
    assert "Trains after every 5 new labels" in outcome.err
    assert f"Run {made} on 6 labels" in outcome.err
    assert f"Run {made} finished." in outcome.err


def test_it_waits_for_labels_and_ends_by_an_interrupt(workspace, dataset):
    child = launch("--workspace", str(workspace.root), "loop", "tiny", "--every", "7")
    assert "Trains after every 7" in child.stderr.readline()
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "Train once" in out
    assert "Traceback" not in err
    assert read_loop(dataset).runs == ()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--every", "0"], "--every: received 0, expected 1 or more."),
        (["--method", "posts"], "--method: received 'posts', expected one that learns from images"),
    ],
)
def test_what_cannot_be_followed_is_a_sentence(dataset, arguments, complaint):
    outcome = run("loop", "tiny", *arguments)
    assert outcome.code == 1
    assert complaint in outcome.err


def test_another_method_forgets_the_steps_of_the_one_before(workspace, dataset):
    run("loop", "tiny", "--every", "5", "--steps", "4", "--trainings", "1")
    assert read_loop(dataset).steps == 4
    give_right(dataset, range(6, 12))
    run("loop", "tiny", "--every", "5", "--method", "fixmatch", "--trainings", "1")
    state = read_loop(dataset)
    assert (state.method, state.steps) == ("fixmatch", None)
    assert open_run(workspace, state.runs[-1]).request().steps == 1000
