"""A budget in minutes whose steps are counted when the first phase should be over."""

import pytest

from ssl_core.methods import catalogue
from ssl_core.runs.phase_starts import read_phase_starts
from ssl_core.runs.writer import RunWriter
from ssl_core.training import session
from ssl_core.training.failures import Stopped
from ssl_core.training.lifecycle import StopFlag
from ssl_core.training.progress import Progress
from tests.conftest import MakeDataset
from tests.support.runs import make_run
from tests.support.sessions import train
from tests.support.training import small_settings

LATER = 6  # steps after the count
STAGED = {"mode": "staged", "first_share": 0.3, "rounds": 2}
NAMES = ["training", "retraining 1", "retraining 2"]


class StopsWhenCounted(StopFlag):
    """Asked to stop as soon as the run knows its steps."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    @property
    def raised(self) -> bool:
        return self._progress.steps is not None


@pytest.mark.parametrize("broken", [False, True])
def test_every_phase_is_begun_once_and_where_the_run_says(
    workspace, make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    monkeypatch.setattr(session, "MEASURED_SECONDS", 0.01)
    monkeypatch.setattr(session, "planned_steps", lambda minutes, spent, step, speed: step + LATER)
    monkeypatch.setattr(session, "longest_seconds", lambda minutes: 1e9)
    begun, begin = [], session._begin

    def noted(now: session.Session, span: session.Span) -> None:
        begun.append((span.phase.name, now.progress.step))
        begin(now, span)
        assert int(now.model.optimizer.iterations.numpy()) == 0

    monkeypatch.setattr(session, "_begin", noted)
    configuration = {**small_settings(catalogue()["pseudo_label"]), **STAGED}
    settings = {"method": "pseudo_label", "configuration": configuration}
    folder = make_run(workspace, make_dataset(), **settings, steps=None, minutes=1.0)
    if broken:
        writer, progress = RunWriter(folder), Progress()
        with pytest.raises(Stopped):
            session.train(folder, writer, progress, StopsWhenCounted(progress))
        writer.close()
        assert begun == []
        assert progress.step == progress.steps - LATER
        assert [start.name for start in read_phase_starts(folder)] == NAMES[:2]
    train(folder)
    starts = [(start.name, start.step) for start in read_phase_starts(folder)]
    assert starts == [("training", 0), *begun]
    assert [name for name, _ in starts] == NAMES
    assert begun[0][1] > STAGED["first_share"] * (begun[0][1] + LATER), "late indeed"
    again = train(folder)
    assert again.test_accuracy is not None
    assert len(begun) == 2, "a run that is over begins nothing"
