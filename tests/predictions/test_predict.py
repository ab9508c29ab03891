"""Predictions of finished runs on new items: the answers of the run, and what is refused."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ssl_core.datasets.dataset import Dataset
from ssl_core.datasets.progress import ImportProgress
from ssl_core.errors import UserError
from ssl_core.files import replace_bytes
from ssl_core.predictions import jobs
from ssl_core.predictions.result import PredictionResult, open_result
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.status import RunStatus
from ssl_core.workspace import Workspace
from tests.support.jobs import ended
from tests.support.runs import READS_NOTHING, make_run
from tests.support.sessions import finished

MakeDataset = Callable[..., Dataset]


def mark_finished(folder: Path) -> None:
    status = RunStatus(state="finished", heartbeat=time.time())
    replace_bytes(folder / "status.json", status.model_dump_json().encode())


def wait_for_end(workspace: Workspace, job: str) -> ImportProgress:
    return ended(lambda: jobs.prediction_progress(workspace, job))


def predicted(workspace: Workspace, run: RunFolder, location: Path) -> PredictionResult:
    job = jobs.start_prediction(workspace, run.run, str(location))
    progress = wait_for_end(workspace, job)
    assert progress.state == "finished", progress.message
    return open_result(jobs.prediction_folder(workspace, job))


def png_of(image: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(image[:, :, 0]).save(stream, "PNG")
    return stream.getvalue()


def test_images_of_the_dataset_get_the_answers_that_the_run_gave_them(
    workspace: Workspace, make_dataset: MakeDataset, trained_run: RunFolder, tmp_path: Path
) -> None:
    dataset, run = make_dataset(), trained_run
    archive = tmp_path / "new.zip"
    with zipfile.ZipFile(archive, "w") as stream:
        for item in range(dataset.manifest.count):
            stream.writestr(f"deep/{item:03d}.png", png_of(dataset.images[item]))
        stream.writestr("deep/bad.png", b"no image")
        stream.writestr("notes.txt", b"nothing")
    result = predicted(workspace, run, archive)
    (head,) = result.description.heads
    assert (head.name, head.classes) == ("class", ("a", "b", "c"))
    names = result.names_of(range(result.count))
    order = np.argsort(names)
    expected = run.predictions()
    assert expected is not None
    np.testing.assert_array_equal(result.predicted(head)[order], run.predicted())
    np.testing.assert_allclose(result.confidence(head)[order], expected.max(axis=1), atol=2e-3)
    np.testing.assert_array_equal(result.images[int(order[7])], dataset.images[7])
    left_out = {one.file: one.reason for one in result.description.skipped}
    assert set(left_out) == {"deep/bad.png", "notes.txt"}
    rows = result.csv().decode().splitlines()
    assert rows[0] == "file,Class,Class: confidence"
    assert len(rows) == 61
    unsure = result.items(head, None, "unsure")
    confidence = result.confidence(head)[unsure]
    assert (np.diff(confidence) >= 0).all()
    assert result.items(head, None, "sure") != unsure
    chosen = result.items(head, 1, "given")
    assert len(chosen) == result.counts(head)[1]
    assert {result.answer(head, item) for item in chosen} <= {"b"}


def test_one_image_of_any_size_and_colour_is_enough(
    workspace: Workspace, make_dataset: MakeDataset, trained_run: RunFolder, tmp_path: Path
) -> None:
    make_dataset()
    path = tmp_path / "=photo.png"
    Image.new("RGB", (40, 20), (200, 30, 30)).save(path)
    result = predicted(workspace, trained_run, path)
    assert result.count == 1
    assert result.images.shape == (1, 8, 8, 1)
    assert result.csv().decode().splitlines()[1].startswith("'=photo.png,")


def test_clusters_are_told_where_there_are_no_classes(
    workspace: Workspace, make_dataset: MakeDataset, tmp_path: Path
) -> None:
    dataset = make_dataset(reference=False)
    run = finished(make_run(workspace, dataset, method="iic", configuration={"clusters": 4}))
    folder = tmp_path / "images"
    folder.mkdir()
    for item in range(6):
        (folder / f"{item}.png").write_bytes(png_of(dataset.images[item]))
    result = predicted(workspace, run, folder)
    (head,) = result.description.heads
    assert head.name == "clusters"
    assert head.classes == tuple(f"cluster {number}" for number in range(1, 5))
    with np.load(run.path / "predictions.npz") as archive:
        order = np.argsort(result.names_of(range(6)))
        np.testing.assert_array_equal(result.predicted(head)[order], archive["clusters"][:6])


def test_what_cannot_be_asked_is_refused_with_a_sentence(
    workspace: Workspace, make_dataset: MakeDataset, trained_run: RunFolder, tmp_path: Path
) -> None:
    dataset = make_dataset()
    queued = make_run(workspace, dataset)
    with pytest.raises(UserError, match="is queued"):
        jobs.start_prediction(workspace, queued.name, str(tmp_path))
    blind = make_run(workspace, dataset, method=READS_NOTHING)
    mark_finished(blind)
    with pytest.raises(UserError, match="looked at no items"):
        jobs.start_prediction(workspace, blind.name, str(tmp_path))
    mark_finished(queued)
    with pytest.raises(UserError, match="Train again"):
        jobs.start_prediction(workspace, queued.name, str(tmp_path))
    run = trained_run
    with pytest.raises(UserError, match="no file or folder"):
        jobs.start_prediction(workspace, run.run, str(tmp_path / "nowhere"))
    (tmp_path / "a.csv").write_text("text\nhello\n")
    job = jobs.start_prediction(workspace, run.run, str(tmp_path / "a.csv"))
    progress = wait_for_end(workspace, job)
    assert progress.state == "failed"
    assert "looks at images" in progress.message
    assert jobs.list_predictions(workspace, run.run) == [job]
    jobs.delete_prediction(workspace, job)
    assert jobs.list_predictions(workspace) == []
    with pytest.raises(UserError, match="no prediction"):
        jobs.prediction_progress(workspace, job)


def test_predictions_of_a_deleted_run_go_with_the_next_one(
    workspace: Workspace, make_dataset: MakeDataset, trained_run: RunFolder, tmp_path: Path
) -> None:
    dataset, run = make_dataset(), trained_run
    old = workspace.predictions / "20260101-000000-abcdef"
    old.mkdir()
    request = {"run": "gone", "location": "y", "name": "y", "created": "2026-01-01T00:00:00Z"}
    (old / "request.json").write_text(json.dumps(request))
    (old / "progress.json").write_text(json.dumps({"state": "finished"}))
    path = tmp_path / "one.png"
    path.write_bytes(png_of(dataset.images[0]))
    job = jobs.start_prediction(workspace, run.run, str(path))
    assert jobs.list_predictions(workspace) == [job]
    assert wait_for_end(workspace, job).state == "finished"


def test_unnamed_answers_are_not_called_classes(
    workspace: Workspace, make_dataset: MakeDataset, tmp_path: Path
) -> None:
    dataset = make_dataset(reference=False)
    run = finished(make_run(workspace, dataset, method="mine"))
    path = tmp_path / "one.png"
    path.write_bytes(png_of(dataset.images[0]))
    job = jobs.start_prediction(workspace, run.run, str(path))
    progress = wait_for_end(workspace, job)
    assert progress.state == "failed"
    assert "was given no label" in progress.message


def test_a_job_can_be_cancelled(
    workspace: Workspace, make_dataset: MakeDataset, trained_run: RunFolder, tmp_path: Path
) -> None:
    dataset, run = make_dataset(), trained_run
    folder = tmp_path / "many"
    folder.mkdir()
    content = png_of(dataset.images[0])
    for item in range(2000):
        (folder / f"{item}.png").write_bytes(content)
    job = jobs.start_prediction(workspace, run.run, str(folder))
    with pytest.raises(UserError, match="still runs"):
        jobs.delete_prediction(workspace, job)
    jobs.cancel_prediction(workspace, job)
    assert wait_for_end(workspace, job).state == "cancelled"


def test_a_process_that_dies_is_a_failure(
    workspace: Workspace, make_dataset: MakeDataset, tmp_path: Path
) -> None:
    folder = workspace.predictions / "20260101-000000-abcdef"
    folder.mkdir()
    request = {"run": "x", "location": "y", "name": "y", "created": "2026-01-01T00:00:00+00:00"}
    (folder / "request.json").write_text(json.dumps(request))
    (folder / "process.json").write_text(
        json.dumps({"pid": 2**22 - 3, "started": 1.0, "boot": "other", "token": ""})
    )
    progress = jobs.prediction_progress(workspace, folder.name)
    assert progress.state == "failed"
    assert "stopped unexpectedly" in progress.message
