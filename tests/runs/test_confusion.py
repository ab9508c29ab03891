from collections.abc import Callable

import numpy as np

from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.store import open_labels
from ssl_core.runs.confusion import run_confusion
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.writer import RunWriter
from ssl_core.workspace import Workspace
from tests.support.runs import make_run


def predicting(dataset: Dataset, workspace: Workspace, answers: np.ndarray) -> RunFolder:
    folder = make_run(workspace, dataset)
    probabilities = np.eye(3, dtype=np.float16)[answers]
    np.savez(folder / "predictions.npz", probabilities=probabilities)
    return RunFolder(folder)


def test_the_test_split_is_compared_with_its_reference_labels(
    workspace: Workspace, make_dataset: Callable[..., Dataset]
) -> None:
    dataset = make_dataset(count=60, test=12)
    answers = np.asarray(dataset.reference_labels).copy()
    wrong = np.flatnonzero(dataset.splits == 1)[0]
    answers[wrong] = (answers[wrong] + 1) % 3
    answers[0] = 2  # not of the test split, so it does not count
    confusion = run_confusion(
        dataset, open_labels(dataset), predicting(dataset, workspace, answers)
    )
    assert confusion is not None
    assert confusion.uses_reference_labels
    assert sum(map(sum, confusion.counts)) == 12
    truth = int(dataset.reference_labels[wrong])
    assert confusion.counts[truth][int(answers[wrong])] == 1
    assert confusion.cell(truth, int(answers[wrong])) == [wrong]
    assert len(confusion.cell(truth, truth, limit=2)) == 2


def test_without_a_test_split_the_held_out_hand_labels_count(
    workspace: Workspace, make_dataset: Callable[..., Dataset]
) -> None:
    dataset = make_dataset(count=60, test=0)
    answers = np.asarray(dataset.reference_labels).copy()
    folder = predicting(dataset, workspace, answers)
    confusion = run_confusion(dataset, open_labels(dataset), folder)
    assert confusion is not None
    assert not confusion.uses_reference_labels
    assert confusion.source == "held-out hand labels"
    assert len(confusion.items) == int(dataset.held_out.sum())
    assert set(confusion.items) == set(np.flatnonzero(dataset.held_out))


def test_a_run_without_predictions_has_no_confusion(
    workspace: Workspace, make_dataset: Callable[..., Dataset]
) -> None:
    dataset = make_dataset()
    assert (
        run_confusion(dataset, open_labels(dataset), RunFolder(make_run(workspace, dataset)))
        is None
    )


def test_a_run_that_answered_nothing_has_no_confusion(
    workspace: Workspace, make_dataset: Callable[..., Dataset]
) -> None:
    dataset = make_dataset(count=60, test=12)
    folder = RunFolder(make_run(workspace, dataset))
    for answers, known in ((np.full(60, -1, np.int32), False), (np.arange(60) % 3 - 1, True)):
        np.savez(
            folder.path / "predictions.npz", probabilities=np.zeros((60, 0)), predicted=answers
        )
        assert (run_confusion(dataset, open_labels(dataset), folder) is not None) == known


def test_answers_count_as_they_were_before_rounding(
    workspace: Workspace, make_dataset: Callable[..., Dataset]
) -> None:
    dataset = make_dataset(count=60, test=12)
    folder = RunFolder(make_run(workspace, dataset))
    nearly_even = np.full((60, 3), 0.3333, np.float32)
    nearly_even[np.arange(60), dataset.reference_labels] += 1e-5  # a tie in float16
    writer = RunWriter(folder.path)
    writer.predictions({"probabilities": nearly_even})
    writer.close()
    confusion = run_confusion(dataset, open_labels(dataset), folder)
    assert confusion is not None
    assert np.array_equal(confusion.answers, confusion.truth)


def test_a_run_on_other_images_of_the_same_name_has_no_confusion(
    workspace: Workspace, make_dataset: Callable[..., Dataset]
) -> None:
    dataset = make_dataset(count=60, test=12)
    folder = RunFolder(make_run(workspace, dataset, fingerprint="of the images before"))
    np.savez(folder.path / "predictions.npz", probabilities=np.eye(3)[np.zeros(60, int)])
    assert run_confusion(dataset, open_labels(dataset), folder) is None
