"""Many people watching one run: what the server has to do, without their browsers."""

import asyncio
import http.client
import json
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

FRAGMENT_DONE = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY


def session(port: int) -> connect:
    """The connection of one open page, as its browser makes it."""
    host = f"127.0.0.1:{port}"
    return connect(
        f"ws://{host}/_stcore/stream",
        origin=f"http://{host}",  # type: ignore[arg-type]
        subprotocols=["streamlit"],  # type: ignore[list-item]
        max_size=None,
    )


async def ask(socket: ClientConnection, page: str, query: str, fragment: str = "") -> None:
    """Ask for a run of the script of a page, or of one of its fragments."""
    message = BackMsg()
    message.rerun_script.query_string = query
    message.rerun_script.page_name = page
    message.rerun_script.fragment_id = fragment
    message.rerun_script.is_auto_rerun = bool(fragment)
    await socket.send(message.SerializeToString())


@dataclass
class Viewer:
    """One open watch page: its session reruns its fragments, its chart asks for new rows.

    Does what the browser does: every fragment with a timer is asked for at its interval, and the
    metrics are polled once a second from the place reached so far.
    """

    port: int
    page: str
    query: str
    run: str
    reruns: int = 0
    polls: int = 0
    timers: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def watch(self, seconds: float) -> None:
        """Stay for so many seconds. Raises OSError where the server does not answer."""
        async with session(self.port) as socket:
            await ask(socket, self.page, self.query)
            reader = asyncio.create_task(self._read(socket))
            poller = asyncio.create_task(self._poll())
            await asyncio.sleep(seconds)
            for task in (reader, poller, *self.timers.values()):
                task.cancel()

    async def _read(self, socket: ClientConnection) -> None:
        """Count finished runs and start a timer for each fragment that wants one."""
        async for frame in socket:
            message = ForwardMsg.FromString(bytes(frame))  # type: ignore[arg-type]
            kind = message.WhichOneof("type")
            if message.script_finished == FRAGMENT_DONE and kind == "script_finished":
                self.reruns += 1
            if kind == "auto_rerun" and message.auto_rerun.fragment_id not in self.timers:
                wanted = message.auto_rerun
                timer = self._repeat(socket, wanted.fragment_id, wanted.interval)
                self.timers[wanted.fragment_id] = asyncio.create_task(timer)

    async def _repeat(self, socket: ClientConnection, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            await ask(socket, self.page, self.query, fragment)

    async def _poll(self) -> None:
        place = {"since": 0, "generation": 0, "axis": "step", "planned": ""}
        while True:
            answer = await asyncio.to_thread(self._rows, place)
            place["since"] = answer["cursor"]
            place["generation"] = answer["generation"]
            place["planned"] = answer.get("planned", place["planned"])
            self.polls += 1
            await asyncio.sleep(1)

    def _rows(self, place: dict[str, object]) -> dict[str, object]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        address = f"/api/runs/{self.run}/metrics?{urlencode(place)}"
        connection.request("GET", address, headers={"X-Handful": "1"})
        reply = connection.getresponse()
        content = reply.read()
        connection.close()
        if reply.status != 200:
            raise OSError(f"{address} answered {reply.status}")
        rows: dict[str, object] = json.loads(content)
        return rows


def watch_together(viewers: list[Viewer], seconds: float) -> float:
    """All viewers at once; returns the seconds it took."""

    async def together() -> None:
        await asyncio.gather(*(viewer.watch(seconds) for viewer in viewers))

    began = time.perf_counter()
    asyncio.run(together())
    return time.perf_counter() - began
