"""Classes changed on the label board while people label, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.support.dashboard import Dashboard
from tests.support.interception import intercept
from tests.support.labelling import collect, press_keys, stored, wait_until_saved

pytestmark = pytest.mark.browser


def until(page: Page, happened: Callable[[], bool], seconds: float = 15.0) -> None:
    """Let the page go on until something has happened in its routes."""
    for _ in range(round(seconds / 0.05)):
        if happened():
            return
        page.wait_for_timeout(50)
    pytest.fail(f"nothing happened for {seconds:g} s")


def test_classes_are_changed_in_place(fresh: Page, served: Dashboard) -> None:
    fresh.get_by_label("Name of a new class").fill("<img src=x onerror=alert(1)>")
    fresh.keyboard.press("Enter")
    added = fresh.locator(".class", has_text="onerror")
    expect(added).to_have_count(1)
    fresh.keyboard.press("Escape")
    press_keys(fresh, "a", 10)  # the first letter: all digits have a class of their own
    pressed = collect(fresh)
    added.hover()
    added.locator(".change").click()
    fresh.get_by_label("New name of").fill("smudge")
    fresh.keyboard.press("Enter")
    renamed = fresh.locator(".class", has_text="smudge")
    expect(renamed.locator(".count")).to_have_text("1")
    renamed.locator(".colour").fill("#123456")
    renamed.locator(".change").click()
    fresh.get_by_label("Merge smudge into").select_option(label="3")
    expect(fresh.locator(".warning")).to_contain_text("1 label of “smudge” will count as “3”")
    fresh.locator(".changing .primary").click()
    expect(fresh.locator(".class", has_text="smudge")).to_have_count(0)
    wait_until_saved(fresh)
    assert stored(served.workspace) == {int(pressed[0].item): "3"}
    fresh.get_by_label("Name of a new class").fill("3")
    fresh.keyboard.press("Enter")
    expect(fresh.locator(".note")).to_contain_text("already")


def test_an_older_answer_does_not_take_a_new_class_away(fresh: Page, served: Dashboard) -> None:
    fresh.wait_for_load_state("networkidle")
    held: list[tuple[Route, APIResponse]] = []
    intercept(fresh, "**/board?*", lambda route: held.append((route, route.fetch())))
    fresh.evaluate("dispatchEvent(new Event('online'))")  # the board asks at once
    until(fresh, lambda: bool(held))  # an answer that knows nothing of the class
    fresh.get_by_label("Name of a new class").fill("blot")
    fresh.keyboard.press("Enter")
    added = fresh.locator(".class", has_text="blot")
    expect(added).to_have_count(1)
    route, answer = held[0]
    route.fulfill(response=answer)
    until(fresh, lambda: len(held) > 1)  # it was taken, and the next one is on its way
    expect(added).to_have_count(1)
    fresh.keyboard.press("Escape")
    press_keys(fresh, added.locator("kbd").inner_text().lower(), 10)
    wait_until_saved(fresh)
    assert list(stored(served.workspace).values()) == ["blot"]
    fresh.unroute_all(behavior="ignoreErrors")
