"""The grid of the label page in a browser: opening it, its cells, what is stored."""

import sqlite3
from pathlib import Path

from playwright.sync_api import Locator, Page

from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.database import DATABASE

CELLS = ".cells[aria-busy=false]"
CARDS = ".cards[aria-busy=false]"


def open_grid(page: Page, url: str, dataset: str, view: str = "grid") -> None:
    """Open the label page in a view and wait until every picture is on screen."""
    page.goto(f"{url}/label?dataset={dataset}&view={view}")
    page.locator(CELLS if view == "grid" else CARDS).wait_for(timeout=60_000)


def cell(page: Page, place: int) -> Locator:
    return page.locator(f"#cell-{place}")


def items_on_screen(page: Page) -> list[int]:
    """The items of the page, in order."""
    found = page.locator(".cell").evaluate_all("cells => cells.map((one) => one.dataset.item)")
    return [int(item) for item in found]


def chosen_places(page: Page) -> list[int]:
    """The places of the cells that are chosen, as a screen reader would be told."""
    return page.locator(".cell").evaluate_all(
        "cells => cells.flatMap((one, place) => "
        "one.getAttribute('aria-selected') === 'true' ? [place] : [])"
    )


def choose_run(page: Page, title: str) -> None:
    """Show what the run with this text in its name calls a class."""
    option = page.locator("select[aria-label=Show] option", has_text=title).first
    page.get_by_label("Show").select_option(value=option.get_attribute("value"))
    page.get_by_label("called").wait_for()
    page.locator(CELLS).wait_for()


def stored_events(dataset: Dataset) -> list[tuple[str, int, int, str, str, float]]:
    """(kind, item, value, origin, batch, seconds) of all events, oldest first."""
    connection = sqlite3.connect(Path(dataset.folder) / DATABASE)
    try:
        return connection.execute(
            "SELECT kind, item, value, origin, batch, seconds FROM events ORDER BY sequence"
        ).fetchall()
    finally:
        connection.close()
