"""Review in a real browser: a label is changed where it is shown, by the person of that browser."""

import time

import pytest
from playwright.sync_api import expect

from ssl_core.labels.review import item_history
from ssl_core.labels.store import LabelStore, open_labels
from ssl_core.workspace import Workspace
from tests.labels.label_events import label
from tests.pages.fake_digits import digits_dataset
from tests.support.dashboard import dashboard

pytestmark = pytest.mark.browser


def wait_for_event(store: LabelStore, before: int) -> None:
    """Wait until something was stored after event number `before`."""
    end = time.time() + 20
    while store.last_event() == before and time.time() < end:
        time.sleep(0.05)
    assert store.last_event() > before


def test_a_label_is_changed_and_a_batch_taken_back(workspace: Workspace, browser) -> None:
    dataset = digits_dataset(workspace, 60, 20)
    store = open_labels(dataset)
    classes = {one.name: one.identifier for one in store.classes()}
    store.append([label(4, classes["1"], "somebody")])
    with dashboard(workspace.root) as served:
        page = browser.new_page()
        page.goto(f"{served.url}/label?dataset=digits&view=review")
        page.get_by_text("1 to 1 of 1 label").wait_for(timeout=30_000)
        expect(page.get_by_role("radio", name="Review", exact=True)).to_be_checked()
        page.wait_for_function("() => localStorage.getItem('handful-person')")
        person = page.evaluate("() => localStorage.getItem('handful-person')")
        page.get_by_role("button", name="Change").click()
        page.get_by_text("History, newest first").wait_for()
        before = store.last_event()
        page.get_by_role("radio", name="7", exact=True).click()
        wait_for_event(store, before)
        page.get_by_text("Item 4 is now 7.").wait_for()
        (newest, oldest) = item_history(store, 4)
        assert (newest.person, newest.value) == (person, classes["7"])
        assert (oldest.person, oldest.undone) == ("somebody", False)

        more = {"origin": "grid", "batch": "one-batch"}
        store.append([label(item, classes["2"], person, **more) for item in range(10, 15)])
        page.get_by_text("Batches", exact=True).click()
        page.get_by_text("(you)").wait_for()
        page.get_by_role("button", name="Take back").click()
        before = store.last_event()
        page.get_by_role("button", name="Take back 5").click()
        wait_for_event(store, before)
        page.get_by_text("Nothing of it is in force any more.").wait_for()
        assert store.current().items.tolist() == [4]
        page.close()
