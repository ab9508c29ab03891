"""Runs that know their classes by reference labels are not asked what they call an item."""

from collections.abc import Callable

import numpy as np
import pytest

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.labels.given import GivenLabels, LabelKind
from ssl_core.labels.store import open_labels
from ssl_core.runs import launch
from ssl_core.runs.accepting import counts_called, items_called
from ssl_core.runs.contradictions import opinion_of
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.launch import create_runs
from ssl_core.runs.plan import RunPlan
from ssl_core.runs.status import Results
from ssl_core.runs.told import told_by_reference
from ssl_core.workspace import Workspace
from tests.pages.named_runs import said_run
from tests.support.loop import give_right
from tests.support.told import WAYS, Way, tell_by_reference

MakeDataset = Callable[..., Dataset]


@pytest.mark.parametrize("way", WAYS)
def test_its_answers_are_not_accepted_and_it_has_no_opinion_of_labels(
    workspace: Workspace, make_dataset: MakeDataset, way: Way
) -> None:
    dataset = make_dataset()
    said_run(workspace, dataset, "said")
    store, folder = open_labels(dataset), RunFolder(workspace.runs / "said")
    (first, *_), items = store.classes(), np.arange(20)
    assert len(items_called(store, folder, first.identifier, items)[0])
    assert opinion_of(dataset, store, folder) is not None
    tell_by_reference(folder.path, way)
    with pytest.raises(UserError, match="by reference labels"):
        items_called(store, folder, first.identifier, items)
    with pytest.raises(UserError, match="by reference labels"):
        counts_called(store, folder, items)
    assert opinion_of(dataset, store, folder) is None


@pytest.mark.parametrize(("kind", "told"), [("reference", True), ("hand", False)])
def test_what_a_run_was_given_is_remembered_and_handed_on(
    workspace: Workspace,
    make_dataset: MakeDataset,
    monkeypatch: pytest.MonkeyPatch,
    kind: LabelKind,
    told: bool,
) -> None:
    monkeypatch.setattr(launch, "_start", lambda folder: None)
    dataset = make_dataset()
    give_right(dataset, range(9))
    given = GivenLabels(kind=kind, items=tuple(range(9)), title="whatever it is called")
    plan = RunPlan(dataset=dataset.identifier, method="supervised", steps=3, given=given)
    (run,) = create_runs(workspace, plan)
    (again,) = create_runs(workspace, plan.model_copy(update={"given": None, "labels_of": run}))
    (own,) = create_runs(workspace, plan.model_copy(update={"given": None}))
    requests = [RunFolder(workspace.runs / one).request() for one in (run, again, own)]
    assert [told_by_reference(one, Results()) for one in requests] == [told, told, False]
