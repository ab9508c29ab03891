"""The grid in Chromium: the next 400 images, a toggle, a submit of 100 labels."""

import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from bench.report import Row, quantiles
from tests.support.dashboard import chromium, dashboard

PAGES, TOGGLES, SUBMITS = 5, 60, 5
LOOK = 2  # seconds
# Until the frame after it is on screen.
PAINTED = """
const root = Array.from(document.querySelectorAll("*")).find(
  (one) => one.shadowRoot?.querySelector(".gridboard")).shadowRoot;
const painted = () => new Promise((resolve) => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => resolve();
  requestAnimationFrame(() => channel.port2.postMessage(0));
});
const until = async (ready) => {
  while (!ready()) await new Promise((resolve) => setTimeout(resolve, 1));
};
const press = (key) => window.dispatchEvent(new KeyboardEvent("keydown", { key }));
const click = (place, shiftKey = false) => {
  root.querySelector(".cells").setPointerCapture = () => {};
  for (const name of ["pointerdown", "pointerup"]) {
    const about = { bubbles: true, composed: true, button: 0, pointerId: 1, shiftKey };
    root.querySelector(`#cell-${place}`).dispatchEvent(new PointerEvent(name, about));
  }
};
"""
NEXT = """async () => { %s
  const first = root.querySelector(".cell").dataset.item;
  const began = performance.now();
  press(".");
  await until(() => root.querySelector(".cell").dataset.item !== first &&
    root.querySelector(".cells").getAttribute("aria-busy") === "false");
  await painted();
  return performance.now() - began;
}"""
# A click comes at any time between two frames, not only just after one.
TOGGLE = """async (place) => { %s
  await painted();
  await new Promise((resolve) => setTimeout(resolve, place %% 16));
  const began = performance.now();
  click(place);
  await painted();
  return performance.now() - began;
}"""
SUBMIT = """async (first) => { %s
  click(first);
  click(first + 99, true);
  await painted();
  const began = performance.now();
  press("7");
  await until(() => !Object.keys(localStorage).some((key) => key.startsWith("handful/")));
  return performance.now() - began;
}"""


def measure() -> list[Row]:
    """Real pages of the bundled sample, images of 28 x 28 pixels."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "workspace"
        with dashboard(workspace) as served, chromium() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            _open(page, served.url)
            pages = [_measured(page, NEXT) for _ in range(PAGES)]
            _open(page, served.url)
            looked = [_looked(page) for _ in range(PAGES)]
            _open(page, served.url)
            toggles = [_measured(page, TOGGLE, place) for place in range(TOGGLES)]
            page.keyboard.press("Escape")
            submits = [_submitted(page) for _ in range(SUBMITS)]
    return [
        _row(
            "next 400 images on screen, at once",
            pages,
            300,
            "from the key, pressed as soon as those before were there, to the frame after the last",
        ),
        _row(
            "next 400 images on screen, after a look",
            looked,
            300,
            f"the same after {LOOK} s with those before, in which the next ones are fetched",
        ),
        _row("an image chosen or let go", toggles, 20, "from the click to the frame after it"),
        _row(
            "100 labels submitted", submits, 200, "from the key until the server has said on disk"
        ),
    ]


def _open(page: Page, url: str) -> None:
    """The first of the images, all of them on screen."""
    page.goto(f"{url}/label?dataset=sample&view=grid")
    page.locator(".cells[aria-busy=false]").wait_for(timeout=60_000)


def _looked(page: Page) -> float:
    """Milliseconds to the next images for a person who has looked at those on screen."""
    page.wait_for_timeout(1000 * LOOK)
    return _measured(page, NEXT)


def _submitted(page: Page) -> float:
    """Milliseconds of one submit, on a page of its own."""
    found = _measured(page, SUBMIT, 0)
    _measured(page, NEXT)
    return found


def _measured(page: Page, script: str, argument: int = 0) -> float:
    return float(page.evaluate(script % PAINTED, argument))


def _row(quantity: str, values: list[float], aim: int, how: str) -> Row:
    high = float(np.percentile(values, 95))
    return Row(quantity, quantiles(values), f"p95 at most {aim} ms", high <= aim, how)
