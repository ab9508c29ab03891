"""A CSV file of texts brought in through the page, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from ssl_core.datasets.dataset import open_dataset
from ssl_core.workspace import Workspace
from tests.support.dashboard import Dashboard, chromium, dashboard

pytestmark = pytest.mark.browser
ROWS = "text,age,mood\n" + "".join(
    f'"Text {i}, with <i>marks</i>\nand a second line",{20 + i},{"good" if i % 2 else "bad"}\n'
    for i in range(40)
)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Dashboard]:
    with dashboard(tmp_path / "workspace") as running:
        yield running


@pytest.fixture
def page() -> Iterator[Page]:
    with chromium() as browser:
        opened = browser.new_page(viewport={"width": 1280, "height": 1000})
        faults: list[str] = []
        opened.on("pageerror", lambda fault: faults.append(str(fault)))
        yield opened
        assert faults == []


def test_a_csv_is_uploaded_its_columns_set_and_its_texts_shown(
    served: Dashboard, page: Page, tmp_path: Path
) -> None:
    path = tmp_path / "diary.csv"
    path.write_text(ROWS, encoding="utf-8")
    page.goto(f"{served.url}/data")
    page.get_by_text("Add data", exact=True).click()
    page.get_by_text("Upload", exact=True).click()
    page.locator("input.files").set_input_files(path)
    expect(page.get_by_text("What each column is for")).to_be_visible(timeout=20_000)
    page.get_by_label("Use of age").click()
    page.get_by_role("option", name="Target: a number").click()
    unit = page.get_by_label("Unit of age")
    unit.fill("years")
    unit.press("Enter")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("40 texts are here.")).to_be_visible(timeout=30_000)

    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_role("tab", name="Texts").click()
    cards = page.locator(".hf-texts article")
    expect(cards).to_have_count(24)
    expect(cards.nth(3)).to_contain_text("Text 3, with <i>marks</i>")
    expect(cards.nth(3)).not_to_contain_text("years")
    page.get_by_text("Show reference labels").click()
    expect(cards.nth(3)).to_contain_text("Age: 23 years")

    dataset = open_dataset(Workspace(served.workspace), "diary")
    assert [head.name for head in dataset.manifest.all_heads] == ["mood", "age"]
    np.testing.assert_array_equal(dataset.reference_of("age"), np.arange(20.0, 60.0))
    assert not list((served.workspace / "imports").glob("upload-*"))
