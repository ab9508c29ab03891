"""The queue of each strategy against an order worked out by hand, for twelve items."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from label_events import label

from ssl_core.datasets.dataset import Dataset
from ssl_core.files import write_json
from ssl_core.labels import run_orders
from ssl_core.labels.queue import next_items
from ssl_core.labels.random_order import fixed_order
from ssl_core.labels.store import LabelStore, open_labels
from ssl_core.labels.strategies.catalogue import PEOPLE, RANDOM, STRATEGIES
from ssl_core.runs.status import RunStatus
from ssl_core.runs.writer import RunWriter
from ssl_core.workspace import Workspace
from tests.support.runs import make_run

COUNT, TEST = 15, 3  # so that twelve items can be asked
BY_MODEL = [name for name in STRATEGIES if name not in (RANDOM, PEOPLE)]
SURE = [1.0, 0.0, 0.0]
#     item: probabilities          margin  entropy in nats
SAID = {
    0: [0.50, 0.50, 0.00],  #      0.00    0.69
    1: [0.40, 0.30, 0.30],  #      0.10    1.09
    2: [0.98, 0.01, 0.01],  #      0.97    0.11
    3: [0.60, 0.20, 0.20],  #      0.40    0.95
    4: [0.55, 0.44, 0.01],  #      0.11    0.74
    5: [0.90, 0.10, 0.00],  #      0.80    0.33
    6: [0.72, 0.28, 0.00],  #      0.44    0.59
    7: [0.34, 0.33, 0.33],  #      0.01    1.10
    8: [0.80, 0.10, 0.10],  #      0.70    0.64
    9: [0.64, 0.26, 0.10],  #      0.38    0.87
}
ON_A_LINE = [0.0, 1.0, 10.0, 4.0, *(0.01 * item for item in range(4, COUNT))]


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Orders of other tests on data of the same fingerprint are forgotten."""
    run_orders._orders.clear()


@pytest.fixture
def dataset(make_dataset: Callable[..., Dataset]) -> Dataset:
    return make_dataset(count=COUNT, test=TEST)


def run_says(
    workspace: Workspace,
    dataset: Dataset,
    said: dict[int, list[float]],
    clusters: Sequence[int] = (0,) * COUNT,
    places: Sequence[float] = (0.0,) * COUNT,
) -> None:
    """A finished run with these probabilities, and SURE of the other items.

    clusters: of every item. places: on a line, its features.
    """
    folder = make_run(workspace, dataset)
    probabilities = np.array([said.get(item, SURE) for item in range(COUNT)], np.float32)
    features = np.stack([places, np.zeros(COUNT)], axis=1).astype(np.float16)
    writer = RunWriter(folder)
    writer.predictions(
        {"probabilities": probabilities, "clusters": np.eye(4, dtype=np.float32)[list(clusters)]}
    )
    writer.embeddings(features)
    writer.close()
    status = RunStatus(state="finished", steps=8)
    write_json(folder / "status.json", status.model_dump(mode="json"))


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("margin", [0, 7, 1, 4, 9, 3, 6, 8, 5]),
        ("entropy", [7, 1, 3, 9, 4, 0, 8, 6, 5]),
    ],
)
def test_the_least_sure_items_by_margin_and_by_entropy(
    workspace: Workspace, dataset: Dataset, store: LabelStore, strategy: str, expected: list[int]
) -> None:
    run_says(workspace, dataset, SAID)
    store.set_strategy(strategy)
    assert next_items(dataset, store, 9) == expected


def test_what_runs_disagree_on_most_comes_first(
    workspace: Workspace, dataset: Dataset, store: LabelStore
) -> None:
    run_says(workspace, dataset, SAID)
    # Items 2, 8 and 1 get another answer, ever less sure of it; item 5 the same, less surely.
    others = {2: [0.01, 0.98, 0.01], 8: [0.1, 0.8, 0.1], 1: [0.3, 0.4, 0.3], 5: [0.6, 0.4, 0.0]}
    run_says(workspace, dataset, SAID | others)
    store.set_strategy("runs")
    assert next_items(dataset, store, 4) == [2, 8, 1, 5]


def test_classes_with_the_fewest_labels_are_filled_up_first(
    workspace: Workspace, dataset: Dataset, store: LabelStore
) -> None:
    takes = {item: np.eye(3)[item % 3].tolist() for item in range(COUNT)}
    run_says(workspace, dataset, takes)
    a, _, c = (one.identifier for one in store.classes())
    store.append([label(0, a), label(3, a), label(2, c)])
    store.set_strategy("per-class")
    queue = next_items(dataset, store, 6)
    # From 2, 0, 1 labels: b, b (the first of two with one), c; then all have two.
    assert [item % 3 for item in queue] == [1, 1, 2, 0, 1, 2]
    order = [item for item in fixed_order(dataset).tolist() if item not in (0, 2, 3)]
    for kind in range(3):
        mine = [item for item in queue if item % 3 == kind]
        assert mine == [item for item in order if item % 3 == kind][: len(mine)]


@pytest.mark.parametrize(("labelled", "expected"), [(0, [2, 3, 1]), (2, [0, 3, 1])])
def test_what_is_least_like_the_labelled_by_the_features_of_the_run(
    workspace: Workspace, dataset: Dataset, store: LabelStore, labelled: int, expected: list[int]
) -> None:
    """Features lie at 0, 1, 10 and 4, the others near 0: from 0 the farthest is 10, then 4."""
    run_says(workspace, dataset, SAID, places=ON_A_LINE)
    store.append([label(labelled, 1)])
    store.set_strategy("diversity")
    assert next_items(dataset, store, 3) == expected


def test_clusters_take_turns_with_their_most_typical_items(
    workspace: Workspace, dataset: Dataset, store: LabelStore
) -> None:
    """The middles are 3, 13 and 25; the test split has no part in them."""
    clusters = [0] * 3 + [1] * 3 + [2] * 6 + [0] * TEST
    places = [0, 4, 5, 10, 11, 18, 20, 21, 22, 23, 24, 40, *[100] * TEST]
    run_says(workspace, dataset, SAID, clusters, places)
    store.set_strategy("clusters")
    assert next_items(dataset, store, 9) == [1, 4, 10, 2, 3, 9, 0, 5, 8]


def test_without_a_model_the_order_is_the_one_that_was_drawn(
    dataset: Dataset, store: LabelStore
) -> None:
    order = fixed_order(dataset).tolist()
    store.append([label(order[1], 1, "me"), label(order[4], 1, "me"), label(order[4], 2, "you")])
    store.set_strategy(RANDOM)
    assert next_items(dataset, store, 20) == [order[0], *order[2:4], *order[5:]]
    store.set_strategy(PEOPLE)
    assert next_items(dataset, store, 20) == [order[4], order[0], *order[2:4], *order[5:]]


@pytest.mark.parametrize("strategy", BY_MODEL)
def test_before_a_run_every_second_item_is_the_one_least_alike_in_pixels(
    make_dataset: Callable[..., Dataset], strategy: str
) -> None:
    dataset = make_dataset(count=COUNT, test=TEST, name="even")
    shades = np.array([0, 20, 200, 80, *range(4, COUNT)], np.uint8)  # as ON_A_LINE: 0, 1, 10, 4
    images = np.broadcast_to(shades[:, None, None, None], (COUNT, 8, 8, 1))
    np.save(dataset.folder / "images.npy", images)
    store = open_labels(dataset)
    store.append([label(0, 1)])
    store.set_strategy(strategy)
    queue = next_items(dataset, store, 6)  # from the second place on, which is drawn
    drawn = [item for item in fixed_order(dataset).tolist() if item != 0]
    least_alike = [2, 3, 1]
    expected: list[int] = []
    for place in range(6):
        source = least_alike if place % 2 else drawn
        expected.append(next(item for item in source if item not in expected))
    assert queue == expected
