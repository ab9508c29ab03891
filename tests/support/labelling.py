"""Real key presses on the label board, and what was on screen when each was pressed."""

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from ssl_core.datasets.dataset import Dataset, open_dataset
from ssl_core.labels.database import DATABASE
from ssl_core.labels.store import LabelStore
from ssl_core.workspace import Workspace

# Runs before the page's own scripts, so its listener sees the screen as the person did.
PROBE = """
(() => {
  const keys = (window.keysPressed = []);
  let host = null;
  window.stageOfBoard = () => {
    if (!host || !host.isConnected) {
      host = Array.from(document.querySelectorAll("*")).find(
        (element) => element.shadowRoot && element.shadowRoot.querySelector(".board .stage"));
    }
    return host ? host.shadowRoot.querySelector(".stage") : null;
  };
  window.addEventListener("keydown", (event) => {
    const stage = window.stageOfBoard();
    const item = stage ? stage.dataset.item : "";
    const entry = { key: event.key, item, next: "", painted: null };
    keys.push(entry);
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        entry.painted = performance.now() - event.timeStamp;
        entry.next = stage ? stage.dataset.item : "";
      };
      channel.port2.postMessage(0);
    });
  }, true);
})();
"""
READY = """() => {
  const stage = window.stageOfBoard();
  const image = stage && stage.querySelector("img");
  return Boolean(image && image.complete && image.naturalWidth);
}"""


@dataclass(frozen=True)
class KeyPress:
    """A key, the item on screen when it was pressed ("" for none), and the item after it."""

    key: str
    item: str
    next: str
    painted: float | None  # milliseconds from the key to the frame after it, on screen


def open_board(page: Page, url: str, dataset: str) -> None:
    """Open the label page with the probe in place and wait for its first image."""
    page.add_init_script(PROBE)
    page.goto(f"{url}/label?dataset={dataset}")
    wait_for_image(page)


def wait_for_image(page: Page) -> None:
    """Wait until an image is on screen and decoded."""
    page.wait_for_function("() => Boolean(window.stageOfBoard())", timeout=60_000)
    page.wait_for_function(READY, timeout=60_000)


def collect(page: Page) -> list[KeyPress]:
    """The keys pressed since the page was loaded or this was called."""
    entries = page.evaluate("() => window.keysPressed.splice(0)")
    return [KeyPress(**entry) for entry in entries]


def press_keys(
    page: Page,
    keys: str,
    rate: float,
    before: Callable[[int], None] = lambda number: None,
) -> float:
    """Press `keys` at `rate` a second, each while an image is on screen; the seconds it took.

    `before` is called with the number of each key before it is pressed.
    """
    began = due = time.perf_counter()
    for number, key in enumerate(keys):
        before(number)
        if not page.evaluate(READY):
            wait_for_image(page)
        time.sleep(max(0.0, due - time.perf_counter()))
        page.keyboard.press("Space" if key == " " else key)
        due = max(due, time.perf_counter() - 1 / rate) + 1 / rate
    return time.perf_counter() - began


def wait_until_saved(page: Page, seconds: float = 60) -> None:
    """Wait until the board has nothing left to send."""
    page.wait_for_function(
        "() => ![...Array(localStorage.length).keys()].some("
        "(index) => localStorage.key(index).startsWith('handful/'))",
        timeout=seconds * 1000,
    )


def forget_answers(dataset: Dataset) -> None:
    """Leave heads and classes as they are, and nothing of what people did."""
    with sqlite3.connect(dataset.folder / DATABASE) as connection:
        for table in ("events", "current", "undone", "sent", "lent"):
            connection.execute(f"DELETE FROM {table}")
    connection.close()


def sample_of(workspace: Path) -> Dataset:
    """The sample of a workspace, with a label database."""
    dataset = open_dataset(Workspace.open(workspace), "sample")
    LabelStore(dataset).close()
    return dataset


def stored(workspace: Path) -> dict[int, str]:
    """Item -> name of the class that counts now, in the sample of a workspace."""
    store = LabelStore(sample_of(workspace))
    try:
        name_of = {one.identifier: one.name for one in store.classes()}
        current = store.current()
        pairs = zip(current.items.tolist(), current.values.tolist(), strict=True)
        return {item: name_of[value] for item, value in pairs}
    finally:
        store.close()
