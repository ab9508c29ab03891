"""The process of an export: `python -m ssl_core.training.export JOB_FOLDER`."""

import os
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from ssl_core.datasets.dataset import open_dataset
from ssl_core.datasets.decoder import CancelledError
from ssl_core.datasets.progress import ImportProgress
from ssl_core.errors import UserError
from ssl_core.exports.card import model_card
from ssl_core.exports.contents import (
    CARD,
    MODEL_NAMES,
    About,
    ModelFormat,
    about_model,
    archive_path,
    files_beside_the_model,
)
from ssl_core.exports.jobs import WHAT, ExportRequest
from ssl_core.jobs import Cancelled, Tell, perform, request_of
from ssl_core.predictions.request import heads_of_run
from ssl_core.runs.folder import RunFolder, open_run
from ssl_core.runs.saved_model import names_classes, network_input
from ssl_core.workspace import Workspace

PROBABILITIES, CLUSTERS = "probabilities", "clusters"
_STAGES = ("loading the model", "writing the model", "packing the files")


def main(folder: Path) -> None:
    """Make the archive that `folder` asks for and write how it ended."""
    workspace = Workspace(folder.parent.parent)
    request = request_of(folder, ExportRequest, WHAT)

    def work(tell: Tell, cancelled: Cancelled) -> None:
        _export(workspace, request, folder, tell, cancelled)

    perform(folder, WHAT, work)


def _export(
    workspace: Workspace, request: ExportRequest, folder: Path, tell: Tell, cancelled: Cancelled
) -> None:
    run = open_run(workspace, request.run)

    def begin(stage: int) -> None:
        if cancelled():
            raise CancelledError
        tell(ImportProgress(state="running", phase=_STAGES[stage], done=stage, total=len(_STAGES)))

    with tempfile.TemporaryDirectory(dir=folder) as name:
        content = Path(name)
        begin(0)
        network, about = loaded(workspace, run)
        begin(1)
        write_model(network, about, content / MODEL_NAMES[request.form], request.form)
        beside = {CARD: model_card(run, about), **files_beside_the_model(about, request.form)}
        for title, text in beside.items():
            (content / title).write_text(text, encoding="utf-8")
        begin(2)
        _pack(content, archive_path(folder), cancelled)
    tell(ImportProgress(state="finished", done=len(_STAGES), total=len(_STAGES)))


def loaded(workspace: Workspace, run: RunFolder):
    """The saved network of a run, and what a program has to know of it. Raises UserError."""
    takes = network_input(run)
    # This must come before the first import of the framework: no training loses its GPU to it.
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["KERAS_BACKEND"] = "tensorflow"  # what SavedModel and ONNX are written by
    from ssl_core.training.inputs import vocabulary_of
    from ssl_core.training.loading import saved_network

    network = saved_network(run)
    clusters = _clusters_of(network)
    heads = heads_of_run(run.request(), clusters, names_classes(run))
    if not heads:
        raise UserError(
            f"The run {run.run!r} was given no label, so its answers have no names of classes. "
            "Label some items, train again and export that run."
        )
    columns = _columns(workspace, run, len(takes.means))
    vocabulary = tuple(vocabulary_of(run.path)) if takes.texts else ()
    return network, about_model(takes, heads, columns, vocabulary)


def write_model(network, about: About, path: Path, form: ModelFormat) -> None:
    """Write the network with one output a question. Raises UserError where ONNX has no words."""
    named = _answering(network, about)
    if form == "keras":
        named.save(path)
    elif form == "savedmodel":
        named.export(str(path), format="tf_saved_model", verbose=False)
    else:
        _as_constants(named)
        named.export(str(path), format="onnx", verbose=False)
        _check_onnx(path)


def _answering(network, about: About):
    """The same network with a dictionary of those outputs that mean something."""
    import keras

    given = network.inputs if len(network.inputs) > 1 else network.inputs[0]
    found = network(given)
    found = found if isinstance(found, dict) else {PROBABILITIES: found}
    wanted = {entry.output: found[entry.output] for entry in about.heads}
    named = keras.Model(given, wanted, name="handful")
    # Keras exports only what was asked once.
    named(keras.tree.map_structure(lambda one: np.zeros((1, *one.shape[1:]), one.dtype), given))
    return named


def _as_constants(network) -> None:
    """Means and variances that are tensors would become inputs of the ONNX model."""
    import keras

    for layer in network.layers:
        if isinstance(layer, keras.Model):
            _as_constants(layer)
        elif isinstance(layer, keras.layers.Normalization):
            layer.mean = keras.ops.convert_to_numpy(layer.mean)
            layer.variance = keras.ops.convert_to_numpy(layer.variance)


def _check_onnx(path: Path) -> None:
    """The converter writes what it has no words for under the name that TensorFlow gives it."""
    import onnx

    try:
        onnx.checker.check_model(str(path), full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        first = " ".join(str(error).split())[:160]
        raise UserError(
            f"This model cannot be written as ONNX, which has no word for a part of it ({first}). "
            "Choose keras or savedmodel."
        ) from error


def _clusters_of(network) -> int:
    """How many clusters the network answers with; 0 for one that finds none."""
    found = network.output
    return int(found[CLUSTERS].shape[-1]) if isinstance(found, dict) and CLUSTERS in found else 0


def _columns(workspace: Workspace, run: RunFolder, count: int) -> tuple[str, ...]:
    """The names of the numbers beside an item; numbered where the dataset is gone."""
    if not count:
        return ()
    try:
        manifest = open_dataset(workspace, run.request().dataset).manifest
    except UserError:
        manifest = None
    if manifest is not None and len(manifest.columns) == count:
        return manifest.columns
    return tuple(f"number {place + 1}" for place in range(count))


def _pack(content: Path, target: Path, cancelled: Cancelled) -> None:
    part = target.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in content.rglob("*") if path.is_file()):
            if cancelled():
                raise CancelledError
            with (
                archive.open(path.relative_to(content).as_posix(), "w", force_zip64=True) as entry,
                path.open("rb") as stream,
            ):
                shutil.copyfileobj(stream, entry)
    os.replace(part, target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
