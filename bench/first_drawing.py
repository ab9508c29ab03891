"""When a page is drawn for the first time, as the browser's own clock has it."""

import numpy as np
from playwright.sync_api import Page

from bench.report import Row

MOST = 1000.0  # milliseconds that a first drawing may take

# Looks once a frame; the clock of a page begins with the navigation to it.
_WATCH = """
(() => {
  const ready = () => { %s };
  const look = () => {
    let there = false;
    try { there = ready(); } catch { /* the page is not far enough */ }
    if (!there) return requestAnimationFrame(look);
    const channel = new MessageChannel();
    channel.port1.onmessage = () => (window.firstDrawing = performance.now());
    requestAnimationFrame(() => channel.port2.postMessage(0));
  };
  requestAnimationFrame(look);
})();
"""


def drawing_watch(ready: str) -> str:
    """A script to be put into a page before its own; `ready`: the body of a function."""
    return _WATCH % ready


def first_drawing(page: Page, address: str) -> float:
    """Milliseconds from the navigation to the frame after all is drawn."""
    page.goto(address, wait_until="commit")
    page.wait_for_function("() => window.firstDrawing !== undefined", timeout=60_000)
    return float(page.evaluate("() => window.firstDrawing"))


def drawings_by_click(page: Page, link: str, gone: str, ready: str, times: int) -> list[float]:
    """Milliseconds of `drawing_after_click`, as many `times`.

    Each time from the home page, once the page before has left it: `gone` is a selector of what
    only that one shows. ready: as of `drawing_watch`.
    """
    return [_by_click(page, link, gone, ready) for _ in range(times)]


def _by_click(page: Page, link: str, gone: str, ready: str) -> float:
    page.get_by_test_id("stSidebar").get_by_role("link", name="Home").click()
    page.locator(gone).first.wait_for(state="detached", timeout=60_000)
    page.locator('[data-test-script-state="notRunning"]').first.wait_for()
    page.wait_for_timeout(1000)
    time = drawing_after_click(page, link, ready)
    page.wait_for_timeout(1000)
    return time


def drawing_after_click(page: Page, link: str, ready: str) -> float:
    """Milliseconds from a click on a link of the side bar to the frame after all is drawn.

    ready: as of `drawing_watch`; nothing of the page before may be taken for it.
    """
    page.evaluate(
        """(name) => {
          const links = Array.from(document.querySelectorAll('[data-testid="stSidebar"] a'));
          const link = links.find((one) => one.innerText.trim().endsWith(name));
          window.firstDrawing = undefined;
          window.clicked = performance.now();
          link.click();
        }""",
        link,
    )
    page.evaluate(drawing_watch(ready))
    page.wait_for_function("() => window.firstDrawing !== undefined", timeout=60_000)
    return float(page.evaluate("() => window.firstDrawing - window.clicked"))


def drawing_row(quantity: str, times: list[float], how: str) -> Row:
    """The median of first drawings, in milliseconds, and each of them."""
    middle = float(np.median(times))
    listed = f" (median of {', '.join(f'{time:.0f}' for time in times)})" if len(times) > 1 else ""
    return Row(quantity, f"{middle:.0f} ms{listed}", f"at most {MOST:.0f} ms", middle <= MOST, how)
