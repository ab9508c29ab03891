"""Making, stopping, resuming and deleting runs."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import time
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import Dataset, open_dataset
from ssl_core.errors import UserError
from ssl_core.files import read_json, replace_bytes, sync_folder, write_json
from ssl_core.labels.snapshot import Snapshot, draw_roles
from ssl_core.locks import only_one
from ssl_core.methods import method_named, validated
from ssl_core.methods.base import Hyperparameters
from ssl_core.runs.folder import LABELS, REQUEST, STATUS, RunFolder, open_run
from ssl_core.runs.plan import RunPlan, check_plan, labels_for, warnings_of_plan
from ssl_core.runs.process import (
    PATIENCE_SECONDS,
    StopOutcome,
    request_stop,
    start_worker,
    wait_for_exit,
)
from ssl_core.runs.request import RunRequest
from ssl_core.runs.status import RunStatus
from ssl_core.runs.supervision import LAUNCH, STOP, process_alive, true_status
from ssl_core.runs.version import code_version
from ssl_core.workspace import Workspace

__all__ = [
    "RunPlan",
    "check_plan",
    "create_runs",
    "delete_run",
    "resume_run",
    "stop_run",
    "warnings_of_plan",
]

_ENDING_SECONDS = 10.0  # between a final state and the end of its process
_START_LOCK_SECONDS, _RUN_LOCK_SECONDS = 60.0, 30.0  # that another process is waited for
_KEY_SECONDS = 24 * 3600.0  # how long a repeated request is recognised


def create_runs(workspace: Workspace, plan: RunPlan, request_key: str | None = None) -> list[str]:
    """Make one run for each seed, start their processes, return the identifiers in that order.

    A second call with the same `request_key` (a second press of one button) starts nothing and
    returns the same identifiers. Raises UserError where the plan is impossible.
    """
    if request_key is None:
        return _make(workspace, plan, None)
    name = hashlib.sha256(request_key.encode()).hexdigest()[:32]
    answer = workspace.locks / f"request-{name}.json"
    requests = workspace.locks / "requests.lock"
    with only_one(requests, "The start of runs", _START_LOCK_SECONDS):
        _forget_old_keys(workspace)
        if answer.exists():
            runs = read_json(answer)["runs"]
            return [str(run) for run in runs] if isinstance(runs, list) else []
        return _make(workspace, plan, answer)


def stop_run(workspace: Workspace, run: str, patience: float = PATIENCE_SECONDS) -> StopOutcome:
    """Ask a run to stop at its next batch; asked again, or after 30 s, it is killed.

    Does nothing to a run that has ended; returns what it did. Raises UserError where there is no
    such run.
    """
    return request_stop(open_run(workspace, run), patience)


def resume_run(workspace: Workspace, run: str) -> None:
    """Let a stopped or failed run go on from its last checkpoint.

    Pressed twice, it starts once. Raises UserError where there is nothing to go on with, or where
    another process keeps hold of the run.
    """
    folder = open_run(workspace, run)
    with _only_one(workspace, run):
        status = true_status(folder)
        if status.state in ("queued", "running"):
            return
        _refuse_resume(workspace, folder, status)
        if not wait_for_exit(folder, _ENDING_SECONDS):
            raise UserError(f"The run {run!r} is still ending. Try again in a moment.")
        for name in (LAUNCH, STOP):
            (folder.path / name).unlink(missing_ok=True)
        queued = {"state": "queued", "process": None, "message": "", "phase": "starting"}
        _write_status(folder, status.model_copy(update={**queued, "heartbeat": time.time()}))
        _start(folder)


def delete_run(workspace: Workspace, run: str) -> None:
    """Remove a run with everything it made. Raises UserError while it is alive or held."""
    folder = open_run(workspace, run)
    with _only_one(workspace, run):
        alive = true_status(folder).state in ("queued", "running")
        if alive or (process_alive(folder) and not wait_for_exit(folder, _ENDING_SECONDS)):
            raise UserError(f"The run {run!r} is still going. Stop it first, then delete it.")
        # Renamed first: a delete that is cut short never leaves half a run in the list.
        grave = workspace.runs / f".deleted-{run}-{secrets.token_hex(4)}"
        folder.path.rename(grave)
    shutil.rmtree(grave, ignore_errors=True)
    (workspace.locks / f"run-{run}.lock").unlink(missing_ok=True)


def _make(workspace: Workspace, plan: RunPlan, answer: Path | None) -> list[str]:
    """Write the folders, remember them under `answer`, then start their processes."""
    reasons = check_plan(workspace, plan)
    if reasons:
        raise UserError(" ".join(reasons))
    _sweep(workspace)
    dataset = open_dataset(workspace, plan.dataset)
    configuration = validated(method_named(plan.method), plan.configuration)
    # Read once: somebody may label meanwhile, and seeds are compared on the same labels.
    labels, group = labels_for(workspace, plan), f"group-{secrets.token_hex(6)}"
    folders = []
    try:
        for seed in plan.seeds:
            snapshot = draw_roles(labels, configuration.validation_share, seed)
            request = _request(workspace, plan, dataset, configuration, snapshot, seed, group)
            folders.append(_write_folder(workspace, request, snapshot))
        if answer is not None:
            write_json(answer, {"runs": [folder.run for folder in folders]})
    except OSError as error:
        for folder in folders:
            shutil.rmtree(folder.path, ignore_errors=True)
        raise UserError(
            f"The run could not be written to {workspace.runs}: {error.strerror}. "
            "Make room or choose another workspace, then start again."
        ) from error
    for folder in folders:
        _start(folder)
    return [folder.run for folder in folders]


def _request(
    workspace: Workspace,
    plan: RunPlan,
    dataset: Dataset,
    configuration: Hyperparameters,
    snapshot: Snapshot,
    seed: int,
    group: str,
) -> RunRequest:
    now = datetime.now(UTC)
    return RunRequest(
        run=_new_identifier(workspace, plan.method, now),
        created=now.isoformat(timespec="microseconds"),
        dataset=dataset.identifier,
        dataset_name=dataset.manifest.name,
        fingerprint=dataset.manifest.fingerprint,
        method=plan.method,
        configuration=configuration.model_dump(),
        steps=plan.steps,
        minutes=plan.minutes,
        seed=seed,
        device=plan.device,
        group=group,
        classes=snapshot.classes,
        heads=snapshot.heads,
        labels=snapshot.summary,
        code_version=code_version(),
        cell=plan.cell,
    )


def _new_identifier(workspace: Workspace, method: str, now: datetime) -> str:
    """For example "20260131-120501-autoencoder-7f3a" (UTC): sorts by time, used once only."""
    while True:
        run = f"{now:%Y%m%d-%H%M%S}-{method[:40]}-{secrets.token_hex(2)}"
        with suppress(FileExistsError):
            (workspace.runs / f".new-{run}").mkdir()
            if not (workspace.runs / run).exists():
                return run


def _write_folder(workspace: Workspace, request: RunRequest, snapshot: Snapshot) -> RunFolder:
    """Fill the folder under a hidden name, then show it: nobody ever sees half a run."""
    hidden = RunFolder(workspace.runs / f".new-{request.run}")
    try:
        replace_bytes(hidden.path / REQUEST, request.model_dump_json(indent=1).encode())
        with (hidden.path / LABELS).open("wb") as stream:
            np.savez_compressed(stream, allow_pickle=False, **_label_arrays(snapshot))
            os.fsync(stream.fileno())
        first = RunStatus(
            state="queued", heartbeat=time.time(), phase="starting", steps=request.steps
        )
        _write_status(hidden, first)
    except BaseException:
        shutil.rmtree(hidden.path, ignore_errors=True)
        raise
    shown = RunFolder(workspace.runs / request.run)
    hidden.path.rename(shown.path)
    sync_folder(workspace.runs)
    return shown


def _label_arrays(snapshot: Snapshot) -> dict[str, NDArray[Any]]:
    """The arrays of labels.npz by name."""
    arrays: dict[str, NDArray[Any]] = {
        "items": snapshot.items,
        "values": snapshot.values,
        "roles": snapshot.roles,
    }
    for other in snapshot.others:
        name = other.head.name
        arrays |= {
            f"{name}/items": other.items,
            f"{name}/values": other.values,
            f"{name}/roles": other.roles,
        }
    return arrays


def _start(folder: RunFolder) -> None:
    """Start the process; a run whose process cannot start is failed, with the reason."""
    try:
        start_worker(folder)
    except OSError as error:
        reason = f"The training process could not be started: {error.strerror}. Resume tries again."
        with suppress(OSError):
            update: dict[str, object] = {"state": "failed", "message": reason, "phase": ""}
            _write_status(folder, folder.status().model_copy(update=update))


def _write_status(folder: RunFolder, status: RunStatus) -> None:
    """Only while no process of the run exists: afterwards the status is that process's own."""
    replace_bytes(folder.path / STATUS, status.model_dump_json(indent=1).encode())


def _refuse_resume(workspace: Workspace, folder: RunFolder, status: RunStatus) -> None:
    """A run that ended while it was evaluated has no step left, but its figures to make."""
    request = folder.request()
    if status.state == "finished":
        raise UserError(f"The run {folder.run!r} has used its whole budget. Start a new run.")
    if open_dataset(workspace, request.dataset).manifest.fingerprint != request.fingerprint:
        raise UserError(
            f"The dataset {request.dataset!r} is no longer the one this run was made with. "
            "Start a new run."
        )


def _only_one(workspace: Workspace, run: str) -> AbstractContextManager[None]:
    """Held while a run is resumed or deleted, over all processes of the workspace."""
    return only_one(workspace.locks / f"run-{run}.lock", f"The run {run!r}", _RUN_LOCK_SECONDS)


def _forget_old_keys(workspace: Workspace) -> None:
    for path in workspace.locks.glob("request-*.json"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _KEY_SECONDS:
                path.unlink()


def _sweep(workspace: Workspace) -> None:
    """Remove what an interrupted delete or start left behind more than an hour ago."""
    for pattern in (".deleted-*", ".new-*"):
        for path in workspace.runs.glob(pattern):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > 3600:
                    shutil.rmtree(path, ignore_errors=True)
