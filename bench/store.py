"""Labels a second that are on disk when they are acknowledged."""

import tempfile
import threading
import time
from uuid import uuid4

from bench.report import Row, quantiles
from ssl_core.datasets.dataset import open_dataset
from ssl_core.datasets.sample import ensure_sample
from ssl_core.labels.events import LabelEvent
from ssl_core.labels.store import LabelStore, open_labels
from ssl_core.workspace import Workspace

WRITERS, SECONDS = 50, 5.0


def measure() -> list[Row]:
    """Fifty threads, each waiting for its acknowledgement before the next label."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.open(folder)
        ensure_sample(workspace)
        store = open_labels(open_dataset(workspace, "sample"))
        milliseconds: list[float] = []
        until = time.perf_counter() + SECONDS
        threads = [
            threading.Thread(target=_write, args=(store, writer, until, milliseconds))
            for writer in range(WRITERS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        store.close()
    rate = len(milliseconds) / SECONDS
    return [
        Row(
            "durable labels a second, 50 writers",
            f"{rate:.0f} labels/s; {quantiles(milliseconds)}",
            "at least 2,000 labels/s",
            rate >= 2000,
            "threads of one process, one label a call, fsync before each acknowledgement",
        )
    ]


def _write(store: LabelStore, writer: int, until: float, milliseconds: list[float]) -> None:
    value = store.classes()[0].identifier
    item = writer
    while (began := time.perf_counter()) < until:
        event = LabelEvent(
            event=str(uuid4()), kind="label", person=f"person {writer}", item=item, value=value
        )
        store.append([event])
        milliseconds.append(1000 * (time.perf_counter() - began))
        item = (item + WRITERS) % 4000
