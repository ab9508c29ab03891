"""The live charts and the clickable matrices in a real browser."""

import json
import re
import threading
import time
from collections.abc import Iterator

import pytest
from fake_clusters import GUIDES, clustering_run
from fake_runs import digits_dataset, fake_run, feed, long_run
from playwright.sync_api import Browser, Page, expect

from ssl_core.runs.folder import METRICS
from ssl_core.runs.guides import write_guides
from ssl_core.runs.phase_starts import PhaseStart, write_phase_starts
from ssl_core.runs.writer import RunWriter
from ssl_core.workspace import Workspace
from tests.support.dashboard import Dashboard, dashboard, draw_rectangle

pytestmark = pytest.mark.browser
PLOT = ".live-plot.js-plotly-plot"
POINTS = f"document.querySelector('{PLOT}')?.data?.[0]?.x.length ?? 0"


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two ended runs, one that is fed while a test looks at it, and a very long one."""
    workspace = Workspace.open(tmp_path_factory.mktemp("live") / "workspace")
    dataset = digits_dataset(workspace, count=300, test=100)
    done = fake_run(workspace, dataset, "done", age=10)
    write_phase_starts(done, [PhaseStart("pretraining", 0), PhaseStart("fine-tuning", 800)])
    fake_run(
        workspace,
        dataset,
        "growing",
        method="autoencoder",
        state="running",
        share_done=0.2,
        alive=True,
    )
    long_run(workspace, dataset, "long")
    folder = clustering_run(
        workspace, dataset, "guided", state="running", share_done=0.5, alive=True
    )
    write_guides(folder, {"mi": {**GUIDES["mi"], "ln 1000": 6.9078}})
    with (fake_run(workspace, dataset, "gap", age=20) / METRICS).open("a") as stream:
        row = {"step": 1210, "seconds": 75.0, "images": 154_880, "values": {"count/train": None}}
        stream.write(json.dumps(row) + "\n")
    return workspace


@pytest.fixture(scope="module")
def server(space: Workspace) -> Iterator[Dashboard]:
    with dashboard(space.root) as served:
        yield served


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, color_scheme="light")
    opened = context.new_page()
    opened.set_default_timeout(45_000)
    yield opened
    context.close()


@pytest.fixture
def training(space: Workspace) -> Iterator[threading.Event]:
    """The run `growing` trains until the event is set, at most to the end of the test."""
    enough = threading.Event()
    process = threading.Thread(target=feed, args=(space, "growing", 200.0, 4.0, enough))
    process.start()
    yield enough
    enough.set()
    process.join()


def watch(page: Page, server: Dashboard, run: str) -> None:
    page.goto(f"{server.url}/watch?run={run}")
    page.wait_for_selector(PLOT)


def test_zoom_and_hover_stay_while_the_chart_grows_and_polling_ends_with_the_run(
    page: Page, server: Dashboard, training: threading.Event
) -> None:
    asked: list[float] = []
    page.on("request", lambda sent: "/metrics?" in sent.url and asked.append(time.time()))
    watch(page, server, "growing")
    right = f"document.querySelector('{PLOT}')._fullLayout.xaxis.range[1]"
    start = page.evaluate(right)
    page.wait_for_function(f"({right}) > {start} + 20")  # without a zoom the axis grows along
    before = page.evaluate(POINTS)
    page.evaluate(f"document.querySelector('{PLOT}').marked = true")
    left, top = draw_rectangle(page, page.locator(f"{PLOT} .nsewdrag").first)
    ranges = f"JSON.stringify(document.querySelector('{PLOT}').layout.xaxis.range)"
    zoomed = page.evaluate(ranges)
    page.mouse.move(left + 20, top + 20)
    page.wait_for_selector(f"{PLOT} .hoverlayer text")
    page.wait_for_function(f"({POINTS}) > {before + 5}")
    assert page.evaluate(ranges) == zoomed, "the zoom was lost"
    assert page.evaluate(f"document.querySelector('{PLOT}').marked"), "the chart was made anew"
    assert page.locator(f"{PLOT} .hoverlayer text").count() > 0, "the hover was lost"
    picture = page.locator(".st-key-hf-card-panel-reconstruction img")
    old = picture.get_attribute("src")
    page.wait_for_function(
        "([old]) => document.querySelector('.st-key-hf-card-panel-reconstruction img')"
        ".getAttribute('src') !== old",
        arg=[old],
    )
    page.evaluate(f"document.querySelector('{PLOT}').emit('plotly_doubleclick')")
    page.wait_for_function(f"({right}) > {before * 10}")  # a double click ends the zoom
    step = page.evaluate("document.querySelector('[data-testid=stProgress]').innerText")
    page.wait_for_function(
        "([before]) => document.querySelector('[data-testid=stProgress]').innerText !== before",
        arg=[step],
    )
    training.set()
    expect(page.get_by_text("finished", exact=True).first).to_be_visible(timeout=30_000)
    page.wait_for_timeout(2_500)
    count = len(asked)
    page.wait_for_timeout(3_000)
    assert len(asked) == count, "a run that ended is still asked for"


def test_guides_are_drawn_where_the_curve_is_near_and_a_zoom_stays(
    page: Page, server: Dashboard, space: Workspace
) -> None:
    watch(page, server, "guided")
    chart = "document.querySelector('[data-chart=mi] .live-plot')"
    page.wait_for_function(f"{chart}?._fullLayout?.shapes?.length === 4")
    names = page.evaluate(f"{chart}.layout.annotations.map((one) => one.text)")
    assert names == ["ln 10", "1 merged", "2 merged", "3 merged"]
    assert page.evaluate(f"{chart}._fullLayout.yaxis.range[1]") < 3, "6.9 pressed the curves flat"
    note = page.locator("[data-chart=mi] p")
    expect(note).to_contain_text("Out of view: ln 1000 = 6.908")
    place = page.locator("[data-chart=mi] .nsewdrag").first
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.8, steps=5)
    page.mouse.up()
    ranges = f"JSON.stringify([{chart}.layout.xaxis.range, {chart}.layout.yaxis.range])"
    zoomed = page.evaluate(ranges)
    held = page.evaluate(f"{chart}.data[0].x.length")
    writer = RunWriter(space.runs / "guided")
    for step in range(610, 680, 10):
        writer.metrics(step, step * 0.06, step, {f"mi/head {head}": 2.2 for head in range(1, 6)})
    writer.close()
    page.wait_for_function(f"{chart}.data[0].x.length > {held}")
    assert page.evaluate(ranges) == zoomed
    assert page.evaluate(f"{chart}.layout.shapes.length") == 4


def test_a_note_leaves_out_a_value_that_is_not_known(page: Page, server: Dashboard) -> None:
    watch(page, server, "gap")
    note = page.locator("[data-chart='accuracy/validation'] p")
    expect(note).to_have_text("Validation: 100 labels, band of 95 %.")
    watch(page, server, "done")
    expect(note).to_contain_text("Training: 640 labelled rows a point.")


def test_a_phase_begins_at_a_named_line_in_every_chart(page: Page, server: Dashboard) -> None:
    plots = "[...document.querySelectorAll('.live-plot')]"
    drawn = (
        f"{plots}.map((plot) => [plot.layout.shapes.filter((one) => one.yref === 'paper')"
        ".map((one) => one.x0), plot.layout.annotations.filter((one) => one.yref === 'paper')"
        ".map((one) => one.text)])"
    )
    watch(page, server, "done")
    charts = page.locator(".live-plot").count()
    assert page.evaluate(drawn) == [[[800], ["fine-tuning"]]] * charts
    page.get_by_role("button", name="images", exact=True).click()
    page.wait_for_function(f"{plots}[0].layout.xaxis.title.text === 'images seen'")
    assert page.evaluate(drawn) == [[[800 * 128], ["fine-tuning"]]] * charts


def test_pictures_are_not_drawn_again_at_every_answer(page: Page, server: Dashboard) -> None:
    watch(page, server, "done")
    said = """() => {
        const charts = document.querySelector('.live').charts;
        const told = [];
        charts.tell = (name, stamp) => told.push(stamp);
        charts.panels = 'old';
        charts.told = Date.now();
        charts.tellOfPanels({ panels: 'early', alive: true });
        charts.told = 0;
        charts.tellOfPanels({ panels: 'late', alive: true });
        charts.tellOfPanels({ panels: 'last', alive: false });
        charts.tellOfPanels({ panels: 'last', alive: false });
        return told;
    }"""
    assert page.evaluate(said) == ["late", "last"]


def test_axis_and_theme_follow_the_person(page: Page, server: Dashboard) -> None:
    watch(page, server, "done")
    page.get_by_role("button", name="images", exact=True).click()
    title = f"document.querySelector('{PLOT}').layout.xaxis.title.text"
    page.wait_for_function(f"{title} === 'images seen'")
    assert page.evaluate(f"document.querySelector('{PLOT}').data[0].x.at(-1)") == 1200 * 128
    colour = f"document.querySelector('{PLOT}').layout.font.color"
    light = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"{colour} !== '{light}'")


def test_a_million_points_are_drawn_with_their_spike(page: Page, server: Dashboard) -> None:
    page.goto(f"{server.url}/watch?run=long")
    highest = f"Math.max(...(document.querySelector('{PLOT}')?.data?.[0]?.y ?? [0]))"
    page.wait_for_function(f"({highest}) === 99.5")
    assert page.evaluate(POINTS) < 400


def test_a_click_on_a_cell_shows_its_images(page: Page, server: Dashboard) -> None:
    page.goto(f"{server.url}/compare?dataset=digits")
    matrix = page.locator("[class*=st-key-hf-card-confusion] .nsewdrag").first
    matrix.scroll_into_view_if_needed()
    box = matrix.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.35, box["y"] + box["height"] * 0.35)
    expect(page.get_by_text("3 taken for 3")).to_be_visible(timeout=30_000)
    expect(page.locator(".st-key-hf-card-cell img").first).to_be_visible(timeout=30_000)


def test_the_choice_of_runs_shows_a_new_name_at_once(page: Page, server: Dashboard) -> None:
    watch(page, server, "gap")
    choice = page.get_by_role("combobox", name="Run")
    expect(choice).to_have_value(re.compile("^Supervised baseline"))
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("Named anew")
    page.locator(".st-key-save-title button").click()
    expect(page.locator(".st-key-hf-card-run").get_by_text("Named anew")).to_be_visible()
    expect(choice).to_have_value(re.compile("^Named anew"))
