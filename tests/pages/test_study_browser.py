"""A study and disagreements in a real browser, with real trainings."""

import time
from pathlib import Path

import numpy as np
import pytest
from fake_runs import digits_dataset, fake_run
from playwright.sync_api import Browser, expect

from ssl_core.labels.store import open_labels
from ssl_core.runs.folder import RunFolder
from ssl_core.studies.progress import study_progress
from ssl_core.studies.study import list_studies
from tests.support.dashboard import dashboard

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
TRAINED = 480  # seconds for four runs on two busy cores


def test_a_study_goes_on_without_the_dashboard_and_is_there_after_a_restart(
    workspace, make_dataset, browser: Browser
) -> None:
    make_dataset()
    with dashboard(Path(workspace.root)) as served:
        page = browser.new_page()
        page.goto(f"{served.url}/study?dataset=tiny")
        methods = page.get_by_role("combobox", name="Methods")
        expect(methods).to_be_visible(timeout=60_000)
        methods.focus()
        page.keyboard.press("Backspace")  # leaves the first of the two that are ticked
        page.keyboard.press("Escape")
        for label, text in (("Numbers of labels", "6, 12"), ("Draws", "1"), ("Seeds", "0")):
            page.get_by_label(label, exact=True).fill(text)
            page.keyboard.press("Tab")
        page.get_by_label("Steps of each run", exact=True).fill("4")
        page.keyboard.press("Tab")
        expect(page.get_by_text("Makes 4 runs of 4 steps each")).to_be_visible(timeout=30_000)
        page.get_by_role("button", name="Start the study").click()
        expect(page.get_by_text("of 4 runs")).to_be_visible(timeout=60_000)
        served.kill()
        (study,) = list_studies(workspace)
        deadline = time.monotonic() + TRAINED
        while len(study_progress(workspace, study).ended("finished")) < 4:
            assert time.monotonic() < deadline, "three were made at first, the fourth by a run"
            assert not study_progress(workspace, study).ended("failed")
            time.sleep(1)
        served.restart()
        page.goto(f"{served.url}/study?dataset=tiny")
        expect(page.get_by_text("4 of 4 runs")).to_be_visible(timeout=60_000)
        expect(page.locator(".js-plotly-plot")).to_be_visible(timeout=30_000)
        expect(page.get_by_text("Which differences are real")).to_be_visible()


def test_disagreements_are_sent_to_the_label_queue_with_one_click(
    workspace, browser: Browser
) -> None:
    dataset = digits_dataset(workspace, count=120, test=40)
    fake_run(workspace, dataset, "base", age=2)
    fake_run(workspace, dataset, "auto", method="autoencoder", age=1)
    with dashboard(Path(workspace.root)) as served:
        page = browser.new_page()
        page.goto(f"{served.url}/compare?dataset=digits")
        page.get_by_role("button", name="Where they disagree").or_(
            page.get_by_role("radio", name="Where they disagree")
        ).first.click(timeout=60_000)
        shown = page.locator(".hf-pairs figure")
        expect(shown.first).to_be_visible(timeout=30_000)
        page.get_by_role("button", name="Send the first").click()
        expect(page.get_by_text("sent to the front of the label queue")).to_be_visible(
            timeout=30_000
        )
        sent = open_labels(dataset).sent_items()
        one, other = (RunFolder(workspace.runs / run).predicted() for run in ("base", "auto"))
        assert sorted(sent) == np.flatnonzero((one != other) & (np.arange(120) < 80)).tolist()
        assert shown.count() == len(sent)
        expect(page.get_by_text("None is left to send")).to_be_visible()
