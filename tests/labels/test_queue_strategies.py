"""The queue by strategies: what every one of them keeps to, and what makes it change."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from label_events import label, skip

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.files import write_json
from ssl_core.labels import run_orders
from ssl_core.labels.queue import next_items, queue_for
from ssl_core.labels.random_order import fixed_order
from ssl_core.labels.store import LabelStore, open_labels
from ssl_core.labels.strategies.catalogue import PEOPLE, PER_CLASS, RANDOM, STRATEGIES
from ssl_core.runs.request import StudyCell
from ssl_core.runs.status import RunStatus
from ssl_core.runs.writer import RunWriter
from ssl_core.workspace import Workspace
from tests.support.runs import make_run

MakeDataset = Callable[..., Dataset]
BY_MODEL = [name for name in STRATEGIES if name not in (RANDOM, PEOPLE)]


def finished_run(
    workspace: Workspace, dataset: Dataset, seed: int, clusters: bool = True, **changes: object
) -> Path:
    """A run with answers drawn by `seed`, and features and clusters that go with them."""
    folder = make_run(workspace, dataset, **changes)
    generator = np.random.default_rng(seed)
    count = dataset.manifest.count
    found = generator.dirichlet(np.full(3, 0.5), count).astype(np.float32)
    answers = {"probabilities": found}
    if clusters:
        answers["clusters"] = generator.dirichlet(np.ones(4), count).astype(np.float32)
    writer = RunWriter(folder)
    writer.predictions(answers)
    writer.embeddings(generator.normal(size=(count, 6)).astype(np.float16))
    writer.close()
    status = RunStatus(state="finished", steps=8)
    write_json(folder / "status.json", status.model_dump(mode="json"))
    return folder


@pytest.fixture
def dataset(make_dataset: MakeDataset) -> Dataset:
    return make_dataset(count=400, test=100)


@pytest.mark.parametrize("runs", [0, 2])
@pytest.mark.parametrize("strategy", list(STRATEGIES))
def test_what_every_strategy_keeps_to(
    workspace: Workspace, dataset: Dataset, store: LabelStore, strategy: str, runs: int
) -> None:
    for seed in range(runs):
        finished_run(workspace, dataset, seed)
    store.set_strategy(strategy)
    labelled, skipped = [3, 30, 299], [4, 5]
    store.append([label(item, 1) for item in labelled] + [skip(item) for item in skipped])
    queue = next_items(dataset, store, 1000)
    assert sorted(queue) == sorted(set(range(300)) - set(labelled))
    assert queue[-2:] == skipped
    assert queue == next_items(dataset, store, 1000)
    assert next_items(dataset, store, 25) == queue[:25]


@pytest.mark.parametrize("strategy", BY_MODEL)
def test_a_tenth_comes_by_chance_and_the_rest_by_the_run(
    workspace: Workspace, dataset: Dataset, store: LabelStore, strategy: str
) -> None:
    store.set_strategy(strategy)
    for seed in range(2):
        folder = finished_run(workspace, dataset, seed, created=f"2026-01-0{seed + 1}")
    queue = next_items(dataset, store, 100)
    order = fixed_order(dataset)
    assert queue[9::10] != queue[8::10]
    by_chance = [item for item in order[:100].tolist() if item in queue[9::10]]
    assert queue[9::10] == by_chance
    rest = [item for place, item in enumerate(queue) if place % 10 != 9]
    if strategy == PER_CLASS:  # in random order within a class
        predicted = np.load(folder / "predictions.npz")["predicted"]
        assert sorted(predicted[rest[:9]]) == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    else:  # the negative control: not by chance
        first = set(order[:100].tolist())
        assert np.mean([item in first for item in rest]) < 0.6


def test_a_merged_class_gets_no_place_while_another_has_fewer_labels(
    workspace: Workspace, dataset: Dataset, store: LabelStore
) -> None:
    folder = finished_run(workspace, dataset, 0)
    predicted = np.load(folder / "predictions.npz")["predicted"]
    store.set_strategy(PER_CLASS)
    one, two, three = (kind.identifier for kind in store.classes())
    store.append([label(item, two) for item in range(20)])
    store.append([label(item, one) for item in range(20, 30)])
    assert set(predicted[next_items(dataset, store, 9)]) == {2}
    store.merge_classes(three, two)
    assert set(predicted[next_items(dataset, store, 9)]) == {0}


@pytest.mark.parametrize("runs", [0, 2])
@pytest.mark.parametrize("strategy", list(STRATEGIES))
def test_the_part_for_the_test_figure_comes_in_random_order_whatever_is_chosen(
    workspace: Workspace, make_dataset: MakeDataset, strategy: str, runs: int
) -> None:
    own = make_dataset(count=300, test=0, name="own")
    labels = open_labels(own)
    for seed in range(runs):
        finished_run(workspace, own, seed)
    labels.set_strategy(strategy)
    aside = [item for item in fixed_order(own).tolist() if own.held_out[item]]
    queue = next_items(own, labels, 100)
    asked = [item for item in queue if own.held_out[item]]
    assert asked == aside[: len(asked)]
    assert len(asked) == pytest.approx(100 * own.held_out.mean(), abs=6)


def test_a_finished_run_orders_the_queue_anew(
    workspace: Workspace, dataset: Dataset, store: LabelStore
) -> None:
    store.set_strategy("margin")
    cold = queue_for(dataset, store, 50)
    assert cold.ordering.runs == ()
    first = finished_run(workspace, dataset, 1, created="2026-01-02")
    by_first = queue_for(dataset, store, 50)
    assert by_first.items != cold.items
    finished_run(workspace, dataset, 2, created="2026-01-03")
    by_second = queue_for(dataset, store, 50)
    assert by_second.items != by_first.items
    assert len({one.ordering.key for one in (cold, by_first, by_second)}) == 3
    store.set_strategy("margin", first.name)
    assert queue_for(dataset, store, 50).items == by_first.items


def test_runs_that_cannot_serve_are_passed_over(
    workspace: Workspace, dataset: Dataset, store: LabelStore
) -> None:
    store.set_strategy("clusters")
    serving = finished_run(workspace, dataset, 1, created="2026-01-02")
    finished_run(workspace, dataset, 2, clusters=False, created="2026-01-03")
    cell = StudyCell(study="costs", identity="one", budget=20, draw=0)
    finished_run(workspace, dataset, 3, cell=cell, created="2026-01-04")
    finished_run(workspace, dataset, 4, fingerprint="f" * 64, created="2026-01-05")
    make_run(workspace, dataset, created="2026-01-06")
    queue = queue_for(dataset, store, 9)
    assert [run.name for run in queue.ordering.runs] == [serving.name]
    assert len(queue.runs) == 2
    store.set_strategy("runs")
    assert len(queue_for(dataset, store, 9).ordering.runs) == 2


def test_a_run_that_is_damaged_or_deleted_stops_nobody(
    workspace: Workspace, dataset: Dataset, store: LabelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = finished_run(workspace, dataset, 1)
    store.set_strategy("entropy", folder.name)

    def gone(*_: object) -> None:
        raise UserError("The run was deleted meanwhile.")

    monkeypatch.setattr(run_orders, "_needed", gone)
    assert next_items(dataset, store, 50) == fixed_order(dataset)[:50].tolist()
    (folder / "predictions.npz").write_bytes(b"damaged")
    (folder / "embeddings.npz").unlink()
    assert queue_for(dataset, store, 50).ordering.runs == ()
    assert len(next_items(dataset, store, 50)) == 50


def test_orders_are_worked_out_once(
    workspace: Workspace, dataset: Dataset, store: LabelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished_run(workspace, dataset, 1)
    store.set_strategy("diversity")
    calls = []
    real = run_orders._worked_out
    monkeypatch.setattr(run_orders, "_worked_out", lambda *a: (calls.append(a), real(*a))[1])
    run_orders._orders.clear()
    first = next_items(dataset, store, 20)
    store.append([label(first[0], 1)])
    assert next_items(dataset, store, 19) == first[1:]
    assert len(calls) == 1
    store.append([label(item, 1) for item in range(150)])
    next_items(dataset, store, 20)
    assert len(calls) == 2  # it is to be unlike what was labelled meanwhile


def test_sent_items_come_first_whatever_the_strategy(
    workspace: Workspace, dataset: Dataset, store: LabelStore
) -> None:
    finished_run(workspace, dataset, 1)
    store.append([label(7, 1)])
    store.set_strategy("margin")
    before = next_items(dataset, store, 30)
    store.send_items([7, 250, before[0]], "runs differ")
    queue = queue_for(dataset, store, 30)
    assert queue.items[:3] == [7, 250, before[0]]
    assert len(set(queue.items)) == 30
    assert queue.asked_again[7] == "runs differ"
    store.append([label(7, 2), skip(250)])
    assert next_items(dataset, store, 30)[0] == before[0]


def test_a_strategy_is_kept_and_checked(dataset: Dataset, store: LabelStore) -> None:
    assert store.strategy().strategy == RANDOM
    store.set_strategy("entropy", "run-1")
    assert (store.strategy().strategy, store.strategy().run) == ("entropy", "run-1")
    with pytest.raises(UserError, match="no strategy 'guess'"):
        store.set_strategy("guess")
    with pytest.raises(UserError, match="not a name"):
        store.set_strategy("entropy", "../run")
