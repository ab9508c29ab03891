"""From the command to the first painted page, and the memory of the web process."""

import tempfile
import time
from pathlib import Path

import psutil

from bench.report import Row
from tests.support.dashboard import chromium, dashboard

ROUNDS = 3


def measure() -> list[Row]:
    """First start on an empty workspace (the sample is imported), median of three."""
    painted, memory = [], []
    with chromium() as browser:
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory() as folder:
                began = time.perf_counter()
                with dashboard(Path(folder) / "workspace") as served:
                    page = browser.new_page()
                    page.goto(served.url)
                    page.get_by_role("heading").first.wait_for()
                    painted.append(time.perf_counter() - began)
                    for name in ("data", "label", "train", "watch", "compare"):
                        page.goto(f"{served.url}/{name}")
                        page.locator('[data-test-script-state="notRunning"]').first.wait_for()
                        page.wait_for_timeout(500)
                    assert served.process
                    memory.append(psutil.Process(served.process.pid).memory_info().rss / 2**20)
                    page.close()
    seconds = sorted(painted)[ROUNDS // 2]
    return [
        Row(
            "first page painted after the start",
            f"{seconds:.1f} s (of {', '.join(f'{s:.1f}' for s in painted)})",
            "at most 3 s",
            seconds <= 3,
            "process start to first heading in Chromium, first start with import of the sample",
        ),
        Row(
            "memory of the web process",
            f"{max(memory):.0f} MiB",
            "at most 400 MB",
            max(memory) * 2**20 <= 400e6,
            "resident set after every page was opened once",
        ),
    ]
