"""Memory of the server while a file of 600 MB is uploaded in Chromium, and afterwards."""

import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
import psutil
from PIL import Image
from playwright.sync_api import Page, expect

from bench.report import Row
from tests.support.dashboard import Dashboard, chromium, dashboard

BYTES = 600_000_000
SIDE = 512  # pixels of an image
MOST_GROWTH = 200e6  # bytes
MOST_LEFT = 50e6  # bytes that may stay
SETTLED = 10.0  # seconds after the upload
_LOOK = 0.05  # seconds between two looks at the memory


def measure() -> list[Row]:
    """A zip of PNG images of noise, which nothing can compress, through the upload field."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "noise.zip"
        size = make_archive(archive, BYTES)
        with dashboard(Path(folder) / "workspace") as served, chromium() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"{served.url}/data")
            page.get_by_text("Add data", exact=True).click()
            page.wait_for_timeout(2000)
            before = _resident(served)
            with _highest(served) as highest:
                seconds = _upload(page, archive)
            time.sleep(SETTLED)
            left = _resident(served) - before
    growth = highest[0] - before
    return [
        Row(
            "growth of the server in an upload of 600 MB",
            f"{growth / 1e6:.0f} MB (from {before / 1e6:.0f} MB, {seconds:.0f} s)",
            f"at most {MOST_GROWTH / 1e6:.0f} MB",
            growth <= MOST_GROWTH,
            f"highest resident set, looked at every {1000 * _LOOK:.0f} ms, while Chromium uploads "
            f"a zip of {size / 1e6:.0f} MB and the server looks inside",
        ),
        Row(
            "what stays of that growth",
            f"{left / 1e6:.0f} MB",
            f"at most {MOST_LEFT / 1e6:.0f} MB",
            left <= MOST_LEFT,
            f"resident set {SETTLED:.0f} s after what is inside was on screen",
        ),
    ]


def make_archive(path: Path, least: int) -> int:
    """A zip of at least so many bytes: images of noise in two folders; its bytes."""
    noise = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    number = 0
    with path.open("wb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        while stream.tell() < least:
            content = BytesIO()
            Image.fromarray(np.roll(noise, number, axis=0)).save(content, "PNG", compress_level=0)
            archive.writestr(f"noise/{'ab'[number % 2]}/{number:05d}.png", content.getvalue())
            number += 1
    return path.stat().st_size


def _upload(page: Page, archive: Path) -> float:
    """Choose the file and wait until what is inside is on screen; seconds."""
    page.get_by_text("Upload", exact=True).click()
    field = page.locator("input.files")
    field.wait_for(state="attached")
    began = time.perf_counter()
    field.set_input_files(archive)
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_enabled(timeout=240_000)
    return time.perf_counter() - began


@contextmanager
def _highest(served: Dashboard) -> Iterator[list[int]]:
    """One number: the most memory that the server has had since the beginning of the block."""
    highest, over = [_resident(served)], threading.Event()

    def look() -> None:
        while not over.wait(_LOOK):
            highest[0] = max(highest[0], _resident(served))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield highest
    finally:
        over.set()
        watcher.join()


def _resident(served: Dashboard) -> int:
    assert served.process
    return int(psutil.Process(served.process.pid).memory_info().rss)
