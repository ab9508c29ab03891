"""The grid in a real browser: choosing by pointer and keys, one act for many, undo."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from ssl_core.datasets.dataset import TEST, Dataset
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
from tests.support.dashboard import Dashboard
from tests.support.interception import intercept
from tests.support.labelling import forget_answers, wait_until_saved

pytestmark = pytest.mark.browser
COUNT, TESTED = 700, 100
# What comes due every two minutes, for the test to call.
RENEWAL = """const each = window.setInterval;
window.setInterval = (act, wait) => (wait === 120000 ? (window.renew = act) : each(act, wait));"""


@pytest.fixture(scope="module")
def dataset(space: Workspace) -> Dataset:
    made = digits_dataset(space, count=COUNT, test=TESTED)
    LabelStore(made).close()
    fake_run(space, made, "run-1", title="Digits sorter")
    return made


@pytest.fixture
def page(dataset: Dataset, served: Dashboard, browser: Browser) -> Iterator[Page]:
    """The grid without labels from earlier tests."""
    forget_answers(dataset)
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
    assert sum(seconds) > 0
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


def test_what_another_class_is_called_is_not_accepted_while_or_after_it_fails(
    page: Page, dataset: Dataset
) -> None:
    choose_run(page, "Digits sorter")
    accept = page.locator(".acts .primary").first
    page.get_by_label("called").select_option(label=called(page, "7"))
    expect(accept).to_contain_text("as 7")
    page.locator(CELLS).wait_for()
    items = items_on_screen(page)
    held: list[Route] = []
    intercept(page, "**/grid?*", lambda route: held.append(route))
    with page.expect_request("**/grid?*"):
        page.get_by_label("called").select_option(label=called(page, "3"))
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    expect(page.locator(".note")).to_contain_text("Wait until it is on screen")
    held[0].fulfill(status=500, json={"error": "The disk is full."})
    expect(page.locator(".note")).to_have_text("The disk is full.")
    assert chosen_places(page) == []
    wait_until_saved(page)
    assert stored_events(dataset) == []
    shown = page.get_by_label("called").evaluate("one => one.selectedOptions[0].text")
    assert shown == called(page, "7")  # what is on screen is what is named, and accepted
    expect(accept).to_have_text(f"Accept all {len(items)} as 7")
    page.keyboard.press("Enter")
    wait_until_saved(page)
    assert {(event[1], event[2]) for event in stored_events(dataset)} == {
        (item, class_of(dataset, "7")) for item in items
    }


def class_of(dataset: Dataset, name: str) -> int:
    store = LabelStore(dataset)
    found = next(one.identifier for one in store.classes() if one.name == name)
    store.close()
    return found


def test_an_undo_that_failed_is_tried_again_with_the_same_batch(
    page: Page, dataset: Dataset
) -> None:
    for count, place in ((1, 0), (2, 2)):
        for chosen in range(place, place + count):
            cell(page, chosen).click()
        page.keyboard.press("7")
        wait_until_saved(page)
    failing = "**/grid/undo"
    intercept(page, failing, lambda route: route.fulfill(status=503, json={"error": "Not now."}))
    page.keyboard.press("Backspace")
    expect(page.locator(".note")).to_have_text("Not now.")
    page.unroute(failing)
    page.keyboard.press("Backspace")
    expect(page.locator(".note")).to_have_text("2 labels taken back.")
    page.keyboard.press("Backspace")
    expect(page.locator(".note")).to_have_text("1 label taken back.")


def test_leaving_is_asked_about_while_a_label_could_not_be_kept(page: Page) -> None:
    page.evaluate(
        """() => {
            const keep = Storage.prototype.setItem;
            Storage.prototype.setItem = function (key, value) {
                if (key.startsWith("handful/")) throw new DOMException("", "QuotaExceededError");
                keep.call(this, key, value);
            };
        }"""
    )
    assert not asks_before_leaving(page)
    intercept(page, "**/events", lambda route: route.abort())
    cell(page, 0).click()
    page.keyboard.press("7")
    expect(page.locator(".state")).to_contain_text("Offline")
    assert asks_before_leaving(page)
    page.unroute("**/events")
    expect(page.locator(".state")).to_have_text("Saved")
    assert not asks_before_leaving(page)


def asks_before_leaving(page: Page) -> bool:
    return page.evaluate(
        "() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    )


def called(page: Page, name: str) -> str:
    """The option of a class with how many the run calls so."""
    options = page.locator("select[aria-label=called] option").all_inner_texts()
    return next(text for text in options if text.startswith(f"{name} ("))


def test_the_labels_of_an_act_share_the_time_since_the_last_one(
    page: Page, dataset: Dataset
) -> None:
    """Also that in which a page was looked at that is left."""
    began = time.monotonic()
    page.wait_for_timeout(1500)
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".summary")).to_contain_text("401 to 600 of 600")
    cell(page, 0).click()
    cell(page, 39).click(modifiers=["Shift"])
    page.keyboard.press("7")
    elapsed = time.monotonic() - began
    wait_until_saved(page)
    seconds = [event[5] for event in stored_events(dataset)]
    assert len(seconds) == 40
    assert 1.5 < sum(seconds) < elapsed + 1  # its first image was there before the test began


def test_two_people_begin_with_other_images(
    page: Page, served: Dashboard, browser: Browser
) -> None:
    """Of the last 600 the first one takes half; a page that is left is given back."""
    first = items_on_screen(page)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        other = context.new_page()
        other.add_init_script(RENEWAL)
        open_grid(other, served.url, "digits")
        theirs = items_on_screen(other)
        assert len(theirs) == 300
        assert not set(theirs) & set(first[:300])
        other.mouse.move(300, 300)
        with other.expect_request("**/grid/loan") as renewed:
            other.evaluate("() => window.renew()")
        assert renewed.value.post_data_json["items"] == theirs
        expect(other.locator(".summary")).to_contain_text("300 more with other people now")
        page.get_by_role("button", name="Next").click()
        expect(page.locator(".summary")).to_contain_text("150 more with other people now")
        page.locator(CELLS).wait_for()
        assert not set(items_on_screen(page)) & {*first, *theirs[:150]}
        other.reload()
        other.locator(CELLS).wait_for()
        assert items_on_screen(other) == first
    finally:
        context.close()
