"""The label board with several heads, in a real browser: a topic, yes or no, and a number."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ssl_core.datasets.dataset import Dataset, open_dataset
from ssl_core.labels.events import Answer
from ssl_core.labels.store import LabelStore
from ssl_core.workspace import Workspace
from tests.support.dashboard import Dashboard, dashboard
from tests.support.heads import HEADS, make_texts
from tests.support.labelling import forget_answers, wait_until_saved

pytestmark = pytest.mark.browser
NO, YES = 4, 5  # identifiers of the classes of the second head


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    root = tmp_path_factory.mktemp("served") / "workspace"
    make_texts(Workspace.open(root), count=40)
    make_texts(Workspace.open(root), name="notes", heads=HEADS[:1])
    with dashboard(root) as running:
        yield running


@pytest.fixture
def fresh(served: Dashboard, browser: Browser) -> Iterator[Page]:
    """The board of the letters, without labels from earlier tests."""
    dataset = letters(served.workspace)
    forget_answers(dataset)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{served.url}/label?dataset=letters")
    page.locator(".stage .text").wait_for(timeout=60_000)
    yield page
    wait_until_saved(page)  # an answer on its way would be there in the next test
    context.close()


def letters(workspace: Path) -> Dataset:
    dataset = open_dataset(Workspace.open(workspace), "letters")
    LabelStore(dataset).close()
    return dataset


def stored(page: Page, workspace: Path) -> dict[int, dict[str, Answer]]:
    wait_until_saved(page)
    store = LabelStore(letters(workspace))
    try:
        return store.answers_of(range(40))
    finally:
        store.close()


def on_screen(page: Page) -> int:
    return int(page.locator(".stage").get_attribute("data-item") or -1)


def chips(page: Page) -> list[str]:
    return page.locator(".chip .answer").all_inner_texts()


def asked(page: Page) -> str:
    return page.locator(".chip.now .title").inner_text()


def test_keys_go_through_the_heads_and_then_to_the_next_text(
    fresh: Page, served: Dashboard
) -> None:
    first = on_screen(fresh)
    expect(fresh.locator(".stage .text")).to_contain_text(f"Letter {first} is about")
    assert (asked(fresh), chips(fresh)) == ("Topic", ["…", "…", "…"])
    fresh.keyboard.press("2")
    assert (on_screen(fresh), asked(fresh)) == (first, "Urgent")
    fresh.keyboard.press("2")
    assert (asked(fresh), chips(fresh)) == ("Age", ["money", "yes", "…"])
    fresh.keyboard.type("-12,5")  # the field has the focus by itself
    fresh.keyboard.press("Enter")
    second = on_screen(fresh)
    assert second != first
    assert asked(fresh) == "Topic"
    fresh.keyboard.type("1170")  # sport, no, 70
    fresh.keyboard.press("Enter")
    assert on_screen(fresh) not in (first, second)
    expect(fresh.locator(".progress")).to_have_text("2")
    assert stored(fresh, served.workspace) == {
        first: {"topic": 2, "urgent": YES, "age": -12.5},
        second: {"topic": 1, "urgent": NO, "age": 70.0},
    }


def test_what_is_no_number_is_not_stored(fresh: Page, served: Dashboard) -> None:
    item = on_screen(fresh)
    fresh.keyboard.type("11old")
    fresh.keyboard.press("Enter")
    expect(fresh.locator(".note")).to_have_text("“old” is no number. Type for example 12.5.")
    expect(fresh.locator("input.number")).to_have_attribute("aria-invalid", "true")
    fresh.keyboard.press("Control+a")
    fresh.keyboard.type("1,2,3")
    fresh.keyboard.press("Enter")
    expect(fresh.locator(".note")).to_have_text("“1,2,3” is no number. Type for example 12.5.")
    assert on_screen(fresh) == item
    assert stored(fresh, served.workspace) == {item: {"topic": 1, "urgent": NO}}


def test_a_head_is_skipped_and_asked_again_after_all_others(fresh: Page, served: Dashboard) -> None:
    item = on_screen(fresh)
    fresh.keyboard.press("Space")
    assert (asked(fresh), chips(fresh)) == ("Urgent", ["skipped", "…", "…"])
    fresh.keyboard.press("1")
    fresh.keyboard.press("Space")  # in the empty field of the number
    assert on_screen(fresh) != item
    assert stored(fresh, served.workspace) == {item: {"urgent": NO}}
    fresh.keyboard.press("Backspace")  # each answer is undone by itself
    assert (on_screen(fresh), asked(fresh)) == (item, "Age")
    fresh.keyboard.press("Backspace")
    assert (asked(fresh), chips(fresh)[1]) == ("Urgent", "…")
    assert stored(fresh, served.workspace) == {}


def test_an_answered_text_is_finished_first_after_a_reload(fresh: Page, served: Dashboard) -> None:
    fresh.keyboard.type("1140")
    fresh.keyboard.press("Enter")
    item = on_screen(fresh)
    fresh.keyboard.press("3")
    wait_until_saved(fresh)
    fresh.reload()
    fresh.locator(".stage .text").wait_for(timeout=60_000)
    assert (on_screen(fresh), asked(fresh)) == (item, "Urgent")
    assert chips(fresh) == ["weather", "…", "…"]
    expect(fresh.locator(".progress")).to_have_text("1")
    fresh.keyboard.press("Backspace")  # undo reaches back over a reload
    fresh.keyboard.press("Backspace")
    assert asked(fresh) == "Age"
    assert len(stored(fresh, served.workspace)) == 1
    expect(fresh.locator(".progress")).to_have_text("0")


def test_chips_and_arrows_choose_the_question(fresh: Page, served: Dashboard) -> None:
    item = on_screen(fresh)
    fresh.locator(".chip", has_text="Urgent").click()
    fresh.keyboard.press("2")
    assert (on_screen(fresh), asked(fresh)) == (item, "Topic")  # the first that is open
    fresh.keyboard.press("ArrowLeft")
    assert asked(fresh) == "Age"
    fresh.keyboard.type("33")
    fresh.keyboard.press("Enter")
    assert (on_screen(fresh), asked(fresh)) == (item, "Topic")
    fresh.keyboard.press("ArrowRight")
    fresh.keyboard.press("Space")  # an answer that is there is not skipped away
    assert (asked(fresh), chips(fresh)) == ("Topic", ["…", "yes", "33 years"])
    fresh.locator(".choose", has_text="weather").click()
    assert on_screen(fresh) != item
    fresh.locator(".tile").first.click()
    assert on_screen(fresh) == item
    fresh.keyboard.press("ArrowRight")
    fresh.keyboard.press("Delete")
    assert chips(fresh) == ["weather", "…", "33 years"]
    fresh.keyboard.press("1")
    assert on_screen(fresh) != item
    fresh.keyboard.press("Backspace")
    fresh.keyboard.press("Backspace")  # the answer that Delete took away is back
    assert stored(fresh, served.workspace) == {item: {"topic": 3, "urgent": YES, "age": 33.0}}


def test_figures_from_the_server_do_not_disturb_a_number_half_typed(fresh: Page) -> None:
    fresh.keyboard.type("11")
    with fresh.expect_response("**/board?*") as answer:
        fresh.keyboard.type("4")
    answer.value.finished()
    fresh.wait_for_timeout(200)
    fresh.keyboard.type("2")
    expect(fresh.locator("input.number")).to_have_value("42")


def test_the_only_question_is_named_too(fresh: Page, served: Dashboard) -> None:
    fresh.goto(f"{served.url}/label?dataset=notes")
    expect(fresh.locator(".classes h3")).to_have_text("Topic (3)", timeout=60_000)


def test_a_text_is_shown_as_it_is_with_the_numbers_beside_it(fresh: Page) -> None:
    for _ in range(30):
        item = on_screen(fresh)
        cells = fresh.locator(".numbers td").all_inner_texts()
        assert cells == [f"{item}", f"{item / 4:g}"]
        if item % 7 == 0:
            break
        for _ in range(3):
            fresh.keyboard.press("Space")
    text = fresh.locator(".stage .text")
    assert text.evaluate("(shown) => shown.scrollHeight > shown.clientHeight + 200")
    fresh.keyboard.press("PageDown")
    assert text.evaluate("(shown) => shown.scrollTop") > 200
    before = text.evaluate("(shown) => shown.scrollTop")
    fresh.keyboard.press("1")  # the next question leaves the text where it is
    assert text.evaluate("(shown) => shown.scrollTop") == before


def test_classes_are_added_to_the_head_on_screen(fresh: Page, served: Dashboard) -> None:
    name = fresh.get_by_role("textbox", name="Name of a new class")
    name.fill("travel")
    fresh.keyboard.press("Enter")
    expect(fresh.locator(".class:visible")).to_have_count(4)
    fresh.keyboard.press("Escape")
    fresh.keyboard.press("4")
    assert (asked(fresh), chips(fresh)[0]) == ("Urgent", "travel")
    expect(fresh.locator(".class:visible")).to_have_count(2)
    expect(name).to_have_count(0)  # a binary head keeps its two
    store = LabelStore(letters(served.workspace))
    assert store.head().classes == ("sport", "money", "weather", "travel")
    store.close()


def test_delete_takes_a_number_away_and_leaves_one_half_typed(
    fresh: Page, served: Dashboard
) -> None:
    item = on_screen(fresh)
    fresh.keyboard.type("1141")
    fresh.keyboard.press("Enter")
    fresh.locator(".tile").first.click()
    fresh.locator(".chip", has_text="Age").click()
    field = fresh.locator("input.number:visible")
    expect(field).to_have_value("41")
    fresh.keyboard.type("5")
    fresh.keyboard.press("Delete")  # at the end of what is being typed: nothing
    expect(field).to_have_value("5")
    assert stored(fresh, served.workspace)[item]["age"] == 41.0
    fresh.keyboard.press("Escape")
    fresh.keyboard.press("Backspace")
    fresh.keyboard.press("Escape")  # in the empty field: back to the queue
    fresh.locator(".tile").first.click()
    fresh.locator(".chip", has_text="Age").click()
    fresh.keyboard.press("Delete")
    wait_until_saved(fresh)
    assert "age" not in stored(fresh, served.workspace)[item]


def test_a_comma_before_three_digits_is_asked_about(fresh: Page, served: Dashboard) -> None:
    item = on_screen(fresh)
    fresh.keyboard.type("111,500")
    fresh.keyboard.press("Enter")
    expect(fresh.locator(".note")).to_have_text("“1,500”: type 1500 or 1.5, without a comma.")
    assert on_screen(fresh) == item
    fresh.keyboard.press("Control+a")
    fresh.keyboard.type("1500")
    expect(fresh.locator(".note")).to_have_text("")  # mended, and so no longer said
    fresh.keyboard.press("Enter")
    assert stored(fresh, served.workspace)[item]["age"] == 1500.0


def test_labels_past_the_goal_are_no_part_of_it(fresh: Page) -> None:
    fresh.locator(".goal").click()
    fresh.keyboard.type("1")
    fresh.keyboard.press("Enter")
    expect(fresh.locator(".goal")).to_have_text("of 1 text fully labelled")
    for age in ("30", "31"):
        fresh.keyboard.type(f"11{age}")
        fresh.keyboard.press("Enter")
    expect(fresh.locator(".progress")).to_have_text("2")
    expect(fresh.locator(".goal")).to_have_text("texts fully labelled (goal 1)")
