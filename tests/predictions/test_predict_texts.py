"""Predictions on texts, with numbers beside them and several heads of every kind."""

import csv
from pathlib import Path

import numpy as np
import pytest

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.predictions import jobs
from ssl_core.predictions.result import PredictionResult, open_result
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.request import TrainedClass, TrainedHead
from ssl_core.runs.saved_model import network_input
from ssl_core.workspace import Workspace
from tests.support.heads import HEADS, make_texts
from tests.support.jobs import ended
from tests.support.runs import make_run
from tests.support.sessions import finished


@pytest.fixture
def dataset(workspace: Workspace) -> Dataset:
    return make_texts(workspace)


@pytest.fixture
def run(workspace: Workspace, dataset: Dataset) -> RunFolder:
    """A run on all three heads that was trained for a few steps."""
    heads = tuple(
        TrainedHead(
            name=head.name,
            title=head.title,
            kind=head.kind,
            unit=head.unit,
            classes=tuple(
                TrainedClass(identifier=index + 1, name=name, colour="#123456")
                for index, name in enumerate(head.classes)
            ),
        )
        for head in HEADS
    )
    folder = make_run(workspace, dataset, "posts", heads=heads, classes=heads[0].classes)
    with np.load(folder / "labels.npz") as known:
        arrays = dict(known)
    items = arrays["items"]
    for head in HEADS[1:]:
        values = np.nan_to_num(dataset.reference_of(head.name)[items])
        arrays |= {
            f"{head.name}/items": items,
            f"{head.name}/values": values,
            f"{head.name}/roles": arrays["roles"],
        }
    np.savez(folder / "labels.npz", **arrays)
    return finished(folder)


def table_of(dataset: Dataset, path: Path, *, columns: tuple[str, ...]) -> Path:
    """The texts of a dataset as a CSV file, with an empty row and a missing number."""
    numeric = np.asarray(dataset.numeric)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["words", *columns])
        for text, (length, weight) in zip(dataset.texts, numeric.tolist(), strict=True):
            writer.writerow([text, length, weight][: 1 + len(columns)])
        writer.writerow(["", *(1 for _ in columns)])
        writer.writerow(["Letter 99 is about sport.", *("" for _ in columns)])
    return path


def predicted(workspace: Workspace, run: RunFolder, path: Path) -> PredictionResult:
    job = jobs.start_prediction(workspace, run.run, str(path))
    progress = ended(lambda: jobs.prediction_progress(workspace, job))
    assert progress.state == "finished", progress.message
    return open_result(jobs.prediction_folder(workspace, job))


def test_every_head_answers_as_the_run_did_and_numbers_have_their_unit(
    workspace: Workspace, dataset: Dataset, run: RunFolder, tmp_path: Path
) -> None:
    path = table_of(dataset, tmp_path / "new.csv", columns=("length", "weight"))
    result = predicted(workspace, run, path)
    assert result.count == dataset.manifest.count + 1  # the empty text is left out
    assert result.description.skipped_count == 1
    topic, urgent, age = result.description.heads
    assert (topic.kind, urgent.classes, age.unit) == ("categorical", ("no", "yes"), "years")
    count = dataset.manifest.count
    with np.load(run.path / "predictions.npz") as known:
        np.testing.assert_array_equal(result.predicted(topic)[:count], known["predicted"])
        np.testing.assert_array_equal(result.predicted(urgent)[:count], known["urgent/predicted"])
        np.testing.assert_allclose(result.predicted(age)[:count], known["age/predicted"], rtol=1e-4)
    assert result.confidence(age) is None
    assert result.answer(age, 0).endswith(" years")
    smallest = result.items(age, None, "unsure")[0]
    assert result.predicted(age)[smallest] == result.predicted(age).min()
    header = result.csv().decode().splitlines()[0]
    assert header == ("file,Topic,Topic: confidence,Urgent,Urgent: confidence,Age (years)")
    assert result.texts_of([3]) == [dataset.texts[3]]
    assert result.names_of([3]) == ["line 5"]


def test_the_means_of_the_numbers_come_from_the_saved_network(
    dataset: Dataset, run: RunFolder
) -> None:
    takes = network_input(run)
    assert takes.texts
    known = np.asarray(dataset.numeric)[np.asarray(dataset.splits) != 1]
    assert len(takes.means) == 2
    assert np.all(np.abs(np.array(takes.means) - known.mean(axis=0)) < known.std(axis=0))


def test_a_missing_column_and_another_dataset_are_told(
    workspace: Workspace, dataset: Dataset, run: RunFolder, tmp_path: Path
) -> None:
    path = table_of(dataset, tmp_path / "new.csv", columns=("length",))
    job = jobs.start_prediction(workspace, run.run, str(path))
    progress = ended(lambda: jobs.prediction_progress(workspace, job))
    assert progress.state == "failed"
    assert "has no column 'weight'" in progress.message
    request = run.request().model_copy(update={"fingerprint": "another"})
    with pytest.raises(UserError, match="no longer the one of this run"):
        jobs.numbers_beside(workspace, request)
    job = jobs.start_prediction(workspace, run.run, str(path), text_column="nothing")
    progress = ended(lambda: jobs.prediction_progress(workspace, job))
    assert "has no column 'nothing'" in progress.message
