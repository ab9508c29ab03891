"""What is true of a run: its final state, then its process, then the age of its heartbeat."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil
from pydantic import BaseModel, ConfigDict

from ssl_core.errors import UserError
from ssl_core.files import read_json, write_json
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.status import FINAL_STATES, ProcessIdentity, RunStatus

TOKEN_VARIABLE = "HANDFUL_RUN_TOKEN"
LAUNCH, STOP = "launch.json", "stop.json"
STARTED_MARK = "[started "  # the launcher begins the log of every start with it
STALE_SECONDS = 15.0  # a heartbeat is written every 2 s
_START_TOLERANCE = 2.0  # seconds; the start time moves when the clock of the machine is set
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

GONE = (
    "Stopped unexpectedly. The last lines of its log say why; "
    "resume continues from the last checkpoint."
)
NEVER_STARTED = "The training process was never started. Resume starts it."
FORCED = "Stopped before it could save. Resume continues from the last checkpoint."
OUT_OF_MEMORY = (
    "Stopped unexpectedly: memory ran out. Choose a smaller batch size or network, or end other "
    "programs; resume continues from the last checkpoint."
)
KILLED = (
    "Stopped unexpectedly: the system killed it, most often because memory ran out. Choose a "
    "smaller batch size or network, or end other programs; resume continues from the last "
    "checkpoint."
)
_MEMORY_MARKS = (
    "MemoryError",
    "std::bad_alloc",
    "ResourceExhaustedError",
    "RESOURCE_EXHAUSTED",
    "CUDA_ERROR_OUT_OF_MEMORY",
    "Cannot allocate memory",
)


class Launch(BaseModel):
    """`launch.json`, written by the process that started the training, never by the training."""

    model_config = ConfigDict(frozen=True)
    process: ProcessIdentity
    exit_code: int | None = None  # negative: the signal that ended it; None while not known


class StopRequest(BaseModel):
    """`stop.json`, written by whoever asked the run to stop."""

    model_config = ConfigDict(frozen=True)
    asked: float  # seconds since the epoch
    forced: bool = False  # killed, because it did not stop in time or a second time was asked


def boot_identifier() -> str:
    """Tells one start of the machine from the next."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return f"booted {psutil.boot_time():.0f}"


def identity_of(pid: int, token: str) -> ProcessIdentity:
    """The identity of a process that is known to run. Raises psutil.Error where it is gone."""
    started = psutil.Process(pid).create_time()
    return ProcessIdentity(pid=pid, started=started, boot=boot_identifier(), token=token)


def identity_of_this_process(token: str | None = None) -> ProcessIdentity:
    """The identity of the caller; the token comes from the environment where none is given."""
    return identity_of(os.getpid(), token or os.environ.get(TOKEN_VARIABLE, ""))


def is_alive(identity: ProcessIdentity) -> bool:
    """Whether exactly this process still runs; a later one with the same pid does not count.

    The token in its environment decides where that can be read: unlike the start time it does
    not move when the clock is set. A process that ended and was not yet collected is not alive.
    """
    if identity.boot != boot_identifier():
        return False
    try:
        process = psutil.Process(identity.pid)
        if process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
            return False
        try:
            environment = process.environ()
        except psutil.AccessDenied:
            environment = {}
        if environment and identity.token:
            return bool(environment.get(TOKEN_VARIABLE) == identity.token)
        return bool(abs(process.create_time() - identity.started) <= _START_TOLERANCE)
    except psutil.Error:
        return False


def true_status(folder: RunFolder) -> RunStatus:
    """What is true of the run now; writes nothing.

    In this order: the final state in the folder, the identity of the process, the age of the
    heartbeat. An old heartbeat never makes a run failed, it only says so in `message`.
    """
    status = _written(folder)
    if status.state in FINAL_STATES:
        return status
    if process_alive(folder, status):
        return _with_age(status)
    if _just_made(folder, status):
        return status
    # The process may have written its end between the first look and the second.
    latest = _written(folder)
    if latest.state in FINAL_STATES or latest.process != status.process:
        return latest
    return latest.model_copy(update=_verdict(folder, latest))


def process_alive(folder: RunFolder, status: RunStatus | None = None) -> bool:
    """Whether a process of the run exists, whatever its status says."""
    written = status or _written(folder)
    launch = read_launch(folder)
    known = {written.process, launch.process if launch else None}
    return any(is_alive(identity) for identity in known if identity is not None)


def read_launch(folder: RunFolder) -> Launch | None:
    """What the launcher wrote, None where it did not get so far."""
    try:
        return Launch.model_validate(read_json(folder.path / LAUNCH))
    except (OSError, ValueError):
        return None


def write_launch(folder: RunFolder, launch: Launch) -> None:
    """Remember which process was started, or how it ended."""
    write_json(folder.path / LAUNCH, launch.model_dump(mode="json"))


def read_stop(folder: RunFolder) -> StopRequest | None:
    """The request to stop that still holds, None where nobody asked."""
    try:
        return StopRequest.model_validate(read_json(folder.path / STOP))
    except (OSError, ValueError):
        return None


def write_stop(folder: RunFolder, request: StopRequest) -> None:
    """Remember that somebody asked the run to stop."""
    write_json(folder.path / STOP, request.model_dump(mode="json"))


def _written(folder: RunFolder) -> RunStatus:
    """The status as written; a damaged one reads as failed, so that one run never hides others."""
    try:
        return folder.status()
    except UserError as error:
        return RunStatus(state="failed", message=str(error))


def _just_made(folder: RunFolder, status: RunStatus) -> bool:
    """The moment between making the folder and knowing its process."""
    if status.process is not None or read_launch(folder) is not None:
        return False
    return abs(time.time() - status.heartbeat) < STALE_SECONDS


def _with_age(status: RunStatus) -> RunStatus:
    age = time.time() - status.heartbeat
    if age <= STALE_SECONDS:
        return status
    since = time.strftime("%H:%M:%S", time.localtime(status.heartbeat))
    message = f"No sign of life since {since} ({age:.0f} s). The process still exists."
    return status.model_copy(update={"message": message})


def _verdict(folder: RunFolder, status: RunStatus) -> dict[str, object]:
    """How a run ended whose process is gone and left no final state."""
    if read_stop(folder) is not None:
        return {"state": "stopped", "message": FORCED, "phase": ""}
    launch = read_launch(folder)
    if launch is None and status.process is None:
        return {"state": "failed", "message": NEVER_STARTED, "phase": ""}
    message = GONE
    # What an earlier start of a resumed run wrote says nothing about this end.
    log = folder.log_tail(60).rsplit(STARTED_MARK, 1)[-1]
    if any(mark in log for mark in _MEMORY_MARKS):
        message = OUT_OF_MEMORY
    elif launch is not None and launch.exit_code == -signal.SIGKILL:
        message = KILLED
    return {"state": "failed", "message": message, "phase": ""}
