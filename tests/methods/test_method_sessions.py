"""Every method in a whole run: stopped anywhere and resumed, it ends as an unbroken one."""

import numpy as np
import pytest

from ssl_core.methods import catalogue
from ssl_core.runs.phase_starts import PhaseStart, read_phase_starts
from ssl_core.training.failures import Stopped
from tests.conftest import MakeDataset
from tests.support.runs import make_run
from tests.support.sessions import check_same_lines, published, train
from tests.support.training import small_settings, trained_in_whole_runs

pytestmark = pytest.mark.slow
STEPS = 10
ELSEWHERE = {"supervised", "autoencoder"}  # in tests/training/test_session.py
METHODS = [
    pytest.param(name, id=name)
    for name, spec in catalogue().items()
    if trained_in_whole_runs(spec) and name not in ELSEWHERE
]


@pytest.mark.usefixtures("eager_publishing", "lines_of_one_step")
@pytest.mark.parametrize("method", METHODS)
def test_stopped_at_any_step_and_resumed(workspace, make_dataset: MakeDataset, method: str) -> None:
    dataset = make_dataset()
    configuration = small_settings(catalogue()[method])
    settings = {"method": method, "configuration": configuration, "steps": STEPS}
    unbroken = make_run(workspace, dataset, **settings)
    results = train(unbroken)
    broken = make_run(workspace, dataset, **settings)
    # In a first phase, and at its last step where it is 0.7 or 0.8.
    for stop in (3, 7) if read_phase_starts(unbroken) else (5,):
        with pytest.raises(Stopped):
            train(broken, stop_at=stop)
    assert train(broken) == results
    check_same_lines(published(broken), published(unbroken))
    assert read_phase_starts(broken) == read_phase_starts(unbroken)
    name = f"step-{STEPS:09d}.npz"
    expected, found = (np.load(path / "checkpoints" / name) for path in (unbroken, broken))
    states = [key for key in expected.files if key.startswith("state/")]
    assert states
    for key in states:
        assert np.array_equal(expected[key], found[key]), key


def test_a_run_says_where_its_phases_began(workspace, make_dataset: MakeDataset) -> None:
    staged = {"mode": "staged", "rounds": 1, "first_share": 0.5}
    configuration = small_settings(catalogue()["pseudo_label"]) | staged
    settings = {"method": "pseudo_label", "configuration": configuration, "steps": STEPS}
    folder = make_run(workspace, make_dataset(), **settings)
    with pytest.raises(Stopped):
        train(folder, stop_at=3)
    assert read_phase_starts(folder) == (PhaseStart("training", 0),)
    train(folder)
    names = [(start.name, start.step) for start in read_phase_starts(folder)]
    assert names == [("training", 0), ("retraining", 5)]
    # What an earlier try wrote of phases after its checkpoint is forgotten.
    for checkpoint in (folder / "checkpoints").glob("*"):
        checkpoint.unlink()
    with pytest.raises(Stopped):
        train(folder, stop_at=3)
    assert read_phase_starts(folder) == (PhaseStart("training", 0),)


def test_a_run_of_one_phase_has_no_line(workspace, make_dataset: MakeDataset) -> None:
    configuration = small_settings(catalogue()["supervised"])
    folder = make_run(workspace, make_dataset(), configuration=configuration, steps=2)
    train(folder)
    assert read_phase_starts(folder) == ()
