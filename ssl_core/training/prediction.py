"""The process of a prediction: `python -m ssl_core.training.prediction JOB_FOLDER`.

Light until the items lie in their shape; then the framework asks the saved network, on the CPU,
so that no training loses its GPU to it.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.decoder import CancelledError
from ssl_core.datasets.jobs import remove_upload
from ssl_core.datasets.lines import read_lines
from ssl_core.datasets.progress import ImportProgress, Reporter
from ssl_core.errors import UserError
from ssl_core.files import write_json
from ssl_core.jobs import Cancelled, Tell, perform, request_of
from ssl_core.predictions.items import Prepared, prepare_images, prepare_texts
from ssl_core.predictions.jobs import WHAT, numbers_beside
from ssl_core.predictions.request import (
    CLUSTERS,
    DESCRIPTION,
    ITEMS,
    NUMERIC,
    RESULT,
    TEXTS,
    Description,
    PredictedHead,
    PredictionRequest,
    heads_of_run,
)
from ssl_core.runs.folder import RunFolder, open_run
from ssl_core.runs.saved_model import NetworkInput, names_classes, network_input
from ssl_core.workspace import Workspace

PROBABILITIES = "probabilities"


class Asked(NamedTuple):
    """Items as the network takes them."""

    inputs: NDArray  # (count, height, width, channels) uint8, or (count, length) int32
    numeric: NDArray[np.float32] | None  # (count, columns), without gaps


def main(folder: Path) -> None:
    """Do the prediction that `folder` describes and write how it ended."""
    workspace = Workspace(folder.parent.parent)
    request = request_of(folder, PredictionRequest, WHAT)

    def work(tell: Tell, cancelled: Cancelled) -> None:
        try:
            count, skipped = _predict(workspace, request, folder, Reporter(tell), cancelled)
        finally:
            remove_upload(workspace, request.location)
        tell(ImportProgress(state="finished", done=count, total=count, skipped=skipped))

    perform(folder, WHAT, work)


def _predict(
    workspace: Workspace,
    request: PredictionRequest,
    folder: Path,
    report: Reporter,
    cancelled: Cancelled,
) -> tuple[int, int]:
    """How many items were predicted, and how many files or rows were left out."""
    run = open_run(workspace, request.run)
    takes = network_input(run)
    columns = numbers_beside(workspace, run.request()) if takes.means else ()
    path = Path(request.location)
    if takes.texts:
        prepared = prepare_texts(path, request.text_column, columns, folder, report, cancelled)
    else:
        prepared = prepare_images(path, takes.shape, folder, report, cancelled)
    report.phase("loading the model", None)
    asked = Asked(_inputs(run, takes, folder, prepared.count), _numbers(takes, folder, prepared))
    answers = _answers(run, asked, report, cancelled)
    heads = _write(folder, run, answers)
    notes = []
    if columns and not takes.texts:
        notes.append(
            f"The numbers beside the images ({', '.join(columns)}) are not known of these: the "
            "means of the training were used."
        )
    description = Description(
        kind="texts" if takes.texts else "images",
        count=prepared.count,
        heads=heads,
        skipped=tuple(prepared.skipped),
        skipped_count=prepared.skipped_count,
        notes=tuple(notes),
    )
    write_json(folder / DESCRIPTION, description.model_dump(mode="json"))
    return prepared.count, prepared.skipped_count


def _inputs(run: RunFolder, takes: NetworkInput, folder: Path, count: int) -> NDArray:
    if not takes.texts:
        return np.load(folder / ITEMS, mmap_mode="r", allow_pickle=False)[:count]
    _choose_cpu()
    from ssl_core.training.inputs import vocabulary_of
    from ssl_core.training.texts import tokens_by_vocabulary

    texts = list(read_lines(folder / TEXTS))
    return tokens_by_vocabulary(texts, vocabulary_of(run.path), takes.shape[0])


def _numbers(takes: NetworkInput, folder: Path, prepared: Prepared) -> NDArray[np.float32] | None:
    """The numbers beside the items, the mean of the training where one is missing."""
    if not takes.means:
        return None
    means = np.array(takes.means, np.float32)
    if not (folder / NUMERIC).is_file():
        return np.tile(means, (prepared.count, 1))
    known = np.load(folder / NUMERIC, allow_pickle=False)
    return np.where(np.isfinite(known), known, means)


def _answers(
    run: RunFolder, asked: Asked, report: Reporter, cancelled: Callable[[], bool]
) -> dict[str, NDArray[np.float32]]:
    """What the network says: name of the output -> (count, ...)."""
    _choose_cpu()
    from ssl_core.training.data import as_network_input
    from ssl_core.training.loading import saved_network
    from ssl_core.training.parts import batch_size

    network = saved_network(run)
    count = len(asked.inputs)
    size = batch_size(count, asked.inputs.shape[1:3])
    report.phase("asking the model", count)
    parts: dict[str, list[NDArray]] = {}
    for first in range(0, count, size):
        if cancelled():
            raise CancelledError
        # The last batch is filled up, so that one shape is compiled.
        chosen = np.resize(np.arange(first, min(count, first + size)), size)
        batch = as_network_input(np.asarray(asked.inputs[chosen]))
        given = batch if asked.numeric is None else [batch, asked.numeric[chosen]]
        found = network.predict_on_batch(given)
        found = found if isinstance(found, dict) else {PROBABILITIES: found}
        for name, rows in found.items():
            parts.setdefault(name, []).append(rows[: count - first])
        report.done(min(count, first + size))
    return {name: np.concatenate(rows) for name, rows in parts.items()}


def _write(
    folder: Path, run: RunFolder, answers: dict[str, NDArray[np.float32]]
) -> tuple[PredictedHead, ...]:
    """Write `result.npz`; the questions that it answers. Raises UserError without any."""
    clusters = answers[CLUSTERS].shape[1] if CLUSTERS in answers else 0
    heads = heads_of_run(run.request(), clusters, names_classes(run))
    if not heads:
        raise UserError(
            f"The run {run.run!r} was given no label, so its answers have no names of classes. "
            "Label some items, train again and predict with that run."
        )
    arrays: dict[str, NDArray] = {}
    for place, head in enumerate(heads):
        first = place == 0 and head.name != CLUSTERS
        found = answers[PROBABILITIES if first else head.name]
        if head.kind == "regression":
            arrays[f"{head.name}/predicted"] = found[:, 0].astype(np.float32)
        else:
            arrays[f"{head.name}/predicted"] = found.argmax(axis=1).astype(np.int32)
            arrays[f"{head.name}/confidence"] = found.max(axis=1).astype(np.float32)
    np.savez(folder / RESULT, **arrays)
    return heads


def _choose_cpu() -> None:
    """This must come before the first import of the framework."""
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
