"""When a training is looked at, and what it says it is doing."""

import time

import pytest

from ssl_core.training.failures import Stopped
from ssl_core.training.publisher import Publisher
from ssl_core.training.watch import Watch
from tests.conftest import MakeDataset
from tests.support.runs import make_run
from tests.support.sessions import train

STEPS = 12
SMALL = {"batch_size": 6, "augment_shift": 0.1}


@pytest.mark.usefixtures("lines_of_one_step")
@pytest.mark.parametrize(
    ("look", "seconds", "expected"),
    [
        ("_draw", 0.2, [2, STEPS]),
        ("_share", 0.1, [2, STEPS]),
        # Most of the first validation is compiling, so the second does not wait for it.
        ("_validate", 0.2, [2, 3, STEPS]),
    ],
)
def test_a_look_that_costs_much_waits_from_the_first_on(
    workspace,
    make_dataset: MakeDataset,
    monkeypatch: pytest.MonkeyPatch,
    look: str,
    seconds: float,
    expected: list[int],
) -> None:
    steps: list[int] = []

    def slow(watch: Watch, step: int) -> dict[str, float]:
        steps.append(step)
        time.sleep(seconds)
        return {}

    monkeypatch.setattr(Watch, look, slow)
    train(make_run(workspace, make_dataset(), configuration=SMALL, steps=STEPS))
    assert steps == expected


def test_a_run_says_what_it_is_doing(
    workspace, make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    announce = Publisher.announce

    def noted(publisher: Publisher, phase: str) -> None:
        said.append(phase)
        announce(publisher, phase)

    monkeypatch.setattr(Publisher, "announce", noted)
    folder = make_run(workspace, make_dataset(), method="simclr", steps=5)
    with pytest.raises(Stopped):
        train(folder, stop_at=2)
    assert said == ["compiling", "pretraining"]
    said.clear()
    train(folder)
    phases = ["compiling", "pretraining", "preparing fine-tuning", "fine-tuning", "evaluating"]
    assert said == phases
