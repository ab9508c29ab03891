"""Predictions in a real browser: files uploaded, answers looked at, table and model saved."""

import csv
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from ssl_core.datasets.dataset import Dataset
from ssl_core.runs.folder import RunFolder
from ssl_core.workspace import Workspace
from tests.conftest import small_dataset
from tests.support.dashboard import Dashboard

pytestmark = pytest.mark.browser
AT_REST = "[data-testid=stApp][data-test-script-state=notRunning]"


@pytest.fixture(scope="module")
def dataset(space: Workspace) -> Dataset:
    return small_dataset(space)


@pytest.fixture(scope="module")
def run(space: Workspace, dataset: Dataset, trained_once: Path) -> RunFolder:
    return RunFolder(shutil.copytree(trained_once, space.runs / trained_once.name))


@pytest.fixture
def page(run: RunFolder, browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
    faults: list[str] = []
    opened.on("pageerror", lambda fault: faults.append(str(fault)))
    yield opened
    opened.close()
    assert faults == []


def test_uploaded_files_are_predicted_filtered_and_saved(
    served: Dashboard, page: Page, run: RunFolder, dataset: Dataset, tmp_path: Path
) -> None:
    files = []
    for item in range(12):
        path = tmp_path / f"new_{item:02d}.png"
        Image.fromarray(dataset.images[item][:, :, 0]).save(path)
        files.append(path)
    page.goto(f"{served.url}/predict?dataset=tiny")
    expect(page.get_by_text("brought to the size of the training, 8 × 8 pixels")).to_be_visible(
        timeout=20_000
    )
    page.locator("input.files").set_input_files(files)
    tiles = page.locator(".hf-grid figure")
    expect(tiles).to_have_count(12, timeout=60_000)

    predicted = run.predicted()
    probabilities = run.predictions()
    assert predicted is not None
    assert probabilities is not None
    sure = probabilities.astype(np.float64).max(axis=1)[:12]
    first = tiles.first.get_attribute("title") or ""
    assert first.startswith(f"new_{int(np.argmin(sure)):02d}.png · Class: ")
    names = ("a", "b", "c")
    wanted = int(predicted[0])
    number = int((predicted[:12] == wanted).sum())
    page.get_by_label("Class", exact=True).click()
    page.get_by_role("option", name=f"{names[wanted]} · {number}").click()
    expect(tiles).to_have_count(number)
    # A file that is made on a click belongs to one drawing of the page.
    expect(page.locator(AT_REST)).to_be_visible(timeout=30_000)

    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download CSV").click()
    rows = list(csv.DictReader(Path(waiting.value.path()).read_text().splitlines()))
    by_name = {row["file"]: row["Class"] for row in rows}
    assert by_name == {f"new_{item:02d}.png": names[predicted[item]] for item in range(12)}
    assert not list((served.workspace / "imports").glob("upload-*"))

    page.get_by_role("button", name="Delete").click()
    expect(tiles).to_have_count(0)


def test_a_broken_upload_is_told_and_dismissed(
    served: Dashboard, page: Page, tmp_path: Path
) -> None:
    (tmp_path / "broken.png").write_bytes(b"no image")
    page.goto(f"{served.url}/predict?dataset=tiny")
    page.locator("input.files").set_input_files(tmp_path / "broken.png")
    expect(page.get_by_text("None of the images in broken.png can be read")).to_be_visible(
        timeout=60_000
    )
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("None of the images")).to_have_count(0)


def test_the_model_is_taken_away(
    served: Dashboard, page: Page, run: RunFolder, tmp_path: Path
) -> None:
    page.goto(f"{served.url}/watch?run={run.run}")
    # A dialog that is opened while the page is still being drawn closes with its end.
    expect(page.get_by_role("heading", name="Pictures")).to_be_visible(timeout=30_000)
    expect(page.locator(AT_REST)).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Take the model away").click()
    page.get_by_text("ONNX", exact=True).click()
    page.get_by_role("button", name="Make the file").click()
    link = page.get_by_role("link", name="Download")
    expect(link).to_be_visible(timeout=90_000)
    with page.expect_download() as waiting:
        link.click()
    assert waiting.value.suggested_filename == f"{run.run}-onnx.zip"
    with zipfile.ZipFile(waiting.value.path()) as archive:
        assert set(archive.namelist()) == {
            "README.md",
            "about.json",
            "model.onnx",
            "model_card.md",
            "predict.py",
            "reading.py",
        }
