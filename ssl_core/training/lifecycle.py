"""A worker's dealings with the outside: being asked to stop, and saying that it is alive."""

import logging
import signal
import threading
from types import FrameType

from ssl_core.runs.writer import RunWriter
from ssl_core.training.failures import Stopped
from ssl_core.training.progress import Progress

HEARTBEAT_SECONDS = 2.0
LOG_BEATS = 30
log = logging.getLogger(__name__)


class StopFlag:
    """Raised by SIGTERM; training looks at it after every batch."""

    def __init__(self) -> None:
        self.raised = False

    def listen(self) -> None:
        """From now on SIGTERM and SIGINT raise the flag instead of ending the process."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hear)

    def check(self) -> None:
        """Raise Stopped if the run was asked to stop."""
        if self.raised:
            raise Stopped

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.raised = True


class Heartbeat:
    """A thread that publishes the progress every 2 s, whatever the main thread is busy with."""

    def __init__(self, writer: RunWriter, progress: Progress) -> None:
        self._writer = writer
        self._progress = progress
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self._ended.set()
        self._thread.join(timeout=10.0)

    def _run(self) -> None:
        beats = 0
        while not self._ended.wait(HEARTBEAT_SECONDS):
            beats += 1
            try:
                if beats % LOG_BEATS == 0:
                    self._writer.beat()  # it also cuts a log that grew too large
                publish_progress(self._writer, self._progress)
            except OSError as error:
                # A full disk is no reason to end a training: readers see an old heartbeat.
                log.warning("The heartbeat could not be written: %s", error)


def publish_progress(writer: RunWriter, progress: Progress, **changes: object) -> None:
    """Write where the run is, with other changes of its status. Raises OSError."""
    writer.status(
        step=progress.step,
        steps=progress.steps,
        seconds=progress.seconds,
        images_seen=progress.images,
        **changes,
    )
