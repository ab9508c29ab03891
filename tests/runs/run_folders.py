"""Run folders and their processes for tests, without any dataset."""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from ssl_core.runs import process
from ssl_core.runs.folder import REQUEST, STATUS, RunFolder
from ssl_core.runs.request import RunRequest, SnapshotSummary, TrainedClass
from ssl_core.runs.status import RunStatus
from ssl_core.workspace import Workspace

FAKE_WORKER = (sys.executable, str(Path(__file__).with_name("fake_worker.py")))


def make_run(
    workspace: Workspace,
    run: str = "run-1",
    behaviour: str = "finish",
    steps: int = 20,
    device: str = "cpu",
    **settings: float,
) -> RunFolder:
    """A run that waits to be started, written straight into the workspace."""
    folder = RunFolder(workspace.runs / run)
    folder.path.mkdir(parents=True)
    summary = SnapshotSummary(
        title="3 labels",
        taken="2026-01-01T00:00:00+00:00",
        train=3,
        validation=0,
        held_out=0,
        per_class={"a": 3},
        last_event=3,
    )
    request = RunRequest(
        run=run,
        created=datetime.now(UTC).isoformat(timespec="microseconds"),
        dataset="tiny",
        dataset_name="tiny",
        fingerprint="00",
        method="supervised",
        configuration={"behaviour": behaviour, **settings},
        steps=steps,
        minutes=None,
        seed=0,
        device=device,
        group="group",
        classes=(TrainedClass(identifier=1, name="a", colour="#123456"),),
        labels=summary,
        code_version="test",
    )
    (folder.path / REQUEST).write_text(request.model_dump_json())
    write_status(folder, RunStatus(state="queued", heartbeat=time.time(), steps=steps))
    return folder


def write_status(folder: RunFolder, status: RunStatus) -> None:
    (folder.path / STATUS).write_text(status.model_dump_json())


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Poll until `condition` holds. Raises AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.03)


def end_everything(workspace: Workspace) -> None:
    """Kill what a test left running."""
    for path in workspace.runs.iterdir():
        if (path / STATUS).exists():
            identity = process._living(RunFolder(path))
            if identity is not None:
                with suppress(ProcessLookupError):
                    os.killpg(identity.pid, signal.SIGKILL)
