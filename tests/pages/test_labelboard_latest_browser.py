"""The latest labels have their pictures before all that waits in the queue, in Chromium."""

import numpy as np
from playwright.sync_api import Browser, expect

from tests.support.dashboard import Dashboard
from tests.support.labelling import forget_answers, open_board, sample_of
from tests.support.loop import give_right

# A browser that is busy: it makes a few pictures only when the test says so.
BUSY = "window.idle = []; window.requestIdleCallback = (step) => window.idle.push(step);"
NOW_AND_THEN = """async () => {
  for (let turn = 0; turn < 5; turn += 1) {
    for (const step of window.idle.splice(0)) step();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}"""


def test_the_latest_labels_are_seen_while_the_queue_is_still_on_its_way(
    served: Dashboard, browser: Browser
) -> None:
    dataset = sample_of(served.workspace)
    forget_answers(dataset)
    give_right(dataset, np.flatnonzero(np.asarray(dataset.splits) == 0)[:12].tolist())
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.add_init_script(BUSY)
    open_board(page, served.url, "sample")
    page.wait_for_function("() => window.idle.length > 0")
    page.evaluate(NOW_AND_THEN)
    expect(page.locator(".tile")).to_have_count(12)
    expect(page.locator(".tile canvas")).to_have_count(12)
    context.close()
