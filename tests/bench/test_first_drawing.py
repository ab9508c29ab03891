"""The clock of a first drawing, in Chromium."""

from playwright.sync_api import Browser

from bench.first_drawing import drawing_after_click, drawing_watch, first_drawing

LATE = "data:text/html,<script>setTimeout(() => (document.title = 'drawn'), 400)</script>"


def test_it_waits_for_what_is_drawn_late(browser: Browser) -> None:
    context = browser.new_context()
    context.add_init_script(drawing_watch("return document.title === 'drawn';"))
    assert first_drawing(context.new_page(), LATE) >= 400
    context.close()


def test_a_page_that_is_not_far_enough_is_looked_at_again(browser: Browser) -> None:
    context = browser.new_context()
    context.add_init_script(drawing_watch("return document.title.length.missing.more === 1;"))
    page = context.new_page()
    page.goto(LATE)
    page.wait_for_timeout(600)
    assert page.evaluate("() => window.firstDrawing === undefined")
    context.close()


def test_a_click_is_the_beginning(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(
        "<nav data-testid=stSidebar><a href='#there'>icon Compare</a></nav><script>"
        "document.querySelector('a').onclick = "
        "() => setTimeout(() => (document.title = 'drawn'), 400)"
        "</script>"
    )
    page.wait_for_timeout(500)  # before the click: no part of it
    assert 400 <= drawing_after_click(page, "Compare", "return document.title === 'drawn';") < 5000
    page.close()
