"""Many people labelling at once: what their browsers ask of the server, without drawing."""

import asyncio
import http.client
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection

from bench.viewers import ask, session

# As in pages/parts/labelboard/model.js and feed.js.
WANTED_FIRST, WANTED, REFILL_BELOW, KEPT = 24, 120, 90, 30
IDLE = 0.7  # seconds after an act until the board is fetched anew
_TIMEOUT = 20.0  # seconds
_STALE = 3.0  # seconds without a request: the server may close the connection by now


@dataclass
class Labeller:
    """One open label board: it holds a queue, sends each label and fetches what comes next."""

    port: int
    dataset: str
    person: str
    every: float  # seconds from one label to the next
    queue: list[int] = field(default_factory=list)
    held: set[int] = field(default_factory=set)  # items whose picture has arrived
    seen: list[int] = field(default_factory=list)  # items answered, newest first
    answered: list[float] = field(default_factory=list)  # milliseconds to each acknowledgement
    fetched: list[float] = field(default_factory=list)  # milliseconds to each board
    errors: list[str] = field(default_factory=list)
    store: str = ""
    values: list[int] = field(default_factory=list)  # identifiers of the classes
    _connection: http.client.HTTPConnection | None = None
    _used: float = 0.0  # when the connection was used last

    async def label_until(self, begin: float, end: float) -> None:
        """Open the page, then one label every so often. Times of the clock `time.monotonic`."""
        async with session(self.port) as socket:
            await ask(socket, "label", f"dataset={self.dataset}")
            reader = asyncio.create_task(_read_on(socket))
            await self._in_thread(self._fill)
            due = begin
            while due < end:
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                await self._in_thread(self._label)
                await asyncio.sleep(IDLE)
                await self._in_thread(self._fetch)
                due += self.every
            reader.cancel()
        self._close()

    async def _in_thread(self, act: Callable[[], None]) -> None:
        """Run a request; what fails is counted and the person goes on."""
        try:
            await asyncio.to_thread(act)
        except (OSError, http.client.HTTPException, ValueError, LookupError) as error:
            self.errors.append(f"{type(error).__name__}: {error}")
            self._close()

    def _close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None

    def _fill(self) -> None:
        """The board as it opens: little at first, then until enough pictures are ahead."""
        self._fetch(WANTED_FIRST)
        while sum(item in self.held for item in self.queue) < min(REFILL_BELOW, len(self.queue)):
            self._fetch()

    def _fetch(self, count: int = WANTED) -> None:
        have = [item for item in (*self.queue, *self.seen) if item in self.held]
        address = f"board?count={count}&person={self.person}"
        if have:
            address += f"&have={','.join(map(str, have))}"
        began = time.perf_counter()
        board = self._call("GET", address)
        self.fetched.append(1000 * (time.perf_counter() - began))
        self.store = str(board["store"])
        self.values = [int(one["identifier"]) for one in board["classes"]]
        self.queue = [item for item in board["queue"] if item not in self.seen]
        self.held = (self.held & {*self.queue, *self.seen}) | {
            int(item) for item in board["images"]
        }

    def _label(self) -> None:
        item = self.queue.pop(0)
        event = {
            "event": str(uuid4()),
            "kind": "label",
            "person": self.person,
            "item": item,
            "head": None,
            "value": self.values[item % len(self.values)],
            "seconds": self.every,
        }
        began = time.perf_counter()
        answer = self._call("POST", "events", {"store": self.store, "events": [event]})
        self.answered.append(1000 * (time.perf_counter() - began))
        if answer["acknowledged"] != [event["event"]]:
            raise ValueError(f"a label was not taken: {answer['refused']}")
        self.seen = [item, *self.seen][:KEPT]

    def _call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """The answer of the server. Raises OSError where it is not one."""
        if self._connection is None or time.monotonic() - self._used > _STALE:
            self._close()
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_TIMEOUT)
        headers = {"X-Handful": "1", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body)
        self._connection.request(method, f"/api/labels/{self.dataset}/{path}", content, headers)
        reply = self._connection.getresponse()
        answer = reply.read()
        self._used = time.monotonic()
        if reply.status != 200:
            raise OSError(f"{path.split('?')[0]} answered {reply.status}: {answer[:200]!r}")
        found: dict[str, Any] = json.loads(answer)
        return found


async def _read_on(socket: ClientConnection) -> None:
    """Take what the server sends, as an open page does."""
    async for _ in socket:
        pass


def label_together(people: list[Labeller], opening: float, seconds: float) -> None:
    """All people open their boards, one after the other within `opening` seconds, then label."""

    async def one(number: int, person: Labeller, began: float) -> None:
        share = number / len(people)
        await asyncio.sleep(share * opening * 0.8)
        begin = began + opening + share * person.every
        await person.label_until(begin, begin + seconds)

    async def together() -> None:
        threads = ThreadPoolExecutor(len(people))  # each person may wait for an answer
        asyncio.get_running_loop().set_default_executor(threads)
        began = time.monotonic()
        await asyncio.gather(*(one(*pair, began) for pair in enumerate(people)))

    asyncio.run(together())
