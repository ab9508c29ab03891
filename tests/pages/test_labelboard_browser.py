"""The label board in a real browser, with real key presses on the bundled sample."""

import sqlite3
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from ssl_core.labels.database import DATABASE
from tests.pages.grid_page import stored_events
from tests.support.dashboard import Dashboard
from tests.support.labelling import (
    KeyPress,
    collect,
    open_board,
    press_keys,
    sample_of,
    stored,
    wait_for_image,
    wait_until_saved,
)

pytestmark = pytest.mark.browser


def lend_all_to(workspace: Path, person: str) -> None:
    """As after five minutes: what one person has on screen is handed to another one."""
    with sqlite3.connect(sample_of(workspace).folder / DATABASE) as connection:
        connection.execute("UPDATE lent SET person = ?, until = 4e9", (person,))
    connection.close()


def event_kinds(workspace: Path) -> list[str]:
    connection = sqlite3.connect(sample_of(workspace).folder / DATABASE)
    try:
        return [kind for (kind,) in connection.execute("SELECT kind FROM events ORDER BY sequence")]
    finally:
        connection.close()


def expected(pressed: list[KeyPress]) -> dict[int, str]:
    """What the person meant: the digit pressed is the class of the image then on screen."""
    return {int(press.item): press.key for press in pressed}


def item_on_screen(page: Page) -> str:
    return page.locator(".stage").get_attribute("data-item") or ""


def test_keys_label_skip_and_undo(fresh: Page, served: Dashboard) -> None:
    press_keys(fresh, "31 4", 10)
    pressed = collect(fresh)
    fresh.keyboard.press("Backspace")
    assert item_on_screen(fresh) == pressed[3].item
    fresh.keyboard.press("7")
    fresh.keyboard.press("Backspace")
    fresh.keyboard.press("Backspace")  # the skip
    assert item_on_screen(fresh) == pressed[2].item
    wait_until_saved(fresh)
    assert stored(served.workspace) == expected(pressed[:2])
    assert event_kinds(served.workspace) == [
        *("label", "label", "skip", "label", "undo", "label", "undo", "undo")
    ]
    expect(fresh.locator(".progress")).to_have_text("2")
    fresh.reload()
    wait_for_image(fresh)
    assert item_on_screen(fresh) == pressed[2].item
    fresh.keyboard.press("Backspace")  # undo reaches back over a reload
    assert item_on_screen(fresh) == pressed[1].item
    wait_until_saved(fresh)
    assert stored(served.workspace) == expected(pressed[:1])


def test_keys_that_mean_something_else_do_not_label(fresh: Page, served: Dashboard) -> None:
    first = item_on_screen(fresh)
    for key in ("Control+1", "Alt+1", "x", "Enter", "Escape"):
        fresh.keyboard.press(key)
    fresh.get_by_label("Name of a new class").click()
    fresh.keyboard.type("12")
    fresh.keyboard.press("Backspace")
    fresh.keyboard.press("Backspace")
    fresh.keyboard.press("Escape")
    assert item_on_screen(fresh) == first
    fresh.keyboard.down("1")  # held down: the key repeats, the label does not
    for _ in range(5):
        fresh.keyboard.down("1")
    fresh.keyboard.up("1")
    wait_until_saved(fresh)
    assert stored(served.workspace) == {int(first): "1"}


def test_a_latest_label_can_be_changed(fresh: Page, served: Dashboard) -> None:
    press_keys(fresh, "12", 10)
    pressed = collect(fresh)
    waiting = item_on_screen(fresh)
    fresh.locator(".tile").nth(1).click()
    assert item_on_screen(fresh) == pressed[0].item
    fresh.keyboard.press("Escape")
    assert item_on_screen(fresh) == waiting
    began = time.monotonic()
    fresh.locator(".tile").nth(1).click()
    wait_for_image(fresh)
    fresh.wait_for_timeout(400)
    fresh.keyboard.press("9")
    elapsed = time.monotonic() - began
    assert item_on_screen(fresh) == waiting
    fresh.locator(".choose", has_text="5").first.click()
    wait_until_saved(fresh)
    right = {int(pressed[0].item): "9", int(pressed[1].item): "2", int(waiting): "5"}
    assert stored(served.workspace) == right
    seconds = [event[5] for event in stored_events(sample_of(served.workspace))]
    assert len(seconds) == 4
    assert 0.4 <= seconds[2] < elapsed  # the change: since its image was on screen again
    assert min(seconds) > 0
    fresh.keyboard.press("Backspace")
    fresh.keyboard.press("Backspace")
    wait_until_saved(fresh)
    assert stored(served.workspace) == expected(pressed)


def test_labels_made_offline_arrive_later(fresh: Page, served: Dashboard) -> None:
    fresh.context.set_offline(True)
    press_keys(fresh, "123", 10)
    expect(fresh.locator(".state")).to_have_text("Offline, 3 waiting")
    pressed = collect(fresh)
    assert stored(served.workspace) == {}
    fresh.context.set_offline(False)
    expect(fresh.locator(".state")).to_have_text("Saved", timeout=15_000)
    assert stored(served.workspace) == expected(pressed)


def test_another_tab_goes_on_where_this_one_is(fresh: Page, served: Dashboard) -> None:
    press_keys(fresh, "1234", 10)
    other = fresh.context.new_page()
    open_board(other, served.url, "sample")
    assert item_on_screen(other) == item_on_screen(fresh)
    wait_until_saved(other)
    assert len(stored(served.workspace)) == 4


def test_another_person_is_neither_undone_nor_let_swap_the_image(
    fresh: Page, served: Dashboard, browser: Browser
) -> None:
    press_keys(fresh, "1", 10)
    mine = collect(fresh)
    waiting = item_on_screen(fresh)
    wait_until_saved(fresh)
    lend_all_to(served.workspace, "other")
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script("localStorage.setItem('handful-person', 'other')")
    other = context.new_page()
    open_board(other, served.url, "sample")
    other.keyboard.press("Backspace")
    expect(other.locator(".note")).to_have_text("There is nothing to undo.")
    press_keys(other, "25", 10)
    theirs = collect(other)
    assert theirs[1].item == waiting
    wait_until_saved(other)
    with fresh.expect_response("**/board?*") as answer:  # as on coming back to the tab
        fresh.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    answer.value.finished()
    expect(fresh.locator(".progress")).to_have_text("3")
    assert item_on_screen(fresh) == waiting
    fresh.keyboard.press("Backspace")
    assert item_on_screen(fresh) == mine[0].item
    wait_until_saved(fresh)
    assert stored(served.workspace) == expected(theirs[1:])
    same = fresh.context.new_page()  # a tab of the same browser is the same person
    open_board(same, served.url, "sample")
    names = {page.evaluate("localStorage.getItem('handful-person')") for page in (fresh, same)}
    assert len(names) == 1
    context.close()


def test_a_key_pressed_in_a_stall_is_not_given_to_the_image_after_it(
    fresh: Page, served: Dashboard
) -> None:
    fresh.evaluate("() => (window.early = new KeyboardEvent('keydown', {key: '9', bubbles: true}))")
    fresh.wait_for_timeout(400)
    press_keys(fresh, "1", 10)
    second = item_on_screen(fresh)
    fresh.evaluate("() => document.body.dispatchEvent(window.early)")
    assert item_on_screen(fresh) == second
    pressed = collect(fresh)
    wait_until_saved(fresh)
    assert stored(served.workspace) == expected(pressed[:1])


def test_leaving_the_screen_and_coming_back_leaves_one_listener(
    fresh: Page, served: Dashboard
) -> None:
    sidebar = fresh.get_by_test_id("stSidebar")
    for _ in range(2):
        sidebar.get_by_role("link", name="Home").click()
        expect(fresh.locator(".board")).to_have_count(0)
        fresh.keyboard.press("1")  # no board, no label
        sidebar.get_by_role("link", name="Label").click()
        wait_for_image(fresh)
    collect(fresh)
    press_keys(fresh, "5 6", 10)
    pressed = collect(fresh)
    wait_until_saved(fresh)
    assert event_kinds(served.workspace) == ["label", "skip", "label"]
    assert stored(served.workspace) == expected([pressed[0], pressed[2]])


@pytest.mark.slow
def test_two_hundred_keys_survive_a_reload_and_a_restart(fresh: Page, served: Dashboard) -> None:
    pressed: list[KeyPress] = []
    restart = threading.Thread(target=served.restart)

    def disturb(number: int) -> None:
        if number == 70:  # in the middle of sending
            pressed.extend(collect(fresh))
            fresh.reload()
            wait_for_image(fresh)
        if number == 120:
            restart.start()

    press_keys(fresh, "".join(str(turn % 10) for turn in range(200)), 20, disturb)
    restart.join()
    pressed.extend(collect(fresh))
    wait_until_saved(fresh)
    assert len(pressed) == 200
    assert len(expected(pressed)) == 200  # no image was asked twice
    assert stored(served.workspace) == expected(pressed)
    assert event_kinds(served.workspace) == ["label"] * 200
    assert all(press.next != press.item for press in pressed)
    delays = [press.painted for press in pressed if press.painted is not None]
    print(f"key to paint: median {np.median(delays):.1f}, p95 {np.percentile(delays, 95):.1f} ms")
