"""A run on the labels that an earlier run was given."""

from collections.abc import Callable

import numpy as np
import pytest

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.labels.draw import draw_labels
from ssl_core.labels.store import open_labels
from ssl_core.runs import launch
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.plan import RunPlan, check_plan
from ssl_core.workspace import Workspace

MakeDataset = Callable[..., Dataset]


@pytest.fixture(autouse=True)
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "_start", lambda folder: None)


def plan(**values: object) -> RunPlan:
    return RunPlan.model_validate(
        {"dataset": "tiny", "method": "supervised", "steps": 3, "seeds": (1,), **values}
    )


def test_later_labels_do_not_reach_a_run_on_earlier_ones(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset()
    draw_labels(dataset, open_labels(dataset), 4, 0)
    (first,) = launch.create_runs(workspace, plan())
    draw_labels(dataset, open_labels(dataset), 8, 0)
    (again,) = launch.create_runs(workspace, plan(labels_of=first))
    (now,) = launch.create_runs(workspace, plan())
    before, repeated, later = (RunFolder(workspace.runs / run) for run in (first, again, now))
    for name, array in before.labels().items():
        np.testing.assert_array_equal(array, repeated.labels()[name])
    assert repeated.request().labels == before.request().labels
    assert repeated.request().classes == before.request().classes
    assert len(later.labels()["items"]) == 24


def test_labels_of_other_images_are_refused(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset()
    draw_labels(dataset, open_labels(dataset), 4, 0)
    other = make_dataset(count=30, test=6, name="other")
    draw_labels(other, open_labels(other), 2, 0)
    (first,) = launch.create_runs(workspace, plan(dataset="other"))
    (reason,) = check_plan(workspace, plan(labels_of=first))
    assert "other images" in reason
    with pytest.raises(UserError, match="other images"):
        launch.create_runs(workspace, plan(labels_of=first))
