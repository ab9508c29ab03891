"""Clusters of runs in a real browser: named whole, outliers left out, checked, split."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.labels.store import LabelStore
from ssl_core.workspace import Workspace
from tests.pages.fake_digits import digits_dataset
from tests.pages.grid_page import (
    CARDS,
    CELLS,
    cell,
    chosen_places,
    items_on_screen,
    open_grid,
    stored_events,
)
from tests.pages.named_runs import said_run
from tests.support.dashboard import Dashboard
from tests.support.interception import intercept
from tests.support.labelling import forget_answers, wait_until_saved

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def dataset(space: Workspace) -> Dataset:
    made = digits_dataset(space, count=1000, test=200)
    LabelStore(made).close()
    said_run(space, made, "own", clusters=True, embeddings=True, title="Own clusters")
    said_run(space, made, "drawn", embeddings=True, classes=False, title="Drawn together")
    return made


@pytest.fixture
def page(dataset: Dataset, served: Dashboard, browser: Browser) -> Iterator[Page]:
    """The clusters of the run with its own ones, without labels from earlier tests."""
    forget_answers(dataset)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    open_grid(page, served.url, "digits", "clusters")
    yield page
    context.close()


def members(dataset: Dataset, cluster: int) -> set[int]:
    """The items of a cluster that may be labelled."""
    truth, splits = dataset.reference_labels, dataset.splits
    return {n for n in range(len(truth)) if truth[n] == cluster and splits[n] != TEST}


def open_cluster(page: Page, name: str) -> None:
    page.locator(f".card[data-cluster='{name}']").click()
    expect(page.locator(".summary")).to_contain_text(f"of cluster {name}")
    page.locator(CELLS).wait_for()


def test_a_cluster_is_named_once_without_its_outliers(page: Page, dataset: Dataset) -> None:
    expect(page.locator(".card")).to_have_count(10)
    boxes = page.locator(".montage .picture").evaluate_all(
        "frames => frames.map((one) => [one.clientWidth, one.clientHeight])"
    )
    assert len(boxes) == 120
    assert all(wide == high > 40 for wide, high in boxes)  # pictures of 28 x 28 pixels
    open_cluster(page, "7")
    inside = members(dataset, 7)
    items = items_on_screen(page)
    assert set(items) == inside
    page.get_by_label("Order").select_option(label="least sure first")
    expect(cell(page, 0)).to_have_attribute("data-item", str(items[-1]))
    page.locator(CELLS).wait_for()
    cell(page, 0).click()
    cell(page, 1).click()
    outliers = set(items[-2:])
    page.get_by_label("Class for the rest").select_option(label="7")
    page.get_by_role("button", name=f"Label the other {len(inside) - 2} as 7").click()
    asked = page.get_by_role("alertdialog")
    expect(asked).to_contain_text(f"{len(inside) - 2} images of cluster 7")
    expect(asked).to_contain_text("2 images stay without a label")
    page.keyboard.press("Escape")
    expect(asked).to_have_count(0)
    assert stored_events(dataset) == []  # asked first, and not before
    page.get_by_role("button", name="Label the other").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Label").click()
    expect(page.locator(".note")).to_contain_text("labels given to cluster 7: 7.")
    events = stored_events(dataset)
    assert {event[1] for event in events} == inside - outliers
    assert {(event[3], event[4]) for event in events} == {("cluster", events[0][4])}
    page.locator(CELLS).wait_for()
    assert set(items_on_screen(page)) == outliers  # what is left of it
    page.get_by_role("button", name="All clusters").click()
    card = page.locator(".card[data-cluster='7']")
    expect(card).to_contain_text("2 unlabelled")
    expect(card).to_contain_text(f"{len(inside) - 2} × 7")
    page.get_by_role("button", name="Undo").click()
    expect(card).to_contain_text(f"{len(inside)} unlabelled")


def test_a_class_that_is_new_is_added_on_the_way(page: Page, dataset: Dataset) -> None:
    open_cluster(page, "3")
    page.get_by_label("Name of a new class").fill("a three, or what somebody drew in its place")
    page.keyboard.press("Enter")
    option = page.get_by_label("Class for the rest").locator("option", has_text="a three")
    expect(option).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+a")
    page.locator(".choose", has_text="a three").click()
    wait_until_saved(page)
    events = stored_events(dataset)
    assert {event[1] for event in events} == members(dataset, 3)
    assert {event[3] for event in events} == {"cluster"}


def test_a_spot_check_estimates_the_purity(page: Page, dataset: Dataset) -> None:
    open_cluster(page, "5")
    page.get_by_role("button", name="Spot check").click()
    expect(page.locator(".cell")).to_have_count(20)
    page.locator(CELLS).wait_for()
    drawn = items_on_screen(page)
    assert set(drawn) <= members(dataset, 5)
    cell(page, 4).click()
    cell(page, 9).click()
    expect(page.locator(".said")).to_have_text("2 of 20 images do not belong")
    page.keyboard.press("7")  # a key of a class labels nothing here
    page.get_by_role("button", name="Done").click()
    expect(page.locator(".tools")).to_contain_text("purity 90.0\u2009% (69.9–97.2\u2009%)")
    page.locator(CELLS).wait_for()
    assert stored_events(dataset) == []
    items = items_on_screen(page)
    left_out = {items[place] for place in chosen_places(page)}
    assert left_out == {drawn[4], drawn[9]}
    page.get_by_role("button", name="All clusters").click()
    expect(page.locator(".card[data-cluster='5']")).to_contain_text("from 20 checked")


def test_the_outliers_stay_chosen_where_a_spot_check_fails(page: Page, dataset: Dataset) -> None:
    open_cluster(page, "5")
    items = items_on_screen(page)
    cell(page, 3).click()
    intercept(
        page, "**/grid?*spot=spot*", lambda route: route.fulfill(status=500, json={"error": "No."})
    )
    page.get_by_role("button", name="Spot check").click()
    expect(page.locator(".note")).to_have_text("No.")
    assert items_on_screen(page) == items
    assert chosen_places(page) == [3]
    page.get_by_role("button", name=f"Label the other {len(items) - 1}").click()
    asked = page.get_by_role("alertdialog")
    expect(asked).to_contain_text(f"{len(items) - 1} images of cluster 5")
    # Nothing that the question was asked of can change while it waits.
    beside = [f".gridboard {name}" for name in ("> .top", "> .left", ".classes", ".rest")]
    assert all(page.locator(name).evaluate("one => one.inert") for name in beside)
    cell(page, 4).click(force=True)
    page.keyboard.press("Control+a")
    assert chosen_places(page) == [3]
    asked.get_by_role("button", name="Label").click()
    expect(page.locator(".note")).to_contain_text("labels given to cluster 5")
    assert {event[1] for event in stored_events(dataset)} == set(items) - {items[3]}
    assert not any(page.locator(name).evaluate("one => one.inert") for name in beside)


def test_a_cluster_that_could_not_be_left_is_still_asked_about(
    page: Page, dataset: Dataset
) -> None:
    open_cluster(page, "4")
    intercept(
        page, "**/grid/clusters?*", lambda route: route.fulfill(status=500, json={"error": "No."})
    )
    page.get_by_role("button", name="Split in two").click()
    expect(page.locator(".note")).to_have_text("No.")
    page.unroute("**/grid/clusters?*")
    page.locator(".cells").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alertdialog")).to_contain_text("of cluster 4")
    page.keyboard.press("Escape")
    assert stored_events(dataset) == []
    page.get_by_role("button", name="All clusters").click()
    expect(page.locator(".card")).to_have_count(10)  # nor is it split


def test_a_cluster_is_split_and_joined(page: Page) -> None:
    open_cluster(page, "2")
    page.get_by_role("button", name="Split in two").click()
    expect(page.locator(".card")).to_have_count(11)
    page.reload()
    page.locator(CARDS).wait_for()
    open_cluster(page, "2a")
    page.get_by_role("button", name="Join the halves").click()
    expect(page.locator(".card")).to_have_count(10)


def test_items_that_lie_together_are_grouped_where_a_run_has_no_clusters(page: Page) -> None:
    drawn = page.get_by_label("Clusters of").locator("option", has_text="Drawn together")
    page.get_by_label("Clusters of").select_option(value=drawn.get_attribute("value"))
    expect(page.locator(".summary")).to_contain_text("20 clusters")
    page.get_by_label("Groups").select_option(label="10")
    expect(page.locator(".summary")).to_contain_text("10 clusters")
    page.locator(CARDS).wait_for()
    page.locator(".card").first.click()
    page.locator(CELLS).wait_for()
    expect(cell(page, 0).locator(".caption")).to_have_text("")  # a distance is no share
