"""A workspace packed, downloaded, uploaded again and unpacked, in a real browser."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ssl_core.datasets.dataset import Dataset, list_datasets
from ssl_core.workspace import Workspace
from tests.conftest import MakeDataset
from tests.pages.fake_runs import fake_run
from tests.support.dashboard import Dashboard, dashboard

pytestmark = pytest.mark.browser


@pytest.fixture
def dataset(workspace: Workspace, make_dataset: MakeDataset) -> Dataset:
    made = make_dataset()
    fake_run(workspace, made, "run-1")
    return made


@pytest.fixture
def served(workspace: Workspace, dataset: Dataset, tmp_path: Path) -> Iterator[Dashboard]:
    with dashboard(workspace.root, HANDFUL_SOURCES=str(tmp_path)) as running:
        yield running


@pytest.fixture
def page(served: Dashboard, browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
    faults: list[str] = []
    opened.on("pageerror", lambda fault: faults.append(str(fault)))
    opened.goto(f"{served.url}/data")
    opened.get_by_role("radio", name="Whole workspace").click(timeout=30_000)
    yield opened
    opened.close()
    assert faults == []


def test_a_workspace_is_taken_away_and_brought_back(
    page: Page, dataset: Dataset, workspace: Workspace, tmp_path: Path
) -> None:
    page.get_by_role("button", name="Pack", exact=True).click()
    link = page.get_by_role("link", name="Download")
    expect(link).to_be_visible(timeout=60_000)
    with page.expect_download() as waiting:
        link.click()
    assert waiting.value.suggested_filename.startswith("handful-")
    archive = tmp_path / "taken.zip"
    waiting.value.save_as(archive)
    with zipfile.ZipFile(archive) as packed:
        assert "runs/run-1/request.json" in packed.namelist()

    page.locator("input.files").set_input_files(archive)
    expect(
        page.get_by_text("Here already: datasets/sample, datasets/tiny, runs/run-1")
    ).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="Unpack", exact=True)).to_be_disabled()
    page.get_by_role("radio", name="Into another one").click()
    other = tmp_path / "other"
    page.get_by_label("Folder").fill(str(other))
    page.get_by_role("button", name="Unpack", exact=True).click()
    expect(page.get_by_text(f"HANDFUL_WORKSPACE={other}")).to_be_visible(timeout=60_000)
    assert {found.identifier for found in list_datasets(Workspace(other))} == {"sample", "tiny"}
    assert not list(workspace.imports.glob("upload-*"))
    assert (other / "runs" / "run-1" / "request.json").is_file()

    dismiss = page.get_by_role("button", name="Dismiss")
    for left in (1, 0):
        dismiss.first.click()
        expect(dismiss).to_have_count(left)
    assert list(workspace.archives.iterdir()) == []


def test_another_file_is_refused_and_gone(page: Page, workspace: Workspace, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "images.zip", "w") as archive:
        archive.writestr("a.png", b"x")
    page.locator("input.files").set_input_files(tmp_path / "images.zip")
    expect(page.get_by_text("holds no handful.json")).to_be_visible(timeout=30_000)
    assert not list(workspace.imports.glob("upload-*"))
