"""When a page is drawn for the first time, as the browser's own clock has it."""

from playwright.sync_api import Page

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
