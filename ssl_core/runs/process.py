"""Starting, collecting and ending the process of a run."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Literal

from ssl_core.runs.folder import LOG, RunFolder
from ssl_core.runs.status import FINAL_STATES, ProcessIdentity, RunStatus
from ssl_core.runs.supervision import (
    STARTED_MARK,
    TOKEN_VARIABLE,
    Launch,
    StopRequest,
    identity_of,
    is_alive,
    process_alive,
    read_launch,
    read_stop,
    true_status,
    write_launch,
    write_stop,
)
from ssl_core.workspace import PROJECT_ROOT

WORKER_COMMAND = (sys.executable, "-m", "ssl_core.training.worker")
# NumPy's threads would fight with those of TensorFlow for the cores: on two of them a product of
# small matrices took 0.1 s in place of 1 ms.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
PATIENCE_SECONDS = 30.0  # from a polite stop to a forced one
DOUBLE_CLICK_SECONDS = 1.0  # a second press this soon is the same press
StopOutcome = Literal["asked", "killed", "nothing"]  # what a wish to stop led to


def start_worker(folder: RunFolder) -> ProcessIdentity:
    """Start the training process of a run and write who it is. Raises OSError.

    It is in a session of its own, so it survives the caller, and a kill reaches all it started.
    """
    token = secrets.token_hex(16)
    environment = {**os.environ, **_ONE_THREAD, TOKEN_VARIABLE: token, "PYTHONUNBUFFERED": "1"}
    with (folder.path / LOG).open("ab") as log:
        log.write(f"{STARTED_MARK}{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC]\n".encode())
        log.flush()
        process = subprocess.Popen(
            [*WORKER_COMMAND, str(folder.path)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=PROJECT_ROOT,
            env=environment,
            close_fds=True,
            start_new_session=True,
        )
    # Not collected before the next line, so the process is there to be asked even if it ended.
    identity = identity_of(process.pid, token)
    try:
        write_launch(folder, Launch(process=identity))
    finally:
        threading.Thread(
            target=_collect, args=(process, folder, identity), name="collect", daemon=True
        ).start()
    return identity


def _collect(
    process: subprocess.Popen[bytes], folder: RunFolder, identity: ProcessIdentity
) -> None:
    """Wait for the end, so that no zombie stays, and remember how it ended."""
    code = process.wait()
    launch = read_launch(folder)
    if launch is not None and launch.process == identity:
        with suppress(OSError):  # the run was deleted, or the disk is full
            write_launch(folder, Launch(process=identity, exit_code=code))


def request_stop(folder: RunFolder, patience: float = PATIENCE_SECONDS) -> StopOutcome:
    """Ask a run to stop; asked again, or after `patience` seconds, it is killed.

    Does nothing to a run that has ended. Returns what it did.
    """
    identity = _living(folder)
    if identity is None:
        return "nothing"
    asked = read_stop(folder)
    if asked is not None:
        if time.time() - asked.asked < DOUBLE_CLICK_SECONDS:
            return "nothing"
        return "killed" if force_stop(folder, identity) else "nothing"
    write_stop(folder, StopRequest(asked=time.time()))
    with suppress(ProcessLookupError):
        os.kill(identity.pid, signal.SIGTERM)
    timer = threading.Timer(patience, force_stop, (folder, identity))
    timer.daemon = True
    timer.start()
    return "asked"


def force_stop(folder: RunFolder, identity: ProcessIdentity) -> bool:
    """Kill the process and all it started, if it is still the same one. Whether it was there."""
    if not is_alive(identity):
        return False
    asked = read_stop(folder)
    when = asked.asked if asked is not None else time.time()
    with suppress(OSError):  # a full disk must not keep a run from being stopped
        write_stop(folder, StopRequest(asked=when, forced=True))
    with suppress(ProcessLookupError):
        if os.getpgid(identity.pid) == identity.pid:
            os.killpg(identity.pid, signal.SIGKILL)
        else:
            os.kill(identity.pid, signal.SIGKILL)
    return True


def wait_for_exit(folder: RunFolder, seconds: float) -> bool:
    """Wait until no process of the run is left. False where one still is after `seconds`."""
    deadline = time.monotonic() + seconds
    while process_alive(folder):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True


def wait_for_end(folder: RunFolder, seconds: float) -> RunStatus:
    """Wait at most `seconds` for the run to end; its status then."""
    deadline = time.monotonic() + seconds
    while (status := true_status(folder)).state not in FINAL_STATES:
        if time.monotonic() >= deadline:
            break
        time.sleep(0.1)
    return status


def _living(folder: RunFolder) -> ProcessIdentity | None:
    """The process of the run, None where none is left."""
    launch = read_launch(folder)
    for identity in (folder.status().process, launch.process if launch else None):
        if identity is not None and is_alive(identity):
            return identity
    return None
