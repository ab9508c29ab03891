"""The grid in a real browser: choosing by pointer and keys, one act for many, undo."""

import sqlite3
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.labels.database import DATABASE
from ssl_core.labels.store import LabelStore
from ssl_core.workspace import Workspace
from tests.pages.fake_digits import digits_dataset
from tests.pages.fake_runs import fake_run
from tests.pages.grid_page import (
    CELLS,
    cell,
    choose_run,
    chosen_places,
    items_on_screen,
    open_grid,
    stored_events,
)
from tests.support.dashboard import Dashboard, dashboard
from tests.support.labelling import wait_until_saved

pytestmark = pytest.mark.browser
COUNT, TESTED = 700, 100


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace.open(tmp_path_factory.mktemp("grid") / "workspace")


@pytest.fixture(scope="module")
def dataset(space: Workspace) -> Dataset:
    made = digits_dataset(space, count=COUNT, test=TESTED)
    LabelStore(made).close()
    fake_run(space, made, "run-1", title="Digits sorter")
    return made


@pytest.fixture(scope="module")
def served(space: Workspace, dataset: Dataset) -> Iterator[Dashboard]:
    with dashboard(space.root) as running:
        yield running


@pytest.fixture
def page(served: Dashboard, dataset: Dataset, browser: Browser) -> Iterator[Page]:
    """The grid without labels from earlier tests."""
    with sqlite3.connect(dataset.folder / DATABASE) as connection:
        for table in ("events", "current", "undone"):
            connection.execute(f"DELETE FROM {table}")
    connection.close()
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    open_grid(page, served.url, "digits")
    yield page
    context.close()


def test_no_test_item_is_offered_on_any_page(page: Page, dataset: Dataset) -> None:
    first = items_on_screen(page)
    assert len(first) == 400
    page.keyboard.press(".")
    expect(page.locator(".summary")).to_contain_text("401 to 600 of 600")
    page.locator(CELLS).wait_for()
    second = items_on_screen(page)
    assert sorted(first + second) == [n for n in range(COUNT) if dataset.splits[n] != TEST]
    page.keyboard.press(",")
    expect(page.locator(".summary")).to_contain_text("1 to 400 of 600")


def test_click_shift_click_and_ctrl_click_choose(page: Page) -> None:
    cell(page, 2).click()
    cell(page, 6).click(modifiers=["Shift"])
    assert chosen_places(page) == [2, 3, 4, 5, 6]
    cell(page, 4).click(modifiers=["Control"])
    cell(page, 9).click()
    assert chosen_places(page) == [2, 3, 5, 6, 9]
    expect(page.locator(".said")).to_have_text("5 images")
    page.keyboard.press("Escape")
    assert chosen_places(page) == []
    page.keyboard.press("Control+a")
    assert len(chosen_places(page)) == 400


def test_a_rectangle_chooses_and_lets_go(page: Page) -> None:
    columns = page.locator(".cells").evaluate(
        "list => getComputedStyle(list).gridTemplateColumns.split(' ').length"
    )
    inside = [row * columns + column for row in (0, 1) for column in (1, 2, 3)]
    drag(page, inside[0], inside[-1])
    assert chosen_places(page) == sorted(inside)
    drag(page, inside[0], inside[1])  # begun on a chosen one: it lets go
    assert chosen_places(page) == sorted(inside[2:])


def drag(page: Page, first: int, last: int) -> None:
    """A rectangle from the middle of one cell to the middle of another."""
    boxes = [cell(page, place).bounding_box() for place in (first, last)]
    middles = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes if box]
    page.mouse.move(*middles[0])
    page.mouse.down()
    page.mouse.move(*middles[1], steps=4)
    page.mouse.up()


def test_the_keyboard_alone_chooses_labels_and_takes_back(page: Page, dataset: Dataset) -> None:
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    items = items_on_screen(page)
    page.keyboard.press("7")
    wait_until_saved(page)
    events = stored_events(dataset)
    assert [event[1] for event in events] == items[1:4]
    assert {(kind, origin) for kind, _, _, origin, _, _ in events} == {("label", "grid")}
    assert len({event[4] for event in events}) == 1  # one batch
    seconds = [event[5] for event in events]
    assert 0 < sum(seconds) < 60
    assert len(set(seconds)) == 1
    expect(cell(page, 1).locator(".caption")).to_have_text("7")
    page.keyboard.press("Backspace")
    expect(page.locator(".note")).to_have_text("3 labels taken back.")
    store = LabelStore(dataset)
    assert store.total() == 0
    store.close()
    page.keyboard.press("Backspace")
    expect(page.locator(".note")).to_have_text("There is nothing to undo.")


def test_all_but_two_are_accepted_at_once(page: Page, dataset: Dataset) -> None:
    choose_run(page, "Digits sorter")
    page.get_by_label("called").select_option(label=called(page, "7"))
    expect(page.locator(".acts .primary").first).to_contain_text("as 7")
    page.locator(CELLS).wait_for()
    items = items_on_screen(page)
    expect(cell(page, 0).locator(".caption")).to_contain_text("%")
    cell(page, 0).click()
    cell(page, 5).click()
    expect(page.locator(".acts .primary").first).to_have_text(
        f"Accept the other {len(items) - 2} as 7"
    )
    page.keyboard.press("Enter")
    wait_until_saved(page)
    events = stored_events(dataset)
    assert {event[1] for event in events} == set(items) - {items[0], items[5]}
    assert {(event[3], event[4]) for event in events} == {("accepted", events[0][4])}
    assert chosen_places(page) == [0, 5]  # the two wait for their own class
    page.locator(".choose", has_text="1").first.click()
    wait_until_saved(page)
    assert [event[3] for event in stored_events(dataset)[-2:]] == ["grid", "grid"]
    page.reload()
    page.locator(CELLS).wait_for()
    for count in (2, len(items) - 2):  # undo reaches back over a reload, a batch at a time
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".note")).to_have_text(f"{count} labels taken back.")


def called(page: Page, name: str) -> str:
    """The option of a class with how many the run calls so."""
    options = page.locator("select[aria-label=called] option").all_inner_texts()
    return next(text for text in options if text.startswith(f"{name} ("))
