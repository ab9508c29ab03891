"""Making a study: which labels its runs get, and that each run is made once."""

import threading
from collections.abc import Callable

import numpy as np
import pytest
from study_runs import assert_refused, finish, run_all, settings

from ssl_core.datasets.dataset import Dataset, delete_dataset
from ssl_core.errors import UserError
from ssl_core.labels.draw import draw_labels
from ssl_core.labels.events import LabelEvent
from ssl_core.labels.given import in_turns, label_order
from ssl_core.labels.store import forget_labels, open_labels
from ssl_core.runs.comparison import group_over_seeds
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.launch import create_runs
from ssl_core.runs.listing import list_runs
from ssl_core.runs.plan import RunPlan
from ssl_core.studies.progress import MOST_ALIVE, Progress, advance, pause_study, study_progress
from ssl_core.studies.study import (
    STUDY,
    Cell,
    create_study,
    list_studies,
    read_study,
)
from ssl_core.workspace import Workspace

MakeDataset = Callable[..., Dataset]
pytestmark = pytest.mark.usefixtures("no_process")


def items_of(workspace: Workspace, progress: Progress, cell: Cell) -> set[int]:
    """The items whose labels the run of a cell was given, but for the held-out ones."""
    labels = RunFolder(workspace.runs / progress.runs[cell].run).labels()
    return set(labels["items"][labels["roles"] != 2].tolist())


def hand_label(dataset: Dataset, items: list[int]) -> None:
    store = open_labels(dataset)
    classes = [one.identifier for one in store.classes()]
    store.append(
        [
            LabelEvent(
                event=f"e{item}", kind="label", person="me", item=item, value=classes[item % 3]
            )
            for item in items
        ]
    )


def test_classes_take_turns_and_a_small_class_drops_out() -> None:
    classes = np.array([0, 0, 0, 0, 1, 1, 2], np.int32)
    order = in_turns(np.arange(7), classes, draw=0)
    assert sorted(classes[order[:3]].tolist()) == [0, 1, 2]
    assert sorted(classes[order[3:5]].tolist()) == [0, 1]
    assert classes[order[5:]].tolist() == [0, 0]
    assert sorted(order.tolist()) == list(range(7))
    others = {tuple(in_turns(np.arange(7), classes, draw).tolist()) for draw in range(8)}
    assert len(others) > 4, "each draw is another order"


def test_the_labels_of_a_small_budget_are_part_of_every_larger_one(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset()
    study = create_study(workspace, settings(ceiling=True))
    progress = run_all(workspace, study.name)
    assert progress.total == len(progress.runs) == 2 * 2 * 2 + 1
    for draw in range(2):
        small = items_of(workspace, progress, Cell("supervised", 6, draw, 0))
        large = items_of(workspace, progress, Cell("supervised", 12, draw, 0))
        assert len(small) == 6
        assert len(large) == 12
        assert small < large
        assert small == items_of(workspace, progress, Cell("autoencoder", 6, draw, 0))
        assert np.bincount(dataset.reference_labels[sorted(small)]).tolist() == [2, 2, 2]
    first, second = (items_of(workspace, progress, Cell("supervised", 12, d, 0)) for d in range(2))
    assert first != second
    everything = items_of(workspace, progress, Cell("supervised", None, 0, 0))
    assert len(everything) == 48, "all of the training split, none of the test split"
    assert open_labels(dataset).total() == 0, "nothing was labelled for it"


def test_a_label_has_one_role_at_every_budget_and_seed_of_a_draw(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset(count=330)
    study = create_study(
        workspace, settings(methods=("supervised",), budgets=(40, 90, 150, 300), seeds=(0, 1))
    )
    progress = run_all(workspace, study.name)
    role_of: dict[tuple[int, int], int] = {}
    for cell, run in progress.runs.items():
        labels = RunFolder(workspace.runs / run.run).labels()
        for item, role in zip(labels["items"].tolist(), labels["roles"].tolist(), strict=True):
            assert role_of.setdefault((cell.draw, item), role) == role
        wanted = np.bincount(labels["values"][labels["roles"] == 1], minlength=3)
        each = np.bincount(dataset.reference_labels[labels["items"]])
        assert wanted.tolist() == (each * 0.1 + 0.5).astype(int).tolist()
    drawn = [{item for (d, item), role in role_of.items() if d == draw and role} for draw in (0, 1)]
    assert drawn[0] != drawn[1], "another draw, another part for validation"


def test_runs_of_two_draws_are_not_taken_for_one_seed_trained_twice(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    make_dataset()
    study = create_study(workspace, settings(methods=("supervised",), budgets=(6,)))
    run_all(workspace, study.name)
    groups = group_over_seeds(list_runs(workspace))
    assert len(groups) == 2
    assert {group.request.labels.source for group in groups} == {
        "reference labels, draw 1",
        "reference labels, draw 2",
    }


def test_without_a_test_split_every_run_gets_the_same_held_out_labels(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset(test=0)
    study = create_study(workspace, settings(budgets=(6,)))
    progress = run_all(workspace, study.name)
    held_out = set(np.flatnonzero(dataset.held_out).tolist())
    for cell, run in progress.runs.items():
        labels = RunFolder(workspace.runs / run.run).labels()
        assert set(labels["items"][labels["roles"] == 2].tolist()) == held_out
        assert not items_of(workspace, progress, cell) & held_out


def test_hand_labels_come_in_the_order_in_which_they_were_given(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset()
    given = [30, 2, 7, 1, 21, 14, 5, 40]
    hand_label(dataset, given)
    study = create_study(workspace, settings(kind="hand", budgets=(6, 8), draws=1))
    hand_label(dataset, [9, 10, 11])  # later ones do not reach the study
    progress = run_all(workspace, study.name)
    assert items_of(workspace, progress, Cell("supervised", 6, 0, 0)) == set(given[:6])
    assert items_of(workspace, progress, Cell("supervised", 8, 0, 0)) == set(given)


def test_it_goes_on_a_few_runs_at_a_time_and_makes_what_is_missing(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    make_dataset()
    name = create_study(workspace, settings()).name
    progress = advance(workspace, name)
    assert len(progress.runs) == len(progress.alive) == MOST_ALIVE
    assert advance(workspace, name).runs.keys() == progress.runs.keys(), "none has ended"
    first = progress.alive[0]
    finish(workspace, first, 0.7)
    assert len(advance(workspace, name).runs) == MOST_ALIVE + 1
    finish(workspace, progress.alive[1], None)
    progress = advance(workspace, name)
    assert len(progress.ended("failed")) == 1, "a failed run is not made again by itself"
    assert len(progress.alive) == MOST_ALIVE


def test_many_who_let_it_go_on_at_once_make_each_run_once(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    make_dataset()
    name = create_study(workspace, settings()).name
    threads = [threading.Thread(target=advance, args=(workspace, name)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list_runs(workspace)) == MOST_ALIVE


def test_a_paused_study_makes_no_run(workspace: Workspace, make_dataset: MakeDataset) -> None:
    make_dataset()
    name = create_study(workspace, settings()).name
    pause_study(workspace, name)
    assert not advance(workspace, name).runs
    assert read_study(workspace, name).paused


def test_the_same_settings_are_the_same_study_and_others_need_another_name(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    make_dataset()
    study = create_study(workspace, settings())
    assert create_study(workspace, settings()) == study
    assert create_study(workspace, settings(steps=6)).name != study.name
    assert len(list_studies(workspace, "tiny")) == 2
    assert list_studies(workspace, "other") == []
    with pytest.raises(UserError, match="other settings"):
        create_study(workspace, settings(steps=7), study.name)
    (workspace.studies / study.name / STUDY).write_text("{")
    with pytest.raises(UserError, match="damaged"):
        read_study(workspace, study.name)
    assert len(list_studies(workspace)) == 1


def test_a_study_of_the_same_name_does_not_count_the_runs_of_a_deleted_one(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    make_dataset()
    study = create_study(workspace, settings(), "mine")
    advance(workspace, "mine")
    (workspace.studies / "mine" / STUDY).unlink()
    again = create_study(workspace, settings(), "mine")
    assert again.identity != study.identity
    assert not study_progress(workspace, again).runs


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"methods": ()}, "No method"),
        ({"methods": ("magic",)}, "'magic'"),
        ({"methods": ("gaussian_mine",)}, "Leave it out"),
        ({"methods": ("hard_cascade",)}, "Leave it out"),
        ({"budgets": ()}, "Received the label budgets none"),
        ({"budgets": (12, 6)}, "that grow"),
        ({"budgets": (1,)}, "at least 2"),
        ({"budgets": (6, 49)}, "48 reference labels are known"),
        ({"draws": 0}, "expected 1 to 20"),
        ({"kind": "hand", "draws": 2}, "make one draw"),
        ({"kind": "hand", "draws": 1}, "0 labels are given"),
        ({"seeds": tuple(range(200))}, "at most 500"),
        ({"seeds": (-1,)}, "Seed -1"),
        ({"steps": 0}, "Steps: received 0"),
        ({"device": "gpu:9"}, "no device"),
        ({"dataset": "nowhere"}, "'nowhere'"),
    ],
)
def test_an_impossible_study_is_refused_with_its_reason(
    workspace: Workspace, make_dataset: MakeDataset, changes: dict[str, object], words: str
) -> None:
    make_dataset()
    assert_refused(workspace, changes, words)


def test_data_imported_anew_end_the_study_with_a_sentence(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset()
    name = create_study(workspace, settings()).name
    forget_labels(dataset.folder)
    delete_dataset(workspace, "tiny")
    make_dataset(count=66)
    with pytest.raises(UserError, match="no longer the one"):
        advance(workspace, name)


def test_labels_of_now_are_given_as_before(workspace: Workspace, make_dataset: MakeDataset) -> None:
    """The control: a plan without chosen labels takes what the store holds."""
    dataset = make_dataset()
    draw_labels(dataset, open_labels(dataset), 4, 0)
    (run,) = create_runs(workspace, RunPlan(dataset="tiny", method="supervised", steps=3))
    request = RunFolder(workspace.runs / run).request()
    assert sum(request.labels.per_class.values()) == 12
    assert request.labels.source == ""
    assert request.cell is None
    assert len(label_order(dataset, open_labels(dataset), "hand", 0)[0]) == 12
