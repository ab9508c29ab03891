"""What a study finds: curves, the ceiling, paired differences and ties."""

from collections.abc import Callable

import numpy as np
import pytest
from study_runs import finish, run_all, settings

from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.cost import Pace, pace_of
from ssl_core.labels.store import open_labels
from ssl_core.studies.progress import advance, study_progress
from ssl_core.studies.results import against, find, own_times
from ssl_core.studies.study import Cell, create_study
from ssl_core.workspace import Workspace
from tests.labels.label_events import label

MakeDataset = Callable[..., Dataset]
pytestmark = pytest.mark.usefixtures("no_process")


def accuracy(cell: Cell) -> float:
    """The autoencoder gains 0.10 with 6 labels in every draw, and with 12 in one draw only."""
    if cell.budget is None:
        return 0.95
    share = 0.5 + 0.02 * cell.budget / 6 + 0.03 * cell.draw
    if cell.method == "supervised":
        return share
    gains = {6: (0.09, 0.10, 0.11), 12: (0.10, -0.02, 0.00)}
    return share + gains[cell.budget][cell.draw]


def test_curves_ceiling_and_ties_by_hand(workspace: Workspace, make_dataset: MakeDataset) -> None:
    make_dataset()
    study = create_study(workspace, settings(draws=3, ceiling=True, seeds=(0,)))
    pace = Pace(40, 1.5, dict.fromkeys(study.orders[0], 9.0))
    found = find(run_all(workspace, study.name, accuracy), pace)
    low, high = found.curves["supervised"]
    assert (low.budget, high.budget) == (6, 12)
    assert low.spread.mean == pytest.approx(0.55)
    assert list(low.shares) == [0, 1, 2]
    # Student's t with two degrees of freedom: 4.303 deviations of the mean.
    half = 4.3027 * 0.03 / 3**0.5
    assert low.spread.interval == pytest.approx((0.55 - half, 0.55 + half), abs=1e-5)
    assert found.ceiling is not None
    assert found.ceiling.mean == pytest.approx(0.95)
    assert found.unit == "draws"
    assert found.seconds == {6: pytest.approx(9), 12: pytest.approx(18)}  # simulated
    few, many = found.differences
    assert (few.budget, few.first, few.second) == (6, "supervised", "autoencoder")
    assert few.spread.mean == pytest.approx(-0.10)
    # The curves of both methods overlap, and yet every draw says the same: only pairs tell.
    assert low.spread.interval[1] > found.curves["autoencoder"][0].spread.interval[0]
    assert few.verdict == "second"
    assert many.verdict == "tie"
    turned, _ = against(found, "supervised")
    assert (turned.first, turned.verdict) == ("autoencoder", "first")
    assert turned.spread.mean == pytest.approx(0.10)
    assert turned.spread.interval[0] > 0


def test_with_one_draw_the_seeds_are_the_spread(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    make_dataset()
    study = create_study(workspace, settings(draws=1, seeds=(3, 4), budgets=(6,)))
    found = find(run_all(workspace, study.name, lambda cell: 0.1 * cell.seed))
    (point,) = found.curves["supervised"]
    assert found.unit == "seeds"
    assert point.shares == {3: pytest.approx(0.3), 4: pytest.approx(0.4)}
    assert found.differences[0].verdict == "tie"
    assert found.seconds == {}


def test_own_labels_have_their_own_times(workspace: Workspace, make_dataset: MakeDataset) -> None:
    """Nine labels take 1, 2 ... 9 s in the grid, three came without a time."""
    dataset = make_dataset()
    store = open_labels(dataset)
    value = [one.identifier for one in store.classes()]
    pool = np.flatnonzero(~dataset.held_out).tolist()[:12]
    for place, item in enumerate(pool):
        time = {"seconds": place + 1.0} if place < 9 else {}
        store.append([label(item, value[place % 3], origin="grid", **time)])
    study = create_study(workspace, settings(kind="hand", draws=1, budgets=(6, 12)))
    progress, pace = run_all(workspace, study.name), pace_of(store)
    assert pace is not None
    assert (pace.labels, pace.mean) == (9, pytest.approx(5))
    # 1 + ... + 6; then 1 + ... + 9, and three times the mean of nine.
    assert find(progress, pace).seconds == {6: pytest.approx(21), 12: pytest.approx(60)}
    assert [own_times(study, pace, budget) for budget in (6, 12)] == [6, 9]


def test_seeds_of_a_draw_are_averaged_before_draws_are_compared(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    make_dataset()
    study = create_study(workspace, settings(draws=2, seeds=(3, 4), budgets=(6,)))
    found = find(run_all(workspace, study.name, lambda cell: 0.1 * cell.seed + 0.2 * cell.draw))
    (point,) = found.curves["supervised"]
    assert point.spread.count == 2, "two draws, not four runs"
    assert point.shares == {0: pytest.approx(0.35), 1: pytest.approx(0.55)}


def test_what_has_not_finished_or_failed_is_no_point(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    make_dataset()
    study = create_study(workspace, settings(draws=1, budgets=(6, 12)))
    progress = advance(workspace, study.name)
    finish(workspace, progress.runs[Cell("supervised", 6, 0, 0)], 0.6)
    finish(workspace, progress.runs[Cell("autoencoder", 6, 0, 0)], None)
    found = find(study_progress(workspace, study))
    assert [point.budget for point in found.curves["supervised"]] == [6]
    assert found.curves["autoencoder"] == []
    assert found.differences == []
    assert found.ceiling is None


def test_one_draw_and_one_seed_tell_no_difference(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    make_dataset()
    study = create_study(workspace, settings(draws=1, budgets=(6,)))
    (difference,) = find(run_all(workspace, study.name, accuracy)).differences
    assert difference.verdict == "unknown"
