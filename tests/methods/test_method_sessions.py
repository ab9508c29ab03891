"""Every method in a whole run: stopped anywhere and resumed, it ends as an unbroken one."""

import numpy as np
import pytest

from ssl_core.methods import catalogue
from ssl_core.training import watch
from ssl_core.training.failures import Stopped
from tests.conftest import MakeDataset
from tests.support.runs import make_run
from tests.support.sessions import train
from tests.support.training import small_settings

STEPS = 10
METHODS = [
    pytest.param(name, id=name)
    for name, spec in catalogue().items()
    if spec.needs.item != "text" and spec.needs.heads[0] == 1
]


@pytest.mark.parametrize("method", METHODS)
def test_stopped_at_any_step_and_resumed(
    workspace, make_dataset: MakeDataset, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("VALIDATION_SHARE", "GRADIENT_SHARE", "PANEL_SHARE"):
        monkeypatch.setattr(watch, name, 1e6)
    dataset = make_dataset()
    configuration = small_settings(catalogue()[method])
    settings = {"method": method, "configuration": configuration, "steps": STEPS}
    unbroken = make_run(workspace, dataset, **settings)
    results = train(unbroken)
    broken = make_run(workspace, dataset, **settings)
    for stop in (3, 7):
        with pytest.raises(Stopped):
            train(broken, stop_at=stop)
    assert train(broken) == results
    name = f"step-{STEPS:09d}.npz"
    expected, found = (np.load(path / "checkpoints" / name) for path in (unbroken, broken))
    states = [key for key in expected.files if key.startswith("state/")]
    assert states
    for key in states:
        assert np.array_equal(expected[key], found[key]), key
