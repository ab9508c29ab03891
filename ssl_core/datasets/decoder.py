"""The parent's side of the limited child: start it, ask, check its answers, survive its death."""

import contextlib
import json
import os
import select
import struct
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import LifoQueue
from types import TracebackType

from ssl_core.datasets.limits import SECONDS_A_FILE
from ssl_core.errors import UserError
from ssl_core.files import JsonObject
from ssl_core.workspace import PROJECT_ROOT

Place = str | list[int]  # of one file: its path, or where it lies in an archive
Frame = tuple[JsonObject, bytes]

CHILD_COMMAND = [sys.executable, "-m", "ssl_core.datasets.child"]
_HEADER_LIMIT = 8 << 20  # bytes
_PAYLOAD_LIMIT = 256 << 20  # bytes
_READ_BYTES = 1 << 18
_POLL_SECONDS = 0.2
_START_SECONDS = 60.0  # to load the libraries; no file is open yet
_SPARE_SECONDS = 1.0  # the processor-time limit inside the child comes first
_WORKERS = max(1, min(4, len(os.sched_getaffinity(0))))


class CancelledError(UserError):
    """The person asked to stop."""

    def __init__(self) -> None:
        super().__init__("The import was cancelled; nothing of it was kept.")


class ChildError(Exception):
    """The child died, took too long or sent nonsense; the text is the reason, for a person."""

    def __init__(self, reason: str, hung: bool = False) -> None:
        super().__init__(reason)
        self.hung = hung


@dataclass(frozen=True)
class FileRequest:
    """What to do with files: "probe", "decode" to `shape`, or "preview" at most `side` pixels."""

    operation: str
    archive: str | None = None
    shape: tuple[int, int, int] | None = None
    side: int | None = None


class DecoderChild:
    """One limited child process, started when first asked and again after it died."""

    def __init__(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        self._cancelled = cancelled
        self._process: subprocess.Popen[bytes] | None = None
        self._pending = bytearray()
        self._ready = False

    def __enter__(self) -> "DecoderChild":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def ask(self, request: JsonObject) -> None:
        """Send one request. A child that cannot take it shows when its answer is read."""
        stream = self._running().stdin
        assert stream is not None
        with contextlib.suppress(BrokenPipeError):
            stream.write(json.dumps(request).encode() + b"\n")
            stream.flush()

    def answer(self) -> Frame:
        """The next frame. Raises ChildError (the child is then closed) and CancelledError."""
        try:
            if not self._ready:
                self._frame(_START_SECONDS)
                self._ready = True
            return self._frame(SECONDS_A_FILE + _SPARE_SECONDS)
        except ValueError as error:
            self.close()
            raise ChildError("the reading process sent a malformed answer") from error
        except (ChildError, CancelledError):
            self.close()
            raise

    def _frame(self, seconds: float) -> Frame:
        (length,) = struct.unpack("<I", self._take(4, seconds))
        if length > _HEADER_LIMIT:
            raise ChildError("the reading process sent a malformed answer")
        header = json.loads(self._take(length, seconds))
        if not isinstance(header, dict):
            raise ChildError("the reading process sent a malformed answer")
        size = header.get("bytes")
        if not isinstance(size, int) or not 0 <= size <= _PAYLOAD_LIMIT:
            raise ChildError("the reading process sent a malformed answer")
        return header, self._take(size, seconds)

    def close(self) -> None:
        """End the child. It holds nothing that would be lost."""
        process, self._process = self._process, None
        self._pending.clear()
        self._ready = False
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                CHILD_COMMAND,
                cwd=PROJECT_ROOT,
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                close_fds=True,
            )
        return self._process

    def _take(self, count: int, seconds: float) -> bytes:
        """Exactly `count` bytes, waiting at most `seconds`."""
        process = self._running()
        assert process.stdout is not None
        handle = process.stdout.fileno()
        waiting = select.poll()  # select() cannot take the high numbers of a busy server
        waiting.register(handle, select.POLLIN)
        until = time.monotonic() + seconds
        while len(self._pending) < count:
            ready = waiting.poll(_POLL_SECONDS * 1000)
            if self._cancelled():
                raise CancelledError
            if ready:
                content = os.read(handle, _READ_BYTES)
                if not content:
                    raise ChildError(_cause(process.wait()))
                self._pending += content
            elif time.monotonic() > until:
                raise ChildError(f"reading it took longer than {SECONDS_A_FILE} s", hung=True)
        taken = bytes(self._pending[:count])
        del self._pending[:count]
        return taken


class DecoderPool:
    """A few limited children that work through many files, answers in the order of the files."""

    def __init__(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        self._closing = False
        self._cancelled = cancelled
        # Last in, first out: a small import then starts one child only.
        self._children: LifoQueue[DecoderChild] = LifoQueue()
        self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="decoder")
        for _ in range(_WORKERS):
            self._children.put(DecoderChild(lambda: self._closing or cancelled()))

    def __enter__(self) -> "DecoderPool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing = True
        self._threads.shutdown(wait=True, cancel_futures=True)
        while not self._children.empty():
            self._children.get().close()

    def answers(
        self, request: FileRequest, places: Sequence[Place], batch: int
    ) -> Iterator[list[Frame]]:
        """The frames for `places`, `batch` at a time; a file that ends its child has a reason.

        At most two batches a child are held in memory. Raises CancelledError.
        """
        waiting: deque[Future[list[Frame]]] = deque()
        for start in range(0, len(places), batch):
            waiting.append(self._threads.submit(self._work, request, places[start : start + batch]))
            if len(waiting) >= 2 * _WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _work(self, request: FileRequest, places: Sequence[Place]) -> list[Frame]:
        child = self._children.get()
        try:
            return ask_about_files(child, request, places)
        finally:
            self._children.put(child)


def ask_about_files(
    child: DecoderChild, request: FileRequest, places: Sequence[Place]
) -> list[Frame]:
    """One frame a file. A death is pinned on the first file without an answer.

    That file is tried once more alone in a fresh child, since an earlier one may have damaged
    the memory; if the child dies again, only this file is left out and the rest goes on.
    """
    frames: list[Frame] = []
    while len(frames) < len(places):
        try:
            child.ask(_wire(request, places[len(frames) :]))
            for _ in places[len(frames) :]:
                frames.append(child.answer())
        except ChildError as death:
            frames.append(_alone(child, request, places[len(frames)], death))
    return frames


def _alone(child: DecoderChild, request: FileRequest, place: Place, death: ChildError) -> Frame:
    if not death.hung:
        try:
            child.ask(_wire(request, [place]))
            return child.answer()
        except ChildError as second:
            death = second
    return {"ok": 0, "reason": str(death)}, b""


def _wire(request: FileRequest, places: Sequence[Place]) -> JsonObject:
    return {
        "op": request.operation,
        "archive": request.archive,
        "shape": request.shape,
        "side": request.side,
        "files": list(places),
    }


def _cause(code: int) -> str:
    if code == -9:
        return "reading it was ended by the system, most likely for lack of memory"
    if code == -24:
        return f"reading it took longer than {SECONDS_A_FILE} s of processor time"
    return "it is damaged in a way that ends the reading process"


def _environment() -> dict[str, str]:
    """No secrets, no proxies; one thread a library, so that memory stays small."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**kept, **threads, "PYTHONDONTWRITEBYTECODE": "1", "MALLOC_ARENA_MAX": "2"}
