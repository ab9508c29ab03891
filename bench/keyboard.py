"""Key press to next image painted, and whether any of 200 fast keys is lost."""

import sqlite3
import tempfile
from pathlib import Path

import numpy as np

from bench.report import Row, quantiles
from tests.support.dashboard import chromium, dashboard
from tests.support.labelling import KeyPress, collect, open_board, press_keys, wait_until_saved

KEYS, RATE = 200, 20.0
STORED = "SELECT item, COUNT(*) FROM events WHERE kind = 'label' GROUP BY item"


def measure() -> list[Row]:
    """Real key presses in Chromium on the bundled sample."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "workspace"
        with dashboard(workspace) as served, chromium() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            open_board(page, served.url, "sample")
            press_keys(page, "".join(str(turn % 10) for turn in range(KEYS)), RATE)
            pressed = collect(page)
            wait_until_saved(page)
        with sqlite3.connect(workspace / "datasets/sample/labels.sqlite") as connection:
            stored = dict(connection.execute(STORED).fetchall())
    delays = [press.painted for press in pressed if press.painted is not None]
    high = float(np.percentile(delays, 95))
    return [
        Row(
            "key press to next image painted",
            quantiles(delays),
            "p95 at most 25 ms",
            high <= 25,
            "Chromium on this machine, from the key event to the frame after it",
        ),
        _kept(pressed, stored),
    ]


def _kept(pressed: list[KeyPress], stored: dict[int, int]) -> Row:
    """Compare what was on screen with what is in the database."""
    asked = [int(press.item) for press in pressed if press.item]
    lost = len(set(asked) - set(stored))
    twice = sum(count > 1 for count in stored.values()) + len(asked) - len(set(asked))
    stray = len(set(stored) - set(asked))
    return Row(
        f"{KEYS} keys at {RATE:.0f} a second",
        f"{lost} lost, {twice} twice, {stray} on another image (of {len(asked)})",
        "0, 0, 0",
        len(asked) == KEYS and lost + twice + stray == 0,
        "images on screen at the key press against the database; "
        "tests/pages/test_labelboard_browser.py adds a reload and a restart of the server",
    )
