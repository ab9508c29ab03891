"""Choosing what comes next, and two people on one dataset, in a real browser."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ssl_core.datasets.dataset import Dataset, open_dataset
from ssl_core.files import write_json
from ssl_core.labels.store import LabelStore
from ssl_core.runs.status import RunStatus
from ssl_core.runs.writer import RunWriter
from ssl_core.workspace import Workspace
from tests.support.dashboard import Dashboard, dashboard
from tests.support.labelling import collect, open_board, press_keys, wait_until_saved
from tests.support.runs import make_run

pytestmark = pytest.mark.browser


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Dashboard]:
    with dashboard(tmp_path / "workspace") as running:
        yield running


@pytest.fixture
def people(browser: Browser) -> Iterator[list[BrowserContext]]:
    """Two people with a browser each."""
    both = [browser.new_context(viewport={"width": 1280, "height": 800}) for _ in range(2)]
    yield both
    for one in both:
        one.close()


def store_of(served: Dashboard) -> tuple[Dataset, LabelStore]:
    dataset = open_dataset(Workspace.open(served.workspace), "sample")
    return dataset, LabelStore(dataset)


def finished_run(served: Dashboard, dataset: Dataset, title: str) -> None:
    folder = make_run(Workspace.open(served.workspace), dataset)
    found = np.random.default_rng(0).dirichlet(np.full(10, 0.3), dataset.manifest.count)
    writer = RunWriter(folder)
    writer.predictions({"probabilities": found.astype(np.float32)})
    writer.close()
    (folder / "title.txt").write_text(title, encoding="utf-8")
    status = RunStatus(state="finished", steps=8).model_dump(mode="json")
    write_json(folder / "status.json", status)


def board_of(context: BrowserContext, served: Dashboard) -> Page:
    page = context.new_page()
    open_board(page, served.url, "sample")
    return page


def test_a_run_that_finishes_orders_what_comes_next_and_keys_go_on_labelling(
    served: Dashboard, people: list[BrowserContext]
) -> None:
    page = board_of(people[0], served)
    page.locator("select.next").first.select_option("margin")
    expect(page.locator(".sentence")).to_contain_text("No finished run can choose so yet")
    press_keys(page, "34", rate=2)
    assert [press.key for press in collect(page)] == ["3", "4"]  # none went to the choice
    dataset, store = store_of(served)
    finished_run(served, dataset, "my first run")
    press_keys(page, "5", rate=2)
    expect(page.locator(".note")).to_have_text("Ordered anew by the run “my first run”.")
    expect(page.locator(".sentence")).to_contain_text("By “my first run”")
    page.locator("select.next").first.focus()  # also where the choice was left open
    press_keys(page, "6", rate=2)
    wait_until_saved(page)
    assert store.total() == 4
    assert store.strategy().strategy == "margin"
    store.close()


def test_two_people_get_different_images_and_both_answers_are_kept(
    served: Dashboard, people: list[BrowserContext]
) -> None:
    ana, ben = (board_of(context, served) for context in people)
    ana.locator(".who").click()
    ana.get_by_label("Your name").fill("Ana")
    ana.keyboard.press("Enter")
    expect(ana.locator(".who")).to_have_text("Ana")
    for page in (ana, ben):
        press_keys(page, "1234512345", rate=10)
    seen = [{press.item for press in collect(page)} for page in (ana, ben)]
    assert [len(items) for items in seen] == [10, 10]
    assert not seen[0] & seen[1]
    for page in (ana, ben):
        wait_until_saved(page)
    _, store = store_of(served)
    assert store.total() == 20
    assert list(store.names().values()) == ["Ana"]
    ana.close()  # or it might be lent to her again
    answered = int(min(seen[0], key=int))
    store.send_items([answered], "a second opinion")
    caption = ben.locator(".caption")
    for _ in range(5):  # the image on screen stays until it is answered
        if "Asked again: a second opinion" in caption.inner_text():
            break
        press_keys(ben, "7", rate=2)
        ben.wait_for_timeout(1500)
    expect(caption).to_contain_text("Asked again: a second opinion")
    press_keys(ben, "9", rate=2)
    wait_until_saved(ben)
    opinions = store.read(
        lambda read: read.execute(
            "SELECT COUNT(DISTINCT person) FROM current WHERE item = ?", (answered,)
        ).fetchone()
    )
    assert opinions == (2,)
    assert store.sent_items() == {}
    store.close()


def test_the_last_images_that_others_have_are_waited_for(
    served: Dashboard, people: list[BrowserContext]
) -> None:
    ana = board_of(people[0], served)
    dataset, store = store_of(served)
    rows = [(item, "somebody else", 4e9) for item in range(dataset.manifest.count)]

    def lend(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM lent")
        connection.executemany("INSERT INTO lent VALUES (?, ?, ?)", rows)

    store.write(lend)
    ana.reload()
    expect(ana.locator(".wait")).to_contain_text("are with other people")
    store.write(lambda connection: connection.execute("DELETE FROM lent"))
    ana.wait_for_function("() => Boolean(window.stageOfBoard()?.dataset.item)")
    store.close()
