"""The watch page of a training run with a million metric points, six charts and two grids."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, BrowserContext, Page

from bench.first_drawing import drawing_row, drawing_watch, drawings_by_click, first_drawing
from bench.live import processor_seconds, watch_bytes
from bench.long_run import CHARTS, DIP, GRIDS, LINES, LONG, NAMES, OTHER, SPIKE
from bench.report import Row
from tests.support.dashboard import ROOT, Dashboard, chromium, dashboard, draw_rectangle

SECONDS = 20.0
AGAIN = 5  # times that the page is loaded again
DRAWN = """
const plots = Array.from(document.querySelectorAll(".live-card .live-plot"));
return plots.length === %d && plots.every((one) => one.querySelector(".scatterlayer .js-line"));
"""
# All that is drawn of the first metric, and the range of the axis of the first chart.
FIRST_CHART = "document.querySelector('[data-chart=\"loss/total\"] .live-plot')"
EXTREMES = f"""() => {{
  const values = {FIRST_CHART}.data[0].y;
  return [Math.min(...values), Math.max(...values)];
}}"""
RANGE = f"() => JSON.stringify({FIRST_CHART}._fullLayout.xaxis.range)"
POINTS = f"() => {FIRST_CHART}.data[0].x.length"


class Refreshed(NamedTuple):
    """What a watched page cost and kept."""

    percent: float  # of a core
    kilobytes: float  # a second
    polls: float  # a second
    zoomed: bool  # the range that was chosen is the range at the end
    grown: int  # points that came meanwhile


def measure() -> list[Row]:
    """First drawings, then twenty seconds of refreshes with a zoom in place."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "workspace"
        with _training(workspace), dashboard(workspace) as served, chromium() as browser:
            context = _context(browser)
            address = f"{served.url}/watch?dataset=digits&run="
            page = context.new_page()
            page.goto(address + OTHER)
            page.locator(".live-plot .js-line").first.wait_for(state="attached", timeout=60_000)
            page.close()
            first, extremes = _first(context, address + LONG)
            again = [_first(context, address + LONG)[0] for _ in range(AGAIN)]
            clicked = _clicked(context, address + LONG)
            refreshed = _refreshed(served, context, address + LONG)
    return [*_drawing_rows(first, again, clicked, extremes), *_refresh_rows(refreshed)]


def _drawing_rows(
    first: float, again: list[float], clicked: list[float], extremes: tuple[float, float]
) -> list[Row]:
    to_charts = f"to the frame after all {CHARTS} charts, {LINES * len(NAMES):,} points"
    how = f"from the navigation {to_charts}"
    return [
        drawing_row(
            "first drawing of a long run, by a click",
            clicked,
            f"from a click in the side bar of the home page {to_charts}",
        ),
        drawing_row(
            "first drawing of a long run, new to the server",
            [first],
            f"{how}; the browser had seen another run before, so the library is in its cache",
        ),
        drawing_row("first drawing of a long run, seen before", again, "the page loaded again"),
        Row(
            "extremes of the first drawing",
            f"{extremes[0]:g} and {extremes[1]:g}",
            f"{DIP:g} and {SPIKE:g}",
            extremes == (DIP, SPIKE),
            f"a dip and a spike of one point each, among {LINES:,} points of a curve",
        ),
    ]


def _refresh_rows(found: Refreshed) -> list[Row]:
    how = f"{SECONDS:.0f} s of a run that publishes 5 lines and {len(GRIDS)} grids a second"
    return [
        Row(
            "refresh of a long run: server",
            f"{found.percent:.1f} % of a core at {found.polls:.1f} polls/s",
            "at most 5 %, at least 0.8 polls/s",
            found.percent <= 5 and found.polls >= 0.8,
            f"processor time over {how}",
        ),
        Row(
            "refresh of a long run: bytes",
            f"{found.kilobytes:.1f} kB/s",
            "at most 50 kB a refresh of 1 s",
            found.kilobytes <= 50,
            "HTTP bodies and websocket frames received by Chromium",
        ),
        Row(
            "zoom of a long run",
            f"{'kept' if found.zoomed else 'lost'} while {found.grown} points came",
            "kept",
            found.zoomed and found.grown > 0,
            "a rectangle drawn with the mouse; the range of the axis before and after",
        ),
    ]


@contextmanager
def _training(workspace: Path) -> Iterator[None]:
    """The long run is there, and goes on."""
    process = subprocess.Popen([sys.executable, "-m", "bench.long_run", str(workspace)], cwd=ROOT)
    try:
        pictures = workspace / "runs" / LONG / "panels" / GRIDS[-1] / "panel.json"
        until = time.monotonic() + 120
        while not pictures.exists():
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the long run could not be made")
            time.sleep(0.1)
        yield
    finally:
        process.kill()
        process.wait()


def _context(browser: Browser) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.add_init_script(drawing_watch(DRAWN % CHARTS))
    return context


def _first(context: BrowserContext, address: str) -> tuple[float, tuple[float, float]]:
    """Milliseconds of a first drawing, and the lowest and the highest value that it shows."""
    page = context.new_page()
    milliseconds = first_drawing(page, address)
    lowest, highest = page.evaluate(EXTREMES)
    page.close()
    return milliseconds, (lowest, highest)


def _clicked(context: BrowserContext, address: str) -> list[float]:
    """Milliseconds from a click to the first drawing, in a browser that has the dashboard open."""
    page = context.new_page()
    first_drawing(page, address)
    times = drawings_by_click(page, "Watch", ".live-card", DRAWN % CHARTS, AGAIN)
    page.close()
    return times


def _refreshed(served: Dashboard, context: BrowserContext, address: str) -> Refreshed:
    page = context.new_page()
    first_drawing(page, address)
    page.locator("[class*=st-key-hf-card-panel-samples] img").wait_for()
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url) if "/metrics?" in sent.url else None)
    received = watch_bytes(page)
    _zoom(page)
    page.wait_for_timeout(5000)
    zoomed, points = page.evaluate(RANGE), page.evaluate(POINTS)
    asked.clear()
    received[0] = 0
    before, began = processor_seconds(served), time.perf_counter()
    page.wait_for_timeout(1000 * SECONDS)
    seconds = time.perf_counter() - began
    used = processor_seconds(served) - before
    return Refreshed(
        percent=100 * used / seconds,
        kilobytes=received[0] / seconds / 1000,
        polls=len(asked) / seconds,
        zoomed=page.evaluate(RANGE) == zoomed,
        grown=page.evaluate(POINTS) - points,
    )


def _zoom(page: Page) -> None:
    """Draw a rectangle in the first chart. Raises RuntimeError where that does not zoom."""
    before = page.evaluate(RANGE)
    draw_rectangle(page, page.locator("[data-chart='loss/total'] .nsewdrag").first)
    page.wait_for_timeout(300)
    if page.evaluate(RANGE) == before:
        raise RuntimeError("a rectangle drawn in the chart did not zoom")
