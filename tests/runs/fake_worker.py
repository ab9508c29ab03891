"""A training process without a training: the same writer, turn and signals, and chosen endings.

`request.configuration`, or the environment where a test cannot set that, says how it ends:
`behaviour` at step `at`, and `pause` seconds a step.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from ssl_core.runs.devices import DeviceTurn
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.supervision import identity_of_this_process
from ssl_core.runs.writer import RunWriter
from ssl_core.workspace import Workspace

BEAT_SECONDS = 0.2
CHECKPOINT_STEPS = 5


def settings_of(path: Path) -> dict[str, bool | int | float | str]:
    chosen = json.loads(os.environ.get("FAKE_WORKER", "{}"))
    return {**RunFolder(path).request().configuration, **chosen}


def end_badly(behaviour: str) -> None:
    """The endings that leave no final state behind."""
    if behaviour == "crash":
        raise RuntimeError("a made-up error")
    if behaviour == "memory":
        raise MemoryError("a made-up lack of memory")
    if behaviour == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if behaviour == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if behaviour == "hang":
        os.kill(os.getpid(), signal.SIGSTOP)


def train(path: Path, writer: RunWriter, stopped: threading.Event) -> None:
    """Count steps and publish a curve; a checkpoint is the step in the status."""
    request = RunFolder(path).request()
    settings, steps = settings_of(path), request.steps or 1
    first = writer.status(state="running", phase="training").step
    writer.truncate_metrics(first)
    for step in range(first + 1, steps + 1):
        if step == settings.get("at") and not (path / "resumed").exists():
            end_badly(str(settings["behaviour"]))
        writer.metrics(step, step * 0.5, step * 64, {"loss/total": 1 / step})
        if step % CHECKPOINT_STEPS == 0:
            writer.status(step=step, seconds=step * 0.5, images_seen=step * 64)
        if stopped.wait(float(settings.get("pause", 0.0))):
            writer.status(state="stopped", message="Stopped by user.", step=step)
            return
    results = {"test_accuracy": 0.75, "test_interval": (0.4, 0.9), "test_count": 8}
    writer.status(state="finished", step=steps, phase="", images_seen=steps * 64, results=results)


def main(path: Path) -> None:
    stopped = threading.Event()
    deaf = settings_of(path).get("behaviour") == "deaf"
    signal.signal(signal.SIGTERM, signal.SIG_IGN if deaf else lambda *_: stopped.set())
    if deaf:
        child = subprocess.Popen(["sleep", "300"])
        (path / "child.txt").write_text(str(child.pid))
    writer = RunWriter(path)
    writer.status(process=identity_of_this_process(), phase="waiting")

    def beat() -> None:
        while True:
            time.sleep(BEAT_SECONDS)
            writer.beat()

    def waiting(before: int) -> None:
        writer.status(phase=f"waiting for {before}")
        if stopped.is_set():
            writer.status(state="stopped", message="Stopped by user.")
            raise SystemExit

    threading.Thread(target=beat, daemon=True).start()
    with DeviceTurn(Workspace(path.parent.parent), path, waiting):
        with (path.parent.parent / "turns.txt").open("a") as turns:
            turns.write(f"{path.name}\n")
        train(path, writer, stopped)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
