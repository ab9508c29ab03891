"""Models that leave: the same answers in every format, and a script that runs alone."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
from PIL import Image

from ssl_core.datasets.dataset import Dataset
from ssl_core.datasets.decoder import CancelledError
from ssl_core.datasets.progress import ImportProgress
from ssl_core.errors import UserError
from ssl_core.exports import jobs
from ssl_core.exports.card import model_card
from ssl_core.exports.contents import (
    FORMATS,
    MODEL_NAMES,
    PACKAGES,
    About,
    ModelFormat,
    archive_path,
)
from ssl_core.files import replace_bytes
from ssl_core.methods import catalogue
from ssl_core.predictions.request import PredictedHead
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.saved_model import NetworkInput
from ssl_core.runs.status import Results, RunStatus
from ssl_core.training import export
from ssl_core.training.export import about_model, loaded, write_model
from ssl_core.workspace import Workspace
from tests.support.jobs import ended
from tests.support.runs import make_run
from tests.support.sessions import finished
from tests.support.training import COLUMNS, LENGTH, VOCABULARY, cases, compiled, task_for

MakeDataset = Callable[..., Dataset]
TOLERANCE = 1e-4


def exported(workspace: Workspace, run: RunFolder, form: ModelFormat) -> Path:
    """The archive of a run, made by the process that makes it for a person."""
    job = jobs.start_export(workspace, run.run, form)
    progress = ended(lambda: jobs.export_progress(workspace, job))
    assert progress.state == "finished", progress.message
    assert jobs.latest_export(workspace, run.run, form) == job
    return archive_path(jobs.export_folder(workspace, job))


def said_by_script(folder: Path, argument: str) -> list[str]:
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    answer = subprocess.run(
        [sys.executable, str(folder / "predict.py"), argument],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
        cwd=folder.parent,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr[-800:]
    return answer.stdout.splitlines()


@pytest.mark.parametrize("form", FORMATS)
def test_the_archive_holds_a_model_its_card_and_a_script_that_runs(
    workspace: Workspace, make_dataset: MakeDataset, tmp_path: Path, form: ModelFormat
) -> None:
    dataset = make_dataset()
    run = finished(make_run(workspace, dataset))
    folder = tmp_path / "taken away"
    with zipfile.ZipFile(exported(workspace, run, form)) as archive:
        archive.extractall(folder)
    about = About.model_validate_json((folder / "about.json").read_text())
    assert about.heads[0].head.classes == ("a", "b", "c")
    picture = tmp_path / "seven.png"
    Image.fromarray(dataset.images[7][:, :, 0]).save(picture)
    expected = run.predictions()
    predicted = run.predicted()
    assert expected is not None
    assert predicted is not None
    (line,) = said_by_script(folder, str(picture))
    name, share = line.removeprefix("Class: ").rstrip("%").split(" ")
    assert name == ("a", "b", "c")[predicted[7]]
    assert float(share) == pytest.approx(100 * float(expected[7].max()), abs=0.3)
    card = (folder / "model_card.md").read_text()
    assert dataset.manifest.fingerprint in card
    assert "95 % interval" in card
    assert len((folder / "predict.py").read_text().splitlines()) <= 10
    beside = {"README.md", "about.json", "model_card.md", "predict.py", "reading.py"}
    assert beside == {path.name for path in folder.iterdir()} - {MODEL_NAMES[form]}
    readme = (folder / "README.md").read_text()
    assert f"pip install numpy pillow {PACKAGES[form]}\n" in readme
    assert "python predict.py IMAGE\n" in readme


def network_cases() -> list[str]:
    """Every method whose network is asked about items; several heads and numbers too."""
    return [name for name, spec in cases().items() if spec.needs.uses_items]


@pytest.mark.parametrize("name", network_cases())
def test_onnx_and_saved_model_answer_as_keras_does(name: str, tmp_path: Path) -> None:
    spec = cases()[name]
    network = compiled(spec).inference_model()
    task = task_for(spec)
    texts = spec.needs.item == "text"
    generator = np.random.default_rng(4)
    shape = (LENGTH,) if texts else task.item_shape
    items = (
        generator.integers(0, VOCABULARY, (5, *shape)).astype(np.int32)
        if texts
        else generator.random((5, *shape)).astype(np.float32)
    )
    numbers = [generator.random((5, len(COLUMNS))).astype(np.float32)] if task.columns else []
    given = [items, *numbers] if numbers else items
    found = network(given, training=False)
    found = found if isinstance(found, dict) else {"probabilities": found}
    heads = tuple(
        PredictedHead(name=head, title=head, kind="categorical", classes=("x", "y"))
        for head in ("class", *(key for key in found if key != "probabilities"))
    )
    about = about_model(NetworkInput(shape, texts), heads, (), ())
    onnx, saved = tmp_path / "model.onnx", tmp_path / "model"
    write_model(network, about, onnx, "onnx")
    session = onnxruntime.InferenceSession(onnx)
    names = [one.name for one in session.get_inputs()]
    answers = session.run(None, dict(zip(names, [items, *numbers], strict=True)))
    by_name = dict(zip([one.name for one in session.get_outputs()], answers, strict=True))
    assert set(by_name) == set(found)
    write_model(network, about, saved, "savedmodel")
    reloaded = tf.saved_model.load(str(saved))
    served = reloaded.serve(given)
    for output, expected in found.items():
        wanted = keras.ops.convert_to_numpy(expected)
        np.testing.assert_allclose(by_name[output], wanted, atol=TOLERANCE)
        np.testing.assert_allclose(served[output].numpy(), wanted, atol=TOLERANCE)


def test_a_word_that_onnx_does_not_have_is_told(tmp_path: Path) -> None:
    items = keras.Input((4,), name="images")
    chosen = keras.ops.cast(keras.ops.argmax(items, axis=-1), "float32")  # a Bitcast inside
    network = keras.Model(items, keras.ops.stack([chosen, chosen], axis=-1))
    head = PredictedHead(name="class", title="Class", kind="categorical", classes=("x", "y"))
    about = about_model(NetworkInput((4,), False), (head,), (), ())
    with pytest.raises(UserError, match="cannot be written as ONNX"):
        write_model(network, about, tmp_path / "model.onnx", "onnx")


def test_outputs_without_a_name_of_a_class_stay_behind(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    run = finished(make_run(workspace, make_dataset(reference=False), method="iic"))
    network, about = loaded(workspace, run)
    assert [entry.output for entry in about.heads] == ["clusters"]
    assert "clusters" in network.output
    assert "Nothing was measured" in model_card(run, about)
    unnamed = finished(
        make_run(workspace, make_dataset(name="other", reference=False), method="mine")
    )
    with pytest.raises(UserError, match="no label"):
        loaded(workspace, unnamed)


def test_only_a_finished_run_and_a_known_format_are_taken(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    folder = make_run(workspace, make_dataset())
    with pytest.raises(UserError, match="is queued"):
        jobs.start_export(workspace, folder.name, "keras")
    with pytest.raises(UserError, match="no format"):
        jobs.start_export(workspace, folder.name, "pickle")  # type: ignore[arg-type]
    assert jobs.latest_export(workspace, folder.name, "keras") is None


def test_a_name_breaks_no_card(workspace: Workspace, make_dataset: MakeDataset) -> None:
    folder = make_run(workspace, make_dataset(), dataset_name="a | b\n# <script>")
    status = RunStatus(state="finished", results=Results(figures={"nmi/clusters": 0.5}))
    replace_bytes(folder / "status.json", status.model_dump_json().encode())
    about = About(kind="images", shape=(8, 8, 1), columns=(), means=(), heads=())
    card = model_card(RunFolder(folder), about)
    assert "a \\| b # &lt;script>" in card
    assert "no interval is known" in card


def test_every_method_is_in_one_of_the_cases() -> None:
    left_out = {name for name, spec in catalogue().items() if not spec.needs.uses_items}
    assert {name.partition(" with")[0] for name in network_cases()} | left_out == set(catalogue())


def test_every_stage_is_told_and_can_be_cancelled(
    workspace: Workspace, make_dataset: MakeDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(workspace, make_dataset())
    about = About(kind="images", shape=(8, 8, 1), columns=(), means=(), heads=())
    monkeypatch.setattr(export, "loaded", lambda *_: (None, about))
    monkeypatch.setattr(export, "write_model", lambda *given: given[2].write_bytes(b"model"))
    request = jobs.ExportRequest(run=folder.name, form="onnx", created="2026-01-01T00:00:00Z")
    told: list[ImportProgress] = []
    export._export(workspace, request, tmp_path, told.append, lambda: False)
    assert [(one.done, one.total) for one in told] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert [one.phase for one in told[:3]] == [
        "loading the model",
        "writing the model",
        "packing the files",
    ]
    for stage in range(3):
        told.clear()
        with pytest.raises(CancelledError):
            export._export(
                workspace, request, tmp_path, told.append, lambda stage=stage: len(told) == stage
            )
        assert len(told) == stage
