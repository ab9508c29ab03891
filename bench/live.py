"""The watch page while a run trains: processor time of the server, bytes on the wire."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page

from bench.report import Row
from tests.support.dashboard import ROOT, Dashboard, chromium, dashboard

SECONDS = 20.0
VIEWERS = 20
RUN = "autoencoder-growing"


def measure() -> list[Row]:
    """One viewer, then twenty, each for twenty seconds on a run that writes five lines a second."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "workspace"
        _fake("FILL", workspace)
        feeder = _fake("FEED", workspace)
        try:
            with dashboard(workspace) as served, chromium() as browser:
                one, kilobytes = _watched(served, browser, 1)
                many, _ = _watched(served, browser, VIEWERS)
        finally:
            feeder.kill()
    return [
        Row(
            "watch page, one viewer: server",
            f"{one:.1f} % of a core",
            "at most 5 %",
            one <= 5,
            f"processor time of the server over {SECONDS:.0f} s, a run that publishes 5 lines/s",
        ),
        Row(
            "watch page, one viewer: bytes",
            f"{kilobytes:.1f} kB/s",
            "at most 40 kB a refresh of 1 s",
            kilobytes <= 40,
            "HTTP bodies and websocket frames received by Chromium",
        ),
        Row(
            f"watch page, {VIEWERS} viewers: server",
            f"{many:.0f} % of a core",
            "at most 40 %",
            many <= 40,
            f"{VIEWERS} tabs of one Chromium on the same two cores",
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


def _watched(served: Dashboard, browser: Browser, viewers: int) -> tuple[float, float]:
    """Percent of a core that the server uses, and kB a second that the first viewer receives."""
    assert served.process
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    received = [0]
    pages = []
    for number in range(viewers):
        page = context.new_page()
        page.goto(f"{served.url}/watch?dataset=digits&run={RUN}")
        page.locator(".js-plotly-plot").first.wait_for(timeout=60_000)
        if number == 0:
            _count_bytes(page, received)
        pages.append(page)
    time.sleep(5)
    server = psutil.Process(served.process.pid)
    before, received[0] = sum(server.cpu_times()[:2]), 0
    pages[0].wait_for_timeout(1000 * SECONDS)
    used = sum(server.cpu_times()[:2]) - before
    context.close()
    return 100 * used / SECONDS, received[0] / SECONDS / 1000


def _count_bytes(page: Page, received: list[int]) -> None:
    """Add up what arrives on the wire, through the browser's own protocol."""

    def add(size: float) -> None:
        received[0] += int(size)

    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda e: add(e["encodedDataLength"]))
    session.on("Network.webSocketFrameReceived", lambda e: add(_frame_bytes(e["response"])))


def _frame_bytes(frame: dict[str, object]) -> float:
    """Binary frames (opcode 2) come as base64."""
    length = len(str(frame["payloadData"]))
    return length * 0.75 if frame["opcode"] == 2 else length
