"""The whole loop in a real browser on the bundled sample: label, train, watch, compare.

With $HANDFUL_PICTURES set to a folder, it leaves the pictures of the README there.
"""

import os
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from ssl_core.methods import method_named
from ssl_core.runs.listing import RunSummary, list_runs
from ssl_core.runs.status import FINAL_STATES
from ssl_core.workspace import Workspace
from tests.support.dashboard import Dashboard, dashboard
from tests.support.labelling import PROBE, collect, press_keys, wait_for_image, wait_until_saved

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(420)]
PICTURES = os.environ.get("HANDFUL_PICTURES")
LABELS = 80
STEPS = 120
TRAINED = 240_000  # milliseconds for both runs on two busy cores


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Dashboard]:
    with dashboard(tmp_path / "workspace") as running:
        yield running


def picture(page: Page, name: str) -> None:
    """Keep what is on screen, where the README's pictures are wanted."""
    if PICTURES:
        page.wait_for_timeout(1500)
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def go(page: Page, title: str) -> None:
    """Choose a screen in the menu, as a person does."""
    page.get_by_test_id("stSidebar").get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_role("heading", name=title, exact=True).first).to_be_visible()


def label_by_hand(page: Page, served: Dashboard) -> None:
    """Look each image up among the reference labels and press the key of its class."""
    dataset = served.workspace / "datasets" / "sample"

    truth = np.load(dataset / "reference.npy")
    wait_for_image(page)
    for _ in range(LABELS):
        item = page.evaluate("() => window.stageOfBoard().dataset.item")
        press_keys(page, str(truth[int(item)]), rate=100)
        if PICTURES:
            page.wait_for_timeout(300)  # about as a person: the time a label takes is shown
    pressed = collect(page)
    wait_until_saved(page)
    assert len({press.item for press in pressed}) == LABELS
    expect(page.locator(".progress")).to_have_text(str(LABELS))


def start(page: Page, method: str) -> None:
    """Choose a method and start it with the shortest budget that shows something."""
    choose = page.locator(f".st-key-choose-{method}").get_by_role("button")
    if "Chosen" not in choose.inner_text():
        choose.click()
        expect(choose).to_contain_text("Chosen")
    steps = page.get_by_label("Steps", exact=True)
    steps.fill(str(STEPS))
    steps.press("Enter")
    expect(page.get_by_text(f"Starts 1 run of {STEPS} steps")).to_be_visible()
    page.get_by_role("button", name="Start 1 run").click()
    started = f"1 run started: {method_named(method).title}."
    expect(page.get_by_text(started)).to_be_visible(timeout=20_000)


def runs_of(served: Dashboard) -> list[RunSummary]:
    return list_runs(Workspace.open(served.workspace))


def test_label_train_watch_compare(served: Dashboard, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.add_init_script(PROBE)
    page.goto(served.url)
    expect(page.get_by_role("heading", name="Label a handful")).to_be_visible(timeout=30_000)
    picture(page, "home")
    go(page, "Data")
    expect(page.get_by_text("MNIST sample").first).to_be_visible()
    picture(page, "data")

    go(page, "Label")
    label_by_hand(page, served)
    picture(page, "label")

    go(page, "Train")
    start(page, "autoencoder")
    picture(page, "train")
    start(page, "supervised")
    page.get_by_role("button", name="Watch").click()

    expect(page.get_by_role("heading", name="Watch", exact=True)).to_be_visible()
    go(page, "Watch")
    wait_for_states(page, served, {"supervised"}, {"running", *FINAL_STATES})
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=60_000)
    wait_for_both(page, served)
    expect(page.locator(".st-key-hf-card-run")).to_contain_text("finished", timeout=30_000)

    for run in runs_of(served):
        page.goto(f"{served.url}/watch?run={run.run}")
        expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=30_000)
        if run.request.method == "autoencoder":
            expect(page.get_by_text("Reconstructions").first).to_be_visible()
            picture(page, "watch")

    go(page, "Compare")
    expect(page.get_by_text("Over the seeds").first).to_be_visible(timeout=30_000)
    picture(page, "compare")
    expect(page.get_by_test_id("stException")).to_have_count(0)


def wait_for_states(
    page: Page, served: Dashboard, methods: Collection[str], states: Collection[str]
) -> None:
    """Wait until the runs of these methods are in one of these states, at most TRAINED."""
    for _ in range(TRAINED // 500):
        watched = [run for run in runs_of(served) if run.request.method in methods]
        if all(run.status.state in states for run in watched):
            return
        page.wait_for_timeout(500)


def wait_for_both(page: Page, served: Dashboard) -> None:
    """Both runs end well, with a test figure that labels of this kind must reach."""
    wait_for_states(page, served, {"autoencoder", "supervised"}, FINAL_STATES)
    found = runs_of(served)
    assert [run.status.state for run in found] == ["finished", "finished"]
    for run in found:
        assert run.request.labels.train + run.request.labels.validation == LABELS
        assert run.status.results.test_accuracy is not None
        assert run.status.results.test_accuracy > 0.2  # ten classes by chance: 0.1
