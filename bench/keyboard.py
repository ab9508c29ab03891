"""Key press to next image painted, alone and beside two trainings, and whether a key is lost."""

import sqlite3
import tempfile
from pathlib import Path

import numpy as np

from bench.busy import two_trainings
from bench.report import Row, quantiles
from tests.support.dashboard import chromium, dashboard
from tests.support.labelling import KeyPress, collect, open_board, press_keys, wait_until_saved

KEYS, RATE = 200, 20.0
MOST = 25.0  # milliseconds
STORED = "SELECT item, COUNT(*) FROM events WHERE kind = 'label' GROUP BY item"


def measure() -> list[Row]:
    """Real key presses in Chromium on the bundled sample."""
    how = "Chromium on this machine, from the key event to the frame after it"
    with tempfile.TemporaryDirectory() as folder:
        pressed, stored = _pressed(Path(folder) / "alone")
        with two_trainings(Path(folder)) as progress:
            beside, stored_beside = _pressed(Path(folder) / "beside")
            trained = progress()
    return [
        _quick("key press to next image painted", pressed, how),
        _kept("", pressed, stored),
        _quick(
            "key press to next image painted, two runs training",
            beside,
            f"the same while {trained} train on the same cores",
        ),
        _kept(", two runs training", beside, stored_beside),
    ]


def _pressed(workspace: Path) -> tuple[list[KeyPress], dict[int, int]]:
    """What was on screen at each key, and how often each item is in the database."""
    with dashboard(workspace) as served, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        open_board(page, served.url, "sample")
        press_keys(page, "".join(str(turn % 10) for turn in range(KEYS)), RATE)
        pressed = collect(page)
        wait_until_saved(page)
    with sqlite3.connect(workspace / "datasets/sample/labels.sqlite") as connection:
        return pressed, dict(connection.execute(STORED).fetchall())


def _quick(quantity: str, pressed: list[KeyPress], how: str) -> Row:
    delays = [press.painted for press in pressed if press.painted is not None]
    met = float(np.percentile(delays, 95)) <= MOST
    return Row(quantity, quantiles(delays), f"p95 at most {MOST:.0f} ms", met, how)


def _kept(beside: str, pressed: list[KeyPress], stored: dict[int, int]) -> Row:
    """Compare what was on screen with what is in the database."""
    asked = [int(press.item) for press in pressed if press.item]
    lost = len(set(asked) - set(stored))
    twice = sum(count > 1 for count in stored.values()) + len(asked) - len(set(asked))
    stray = len(set(stored) - set(asked))
    return Row(
        f"{KEYS} keys at {RATE:.0f} a second{beside}",
        f"{lost} lost, {twice} twice, {stray} on another image (of {len(asked)})",
        "0, 0, 0",
        len(asked) == KEYS and lost + twice + stray == 0,
        "images on screen at the key press against the database; "
        "tests/pages/test_labelboard_browser.py adds a reload and a restart of the server",
    )
