"""Labelling while a training goes on, in a real browser with real trainings."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from ssl_core.datasets.dataset import Dataset, open_dataset
from ssl_core.datasets.sample import ensure_sample
from ssl_core.labels.draw import draw_labels
from ssl_core.labels.store import open_labels
from ssl_core.loop.settings import LOOP, change_loop
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.status import FINAL_STATES
from ssl_core.runs.supervision import true_status
from ssl_core.workspace import Workspace
from tests.support.dashboard import Dashboard, dashboard
from tests.support.labelling import PROBE, collect, press_keys, wait_for_image, wait_until_saved

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(420)]
TRAINED = 180_000  # milliseconds, for one training on two busy cores
STEPS, EVERY = 40, 10
ITEM = "() => window.stageOfBoard().dataset.item"
POINTS = "() => document.querySelector('.js-plotly-plot')?.data[0].x ?? []"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Dashboard]:
    """The sample with three labels a class, and a loop of short trainings."""
    workspace = Workspace.open(tmp_path / "workspace")
    ensure_sample(workspace)
    dataset = open_dataset(workspace, "sample")
    draw_labels(dataset, open_labels(dataset), 3, seed=1)
    change_loop(workspace, dataset, steps=STEPS, every=EVERY)
    with dashboard(workspace.root) as running:
        yield running


def dataset_of(served: Dashboard) -> Dataset:
    return open_dataset(Workspace.open(served.workspace), "sample")


def runs_of(served: Dashboard) -> list[RunFolder]:
    """The trainings of the loop, the oldest first, as the file says."""
    state = json.loads((served.workspace / "datasets" / "sample" / LOOP).read_bytes())
    return [RunFolder(served.workspace / "runs" / run) for run in state["runs"]]


def label_right(page: Page, truth: np.ndarray, number: int) -> None:
    for _ in range(number):
        item = page.evaluate(ITEM)
        press_keys(page, str(truth[int(item)]), rate=20)


def test_label_while_training(served: Dashboard, browser: Browser) -> None:
    truth = np.asarray(dataset_of(served).reference_labels)
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.add_init_script(PROBE)
    page.goto(f"{served.url}/loop?dataset=sample")
    wait_for_image(page)
    expect(page.get_by_text("No training of this loop yet")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Train now").click()
    side = page.locator(".st-key-hf-card-loop")
    expect(side.get_by_text("running")).to_be_visible(timeout=60_000)

    label_right(page, truth, EVERY + 2)
    wait_until_saved(page)
    (first,) = runs_of(served)
    assert true_status(first).state not in FINAL_STATES, "it ended before all was labelled"
    assert len({press.item for press in collect(page)}) == EVERY + 2
    assert open_labels(dataset_of(served)).total() == 30 + EVERY + 2
    expect(side.locator(".hf-facts")).to_contain_text(str(EVERY + 2))

    page.wait_for_function(f"() => ({POINTS})().length === 1", timeout=TRAINED)
    expect(page.get_by_text(f"The last {EVERY} labels")).to_be_visible()
    said = "Of 10, the training before each label had said the same of"
    expect(page.get_by_text(said)).to_be_visible()  # labels that came after it had begun
    page.get_by_text("Train by itself").click()
    label_right(page, truth, 1)  # the switch had the focus, and the board still hears its keys
    shown = page.evaluate(ITEM)
    page.keyboard.press("Space")  # a skip, and no press of the switch
    page.wait_for_function(f"(before) => ({ITEM})() !== before", arg=shown)
    wait_until_saved(page)
    expect(page.get_by_role("switch", name="Train by itself")).to_be_checked()
    assert open_labels(dataset_of(served)).total() == 30 + EVERY + 3
    page.wait_for_function(f"() => ({POINTS})().length === 2", timeout=TRAINED)
    first_labels, second_labels = page.evaluate(POINTS)
    assert first_labels == 30
    assert second_labels in (30 + EVERY + 2, 30 + EVERY + 3)  # whichever came first
    expect(page.get_by_text("What the last training changed")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert len(runs_of(served)) == 2
