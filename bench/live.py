"""The watch page while a run trains: processor time of the server, bytes on the wire."""

import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

import psutil
from playwright.sync_api import Browser, Page

from bench.report import Row
from bench.viewers import Viewer, watch_together
from tests.support.dashboard import ROOT, Dashboard, chromium, dashboard

SECONDS = 20.0
VIEWERS = 20
RUN = "autoencoder-growing"
QUERY = f"dataset=digits&run={RUN}"


class Watched(NamedTuple):
    """What the server did and sent while a run was watched."""

    percent: float  # of a core
    kilobytes: float  # a second, to the first viewer
    polls: float  # requests for metrics a second, of all viewers
    reruns: float  # fragment runs a second, of all viewers


def measure() -> list[Row]:
    """One viewer, then twenty, each for twenty seconds on a run that writes five lines a second."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "workspace"
        _fake("FILL", workspace)
        feeder = _fake("FEED", workspace)
        try:
            with dashboard(workspace) as served:
                with chromium() as browser:
                    one = _in_browser(served, browser)
                many = _many(served)
        finally:
            feeder.kill()
    return [
        Row(
            "watch page, one viewer: server",
            f"{one.percent:.1f} % of a core at {one.polls:.1f} polls/s",
            "at most 5 %",
            one.percent <= 5,
            f"processor time of the server over {SECONDS:.0f} s, a run that publishes 5 lines/s",
        ),
        Row(
            "watch page, one viewer: bytes",
            f"{one.kilobytes:.1f} kB/s",
            "at most 40 kB a refresh of 1 s",
            one.kilobytes <= 40,
            "HTTP bodies and websocket frames received by Chromium",
        ),
        Row(
            f"watch page, {VIEWERS} viewers: server",
            f"{many.percent:.0f} % of a core at {many.polls:.0f} polls/s and "
            f"{many.reruns:.0f} fragment runs/s",
            "at most 40 %",
            many.percent <= 40,
            f"{VIEWERS} sessions that ask as a browser does, without drawing",
        ),
    ]


def _fake(what: str, workspace: Path) -> subprocess.Popen[bytes]:
    """FILL: make the runs and wait. FEED: let one of them train for five minutes."""
    steps = {
        "FILL": "dataset = f.digits_dataset(w); "
        f"f.fake_run(w, dataset, {RUN!r}, method='autoencoder', state='running', share_done=0.5, "
        "alive=True)",
        "FEED": f"f.feed(w, {RUN!r}, 300)",
    }
    code = (
        "import tests.pages.fake_runs as f; from ssl_core.workspace import Workspace; "
        f"w = Workspace.open({str(workspace)!r}); {steps[what]}"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    if what == "FILL" and process.wait() != 0:
        raise RuntimeError("the runs to watch could not be made")
    return process


def _in_browser(served: Dashboard, browser: Browser) -> Watched:
    """One person watches the growing run in Chromium."""
    polls = [0]
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.on("request", lambda request: _add(polls, "/metrics" in request.url))
    page.goto(f"{served.url}/watch?{QUERY}")
    page.locator(".js-plotly-plot").first.wait_for(timeout=60_000)
    received = watch_bytes(page)
    page.wait_for_timeout(5000)
    before, began = processor_seconds(served), time.perf_counter()
    polls[0] = received[0] = 0
    page.wait_for_timeout(1000 * SECONDS)
    seconds = time.perf_counter() - began
    used = processor_seconds(served) - before
    page.close()
    return Watched(100 * used / seconds, received[0] / seconds / 1000, polls[0] / seconds, 0.0)


def _many(served: Dashboard) -> Watched:
    """Twenty people watch it; first a few seconds to open the page, which are not counted."""
    viewers = [Viewer(served.port, "watch", QUERY, RUN) for _ in range(VIEWERS)]
    used: list[float] = []
    counted: list[int] = []

    def look() -> None:
        for wait in (8.0, SECONDS):
            time.sleep(wait)
            used.append(processor_seconds(served))
            counted.append(sum(viewer.polls for viewer in viewers))
            counted.append(sum(viewer.reruns for viewer in viewers))

    watcher = threading.Thread(target=look)
    watcher.start()
    watch_together(viewers, SECONDS + 10)
    watcher.join()
    polls, reruns = counted[2] - counted[0], counted[3] - counted[1]
    return Watched(100 * (used[1] - used[0]) / SECONDS, 0.0, polls / SECONDS, reruns / SECONDS)


def processor_seconds(served: Dashboard) -> float:
    """Seconds of processor time that the server has used so far."""
    assert served.process
    return sum(psutil.Process(served.process.pid).cpu_times()[:2])


def _add(total: list[int], amount: float) -> None:
    total[0] += int(amount)


def watch_bytes(page: Page) -> list[int]:
    """One number that grows with what arrives on the wire, as the browser itself counts it."""
    received = [0]
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda e: _add(received, e["encodedDataLength"]))
    session.on(
        "Network.webSocketFrameReceived", lambda e: _add(received, _frame_bytes(e["response"]))
    )
    return received


def _frame_bytes(frame: dict[str, object]) -> float:
    """Binary frames (opcode 2) come as base64."""
    length = len(str(frame["payloadData"]))
    return length * 0.75 if frame["opcode"] == 2 else length
