"""How long a person waits for the first figure of a training."""

import tempfile
import time
from pathlib import Path

from playwright.sync_api import expect

from bench.report import Row
from bench.sessions import labelled_sample
from ssl_core.runs import launch
from tests.support.dashboard import chromium, dashboard


def measure() -> list[Row]:
    """From the press of the button to a drawn curve, three times."""
    waited = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            workspace = labelled_sample(Path(folder))
            with dashboard(workspace.root) as served, chromium() as browser:
                page = browser.new_page(viewport={"width": 1280, "height": 800})
                page.goto(f"{served.url}/train?dataset=sample")
                button = page.get_by_role("button", name="Start 1 run")
                expect(button).to_be_enabled(timeout=30_000)
                began = time.perf_counter()
                button.click()
                page.get_by_role("button", name="Watch").click()
                page.locator(".scatterlayer .trace path").first.wait_for(
                    state="attached", timeout=60_000
                )
                waited.append(time.perf_counter() - began)
                for run in workspace.runs.iterdir():
                    launch.stop_run(workspace, run.name)
                    launch.stop_run(workspace, run.name, patience=0)
    middle = sorted(waited)[1]
    return [
        Row(
            "start pressed to first curve on screen, CPU",
            f"{middle:.1f} s (of {', '.join(f'{s:.1f}' for s in waited)})",
            "at most 15 s",
            middle <= 15,
            "supervised, defaults, in Chromium, the press on Watch included",
        )
    ]
