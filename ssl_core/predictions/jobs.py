"""Predictions as processes of their own: the framework never enters the process of the pages."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from ssl_core.datasets.dataset import open_dataset
from ssl_core.datasets.progress import ImportProgress
from ssl_core.errors import UserError
from ssl_core.jobs import begin_job, cancel_job, delete_job, progress_of, request_of
from ssl_core.predictions.request import PredictionRequest, is_prediction
from ssl_core.runs.folder import open_run
from ssl_core.runs.request import RunRequest
from ssl_core.runs.saved_model import network_input
from ssl_core.workspace import Workspace, checked_identifier

WHAT = "prediction"
COMMAND = "ssl_core.training.prediction"


def start_prediction(
    workspace: Workspace, run: str, location: str, name: str = "", text_column: str | None = None
) -> str:
    """Start asking a finished run about new items; the identifier of the job. Raises UserError.

    location: a zip archive, a folder or an image file; for a run on texts a CSV file.
    """
    network_input(open_run(workspace, run))  # refuses at once what cannot be asked
    if not Path(location).exists():
        raise UserError(f"There is no file or folder {location[:200]!r}. Check the spelling.")
    request = PredictionRequest(
        run=run,
        location=location,
        name=name or Path(location).name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        text_column=text_column or None,
    )
    _forget_runs_that_are_gone(workspace)
    return begin_job(workspace.predictions, request, COMMAND, WHAT)


def numbers_beside(workspace: Workspace, request: RunRequest) -> tuple[str, ...]:
    """The names of the numbers beside the items of a run. Raises UserError without its dataset."""
    manifest = open_dataset(workspace, request.dataset).manifest
    if manifest.fingerprint != request.fingerprint:
        raise UserError(
            f"The dataset {request.dataset!r} is no longer the one of this run, so the numbers "
            "that it needs beside each item are not known. Choose another run."
        )
    return manifest.columns


def prediction_folder(workspace: Workspace, job: str) -> Path:
    """The folder of a prediction. Raises UserError where there is none."""
    folder = workspace.predictions / checked_identifier(job)
    if not is_prediction(folder):
        raise UserError(f"There is no prediction {job!r}. It may have been deleted.")
    return folder


def prediction_request(workspace: Workspace, job: str) -> PredictionRequest:
    """What was asked for. Raises UserError where it cannot be read."""
    return request_of(prediction_folder(workspace, job), PredictionRequest, WHAT)


def prediction_progress(workspace: Workspace, job: str) -> ImportProgress:
    """What is true of the job now."""
    return progress_of(prediction_folder(workspace, job), WHAT)


def list_predictions(workspace: Workspace, run: str | None = None) -> list[str]:
    """All predictions, or those of one run, the newest first."""
    found = sorted(path.name for path in workspace.predictions.glob("*") if is_prediction(path))
    if run is None:
        return found[::-1]
    return [job for job in found[::-1] if _is_of(workspace, job, run)]


def cancel_prediction(workspace: Workspace, job: str) -> None:
    """Ask the job to stop; one that does not within 10 s is ended by force."""
    cancel_job(prediction_folder(workspace, job))


def delete_prediction(workspace: Workspace, job: str) -> None:
    """Remove a prediction that has ended. Raises UserError while it runs."""
    delete_job(prediction_folder(workspace, job), WHAT)


def _forget_runs_that_are_gone(workspace: Workspace) -> None:
    """Remove predictions of deleted runs, which no page shows any more."""
    for job in list_predictions(workspace):
        with suppress(UserError):
            run = prediction_request(workspace, job).run
            if not (workspace.runs / checked_identifier(run)).exists():
                delete_prediction(workspace, job)


def _is_of(workspace: Workspace, job: str, run: str) -> bool:
    try:
        return prediction_request(workspace, job).run == run
    except UserError:
        return False
