"""The devices of this machine, and waiting for one: one run at a time, in order of creation."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import psutil
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict

from ssl_core.errors import UserError
from ssl_core.runs.folder import REQUEST, RunFolder
from ssl_core.runs.supervision import true_status
from ssl_core.workspace import Workspace

POLL_SECONDS = 0.3
_LOOK_AGAIN_SECONDS = 5.0  # a run made earlier joins the queue only when it is resumed
_CACHE_SECONDS = 5.0
_QUERY = "--query-gpu=index,name,memory.free,memory.total"
_MEGABYTE = 1024 * 1024

_guard = threading.Lock()
_cached: tuple[float, list[Device]] | None = None


class Device(BaseModel):
    """Something to train on."""

    model_config = ConfigDict(frozen=True)
    name: str  # "cpu" or "gpu:0", as in RunRequest.device
    title: str  # for a person
    free_bytes: int
    total_bytes: int


def list_devices() -> list[Device]:
    """The GPUs that the driver reports, in its order, then the CPU. Cached for 5 s."""
    global _cached
    with _guard:
        now = time.monotonic()
        if _cached is None or now - _cached[0] > _CACHE_SECONDS:
            _cached = (now, [*_graphics_devices(), _processor()])
        return list(_cached[1])


def device_title(name: str) -> str:
    """`name` in words: "CPU", "GPU 0"."""
    return name.upper().replace(":", " ")


class DeviceTurn:
    """A context that is entered when it is the run's turn on its device, and left to end it.

    The lock is held by the kernel for this process: a kill frees it. Runs that wait and whose
    process is gone are passed over. `waiting` is called every 0.3 s with the number of runs before
    this one, the one that has the device included; what it raises ends the wait.
    """

    def __init__(
        self, workspace: Workspace, run_folder: Path, waiting: Callable[[int], None] | None = None
    ) -> None:
        request = RunFolder(run_folder).request()
        self._runs = workspace.runs
        self._device = request.device
        self._place = (request.created, request.run)
        self._waiting = waiting
        lock = workspace.locks / f"{request.device.replace(':', '-')}.lock"
        # Not thread-local: it may be released by another thread than the one that waited.
        self._lock = FileLock(lock, thread_local=False)
        self._known: dict[str, tuple[str, tuple[str, str]]] = {}  # run -> device, place

    def __enter__(self) -> DeviceTurn:
        before: list[RunFolder] = []
        looked = -_LOOK_AGAIN_SECONDS
        while True:
            if time.monotonic() - looked >= _LOOK_AGAIN_SECONDS:
                before, looked = self._runs_before(), time.monotonic()
            # Only the head of the queue is looked at often: that costs one small file a poll.
            while before and not _waits(before[0]):
                before.pop(0)
            # The look before taking the lock may be old; the one under the lock decides.
            if not before and self._take():
                before, looked = self._runs_before(), time.monotonic()
                if not before:
                    return self
                self._lock.release()
            if self._waiting is not None:
                self._waiting(len(before) + 1)
            time.sleep(POLL_SECONDS)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()

    def _take(self) -> bool:
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        return True

    def _runs_before(self) -> list[RunFolder]:
        """The live runs that wait for the same device and were made earlier, oldest first."""
        found = []
        for path in self._runs.iterdir():
            if path.name.startswith(".") or not (path / REQUEST).is_file():
                continue
            if path.name not in self._known:
                with suppress(UserError):
                    request = RunFolder(path).request()
                    place = (request.created, request.run)
                    self._known[path.name] = (request.device, place)
            device, place = self._known.get(path.name, ("", ("", "")))
            if device == self._device and place < self._place:
                found.append((place, RunFolder(path)))
        return [folder for _, folder in sorted(found, key=lambda pair: pair[0]) if _waits(folder)]


def _waits(folder: RunFolder) -> bool:
    return true_status(folder).state == "queued"


def _processor() -> Device:
    memory = psutil.virtual_memory()
    cores = os.cpu_count() or 1
    title = f"CPU, {cores} core" + ("s" if cores > 1 else "")
    return Device(name="cpu", title=title, free_bytes=memory.available, total_bytes=memory.total)


def _graphics_devices() -> list[Device]:
    """None where there is no driver, or it does not answer within 5 s."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    try:
        answer = subprocess.run(
            [program, _QUERY, "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return [device for line in answer.stdout.splitlines() if (device := _from_line(line))]


def _from_line(line: str) -> Device | None:
    """One device from "0, NVIDIA H100, 79000, 81559"; memory in mebibytes."""
    fields = [field.strip() for field in line.split(",")]
    try:
        index, name = int(fields[0]), ", ".join(fields[1:-2])
        free, total = int(fields[-2]) * _MEGABYTE, int(fields[-1]) * _MEGABYTE
    except (ValueError, IndexError):
        return None
    title = f"GPU {index}, {name}"
    return Device(name=f"gpu:{index}", title=title, free_bytes=free, total_bytes=total)
