"""The first drawing of the compare page with a hundred runs."""

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from bench.first_drawing import drawing_row, drawing_watch, drawings_by_click, first_drawing
from bench.pages import FILL
from bench.report import Row
from tests.support.dashboard import ROOT, Dashboard, chromium, dashboard

RUNS = 100
AGAIN = 5
# The table of runs is on screen, and nothing on the first screen waits for its content.
TABLE = """
const waiting = Array.from(document.querySelectorAll('[data-testid="stSkeleton"]'));
const seen = waiting.some((one) => one.getBoundingClientRect().top < innerHeight);
return document.querySelector('[data-testid="stDataFrame"] canvas') && !seen;
"""
# The script has ended, and each of its charts is there.
DRAWN = """
const frames = Array.from(document.querySelectorAll('[data-testid="stPlotlyChart"]'));
return document.querySelector('[data-test-script-state="notRunning"]') && frames.length > 0 &&
  !document.querySelector('[data-testid="stSkeleton"]') &&
  frames.every((one) => one.querySelector(".main-svg .cartesianlayer > *"));
"""


def measure() -> list[Row]:
    """The bundled sample with runs of two methods, five seeds each; most of the page is below the
    first screen."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "workspace"
        command = [sys.executable, "-c", FILL, str(workspace), "sample"]
        subprocess.run(command, cwd=ROOT, check=True)
        with dashboard(workspace) as served, chromium() as browser:
            new, *again = _drawings(browser, served, DRAWN)
            _, *screens = _drawings(browser, served, TABLE)
            clicked = [_clicked(browser, served, ready) for ready in (TABLE, DRAWN)]
    how = f"from the navigation to the frame after it, {RUNS} runs"
    click = f"from a click in the side bar of the home page, {RUNS} runs"
    first, whole = "first screen of the compare page", "whole compare page"
    return [
        drawing_row(f"{first}, by a click", clicked[0], f"{click}; its table"),
        drawing_row(f"{whole}, by a click", clicked[1], f"{click}; table, curves, matrices"),
        drawing_row(first, screens, f"{how}; the table of runs"),
        drawing_row(whole, again, f"{how}; table, curves and matrices"),
        drawing_row(f"{whole}, runs new to the server", [new], "the same, for the first time"),
    ]


def _drawings(browser: Browser, served: Dashboard, ready: str) -> list[float]:
    """Milliseconds to `ready` of a first load and of those after it.

    The library of charts is in the cache of the browser, because another page had been opened.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{served.url}/watch?dataset=sample")
    page.locator(".live-plot .js-line").first.wait_for(state="attached", timeout=60_000)
    page.close()
    context.add_init_script(drawing_watch(ready))
    times = []
    for _ in range(1 + AGAIN):
        page = context.new_page()
        times.append(first_drawing(page, f"{served.url}/compare?dataset=sample"))
        page.close()
    context.close()
    return times


def _clicked(browser: Browser, served: Dashboard, ready: str) -> list[float]:
    """Milliseconds from the click to `ready`, of a browser that has had the page before."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{served.url}/compare?dataset=sample")
    page.locator(".main-svg").first.wait_for(state="attached", timeout=60_000)
    times = drawings_by_click(page, "Compare", "[data-testid=stDataFrame]", ready, AGAIN)
    context.close()
    return times
