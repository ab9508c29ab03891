"""Reruns of every page with 60,000 images and 100 runs in the store."""

import base64
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench.imports import ARCHIVE, import_archive
from bench.report import Row, quantiles
from tests.support.dashboard import ROOT, chromium, dashboard

PAGES = ("home", "data", "label", "train", "watch", "compare")
RERUNS = 12
FILL = """
import sys
from ssl_core.datasets.dataset import open_dataset
from ssl_core.datasets.sample import ensure_sample
from ssl_core.workspace import Workspace
from tests.pages.fake_runs import fake_run
workspace = Workspace.open(sys.argv[1])
ensure_sample(workspace)
dataset = open_dataset(workspace, sys.argv[2])
for number in range(100):
    method = ("supervised", "autoencoder")[number % 2]
    fake_run(workspace, dataset, f"run-{number:03d}", method=method, seed=number % 5,
             group=f"group-{number // 5}", labels=50 + number // 5, age=number)
"""


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        workspace, dataset = Path(folder) / "workspace", "sample"
        if ARCHIVE.exists():
            import_archive(workspace)
            dataset = "cifar10"
        command = [sys.executable, "-c", FILL, str(workspace), dataset]
        subprocess.run(command, cwd=ROOT, check=True)
        rows = []
        with dashboard(workspace) as served, chromium() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            reruns = Reruns(page)
            for name in PAGES:
                address = f"{served.url}/{'' if name == 'home' else name}?dataset={dataset}"
                page.goto(address)
                rows.append(_measure_page(page, reruns, name, dataset))
    return rows


class Reruns:
    """Times of whole reruns, from the frames between browser and server."""

    def __init__(self, page: Page) -> None:
        self.milliseconds: list[float] = []
        self._asked: float | None = None
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.webSocketFrameSent", self._sent)
        session.on("Network.webSocketFrameReceived", self._received)

    def _sent(self, event: dict[str, Any]) -> None:
        message = BackMsg.FromString(base64.b64decode(event["response"]["payloadData"]))
        if message.WhichOneof("type") == "rerun_script" and not message.rerun_script.fragment_id:
            self._asked = event["timestamp"]

    def _received(self, event: dict[str, Any]) -> None:
        message = ForwardMsg.FromString(base64.b64decode(event["response"]["payloadData"]))
        ended = message.WhichOneof("type") == "script_finished"
        if self._asked and ended and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
            self.milliseconds.append(1000 * (event["timestamp"] - self._asked))
            self._asked = None


def _measure_page(page: Page, reruns: Reruns, name: str, dataset: str) -> Row:
    page.locator('[data-test-script-state="notRunning"]').first.wait_for()
    page.wait_for_timeout(3000)
    reruns.milliseconds.clear()
    page.mouse.click(900, 30)  # out of any field
    for _ in range(RERUNS):
        page.keyboard.press("r")
        page.wait_for_timeout(1000)
    times = reruns.milliseconds
    if len(times) < RERUNS // 2:
        raise RuntimeError(f"the page {name} ran again {len(times)} times, expected {RERUNS}")
    return Row(
        f"rerun of the page {name}, {dataset}, 100 runs",
        quantiles(times),
        "p95 at most 300 ms",
        float(np.percentile(times, 95)) <= 300,
        "key R in Chromium, from the request to the end of the script, on the wire",
    )
