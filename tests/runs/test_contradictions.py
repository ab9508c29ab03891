"""Labels that runs contradict, against cases worked out by hand."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ssl_core.datasets.dataset import Dataset
from ssl_core.heads import Head
from ssl_core.labels.review import FoundLabels, find_labels
from ssl_core.labels.store import LabelStore, open_labels
from ssl_core.runs.contradictions import (
    Opinion,
    contradiction_scores,
    contradicts,
    most_contradicted,
    opinion_of,
    spread_of,
)
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.request import TrainedClass
from ssl_core.workspace import Workspace
from tests.labels.label_events import label
from tests.support.opinions import run_of_three_questions
from tests.support.runs import make_run

MakeDataset = Callable[..., Dataset]


def opinion(answers: list[int], confidence: list[float]) -> Opinion:
    return Opinion("run", np.array(answers, np.int32), np.array(confidence, np.float32))


def test_scores_by_hand() -> None:
    """Item 0 all agree with; item 1 one of two runs contradicts, item 2 both do, item 3 has no
    answer of the second run."""
    items, values = np.array([3, 2, 1, 0]), np.array([1, 1, 1, 1], np.int32)
    runs = [
        opinion([1, 2, 2, 2, 9], [0.9, 0.8, 0.75, 0.6, 1]),
        opinion([1, 1, 3, -1, 9], [0.7, 0.9, 0.25, 0.0, 1]),
    ]
    scores = contradiction_scores(runs, items, values)
    assert scores == pytest.approx([0.6 / 2, (0.75 + 0.25) / 2, 0.8 / 2, 0])
    assert contradiction_scores(runs[:1], items, values) == pytest.approx([0.6, 0.75, 0.8, 0])
    assert contradiction_scores([], items, values).tolist() == [0, 0, 0, 0]


def test_held_out_labels_are_not_told_though_a_run_contradicts_them(
    make_dataset: MakeDataset,
) -> None:
    dataset = make_dataset(test=0)
    items = np.arange(dataset.manifest.count, dtype=np.int64)
    found = FoundLabels(items, items, np.ones(len(items), np.int32))
    run = opinion([2] * len(items), np.linspace(0.4, 0.9, len(items)).tolist())
    contradicted, scores = most_contradicted(dataset, found, [run])
    assert dataset.held_out.any()
    assert contradicted.items.tolist() == np.flatnonzero(~dataset.held_out)[::-1].tolist()
    assert len(scores) == len(contradicted.items)


def finished(workspace: Workspace, dataset: Dataset, store: LabelStore, **changes: object) -> Path:
    """A run that calls item 0 the second class with 0.75, item 1 the third with 0.5, and so on."""
    classes = tuple(
        TrainedClass(identifier=kind.identifier, name=kind.name, colour=kind.colour)
        for kind in store.classes()
    )
    folder = make_run(workspace, dataset, classes=classes, **changes)
    probabilities = np.tile(np.array([0.25, 0.25, 0.5]), (dataset.manifest.count, 1))
    probabilities[0] = [0.125, 0.75, 0.125]
    predicted = np.argmax(probabilities, axis=1).astype(np.int32)
    np.savez(
        folder / "predictions.npz",
        probabilities=probabilities.astype(np.float16),
        predicted=predicted,
    )
    return folder


def test_the_opinion_of_a_run_follows_merged_classes(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset()
    store = open_labels(dataset)
    one, two, three = (kind.identifier for kind in store.classes())
    folder = RunFolder(finished(workspace, dataset, store))
    before = opinion_of(dataset, store, folder)
    assert before is not None
    assert before.answers[:3].tolist() == [two, three, three]
    assert before.confidence[:3].tolist() == [0.75, 0.5, 0.5]
    store.merge_classes(three, one)
    after = opinion_of(dataset, store, folder)
    assert after is not None
    assert after.answers[:3].tolist() == [two, one, one]
    assert after.confidence[:3].tolist() == [0.75, 0.75, 0.75]


def test_a_run_that_cannot_speak_of_these_items_has_no_opinion(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset()
    store = open_labels(dataset)
    without = RunFolder(make_run(workspace, dataset))
    assert opinion_of(dataset, store, without) is None
    other = finished(workspace, dataset, store, fingerprint="0" * 64)
    assert opinion_of(dataset, store, RunFolder(other)) is None
    silent = finished(workspace, dataset, store)
    shape = (dataset.manifest.count, 3)
    nothing = np.full(shape[0], -1, np.int32)
    np.savez(
        silent / "predictions.npz", probabilities=np.zeros(shape, np.float16), predicted=nothing
    )
    assert opinion_of(dataset, store, RunFolder(silent)) is None


@pytest.fixture
def several(workspace: Workspace, make_dataset: MakeDataset) -> tuple[Dataset, LabelStore, Path]:
    dataset = make_dataset()
    folder = run_of_three_questions(workspace, dataset)
    return dataset, open_labels(dataset), folder


def test_further_questions_with_classes_have_an_opinion_with_its_probability(
    several: tuple[Dataset, LabelStore, Path],
) -> None:
    dataset, store, folder = several
    no, yes = (one.identifier for one in store.classes("round"))
    opinion = opinion_of(dataset, store, RunFolder(folder), "round")
    assert opinion is not None
    assert opinion.confidence is not None
    assert set(opinion.answers.tolist()) == {yes}
    assert opinion.confidence[:2] == pytest.approx([0.875, 0.6], abs=1e-3)
    free = np.flatnonzero(~dataset.held_out)
    chosen = [0, *free[free > 0][:2].tolist()]
    kept = [item for item in chosen if not dataset.held_out[item]]
    store.append([label(item, no, head="round") for item in kept[:-1]])
    store.append([label(kept[-1], yes, head="round")])
    found, scores = most_contradicted(dataset, find_labels(store, head="round"), [opinion])
    assert sorted(found.items.tolist()) == sorted(kept[:-1])
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)
    assert opinion_of(dataset, store, RunFolder(folder)) is not None


def test_numbers_are_contradicted_by_their_distance_in_standard_deviations(
    several: tuple[Dataset, LabelStore, Path],
) -> None:
    dataset, store, folder = several
    opinion = opinion_of(dataset, store, RunFolder(folder), "age")
    assert opinion is not None
    assert opinion.confidence is None
    items = np.flatnonzero(~dataset.held_out)[:4].tolist()
    store.append(
        [
            label(item, years, head="age")
            for item, years in zip(items, (38.0, 41.0, 46.0, 75.0), strict=True)
        ]
    )
    spread = spread_of(store, "age")
    assert spread == pytest.approx(np.std([38, 41, 46, 75], ddof=1))
    found, scores = most_contradicted(dataset, find_labels(store, head="age"), [opinion], spread)
    assert found.items.tolist() == [items[3]]  # the others lie within one standard deviation
    assert scores == pytest.approx([35 / spread])
    assert contradicts(opinion, items[3], 75.0, spread) == pytest.approx(35 / spread)
    assert contradicts(opinion, items[2], 46.0, spread) == 0.0
    assert contradicts(opinion, items[3], 75.0, 0.0) == 0.0  # one label has no spread


def test_a_run_without_the_question_or_without_its_probability_is_not_asked(
    several: tuple[Dataset, LabelStore, Path], workspace: Workspace
) -> None:
    dataset, store, folder = several
    store.add_head(Head(name="new", title="New", kind="binary", classes=("no", "yes")))
    assert opinion_of(dataset, store, RunFolder(folder), "new") is None
    with np.load(folder / "predictions.npz") as archive:
        older = {name: archive[name] for name in archive if name != "round/confidence"}
    np.savez(folder / "predictions.npz", **older)
    assert opinion_of(dataset, store, RunFolder(folder), "round") is None
