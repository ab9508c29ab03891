"""How the live charts of a run with two phases are laid out, in a real browser."""

from collections.abc import Iterator

import pytest
from fake_runs import digits_dataset, fake_run
from playwright.sync_api import Browser, Page

from ssl_core.runs.folder import METRICS
from ssl_core.runs.phase_starts import PhaseStart, write_phase_starts
from ssl_core.runs.writer import RunWriter
from ssl_core.workspace import Workspace
from tests.support.dashboard import Dashboard, dashboard

pytestmark = pytest.mark.browser
STEPS, BORDER, HEADS = 40, 32, 4
ADVERSARIAL = ("entropy", "real", "generated", "generator")
CHARTS = "[...document.querySelectorAll('.live-card')]"


def plot(chart: str) -> str:
    """Script: the plot of a chart."""
    return f"document.querySelector('[data-chart=\"{chart}\"] .live-plot')"


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A run that is contrasted up to step 32 and classifies after it."""
    workspace = Workspace.open(tmp_path_factory.mktemp("layout") / "workspace")
    folder = fake_run(workspace, digits_dataset(workspace, count=120, test=40), "phases")
    (folder / METRICS).write_text("")
    write_phase_starts(folder, [PhaseStart("pretraining", 0), PhaseStart("fine-tuning", BORDER)])
    writer = RunWriter(folder)
    writer.guides({"usage": {"ln 10 of the classes": 2.3026}})
    for step in range(1, STEPS + 1):
        phase = "contrastive" if step <= BORDER else "classification"
        values = {"loss/total": 5.0 - step / 40, "loss/reconstruction": 1 / step}
        values |= {f"loss/{phase}": 5 / step}
        values |= {f"loss/{name}": 1 / step for name in ADVERSARIAL}
        values |= {f"usage/head {head}": 2.2 for head in range(HEADS)}
        if step in (2, 30, 36, 38):
            values[f"share/{phase}"] = 1.0
        writer.metrics(step, step * 0.1, step * 128, values)
    writer.close()
    return workspace


@pytest.fixture(scope="module")
def server(space: Workspace) -> Iterator[Dashboard]:
    with dashboard(space.root) as served:
        yield served


@pytest.fixture(scope="module")
def page(browser: Browser, server: Dashboard) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, color_scheme="light")
    opened = context.new_page()
    opened.set_default_timeout(45_000)
    opened.goto(f"{server.url}/watch?run=phases")
    opened.wait_for_function(f"{plot('share')}?._fullLayout?._size && {CHARTS}.length > 4")
    yield opened
    context.close()


def test_all_charts_reach_to_the_last_step_where_their_lines_end_before(page: Page) -> None:
    ranges = page.evaluate(
        f"{CHARTS}.map((card) => card.querySelector('.live-plot')._fullLayout.xaxis.range)"
    )
    assert ranges == [[0, STEPS]] * len(ranges)
    ends = page.evaluate(
        f"{CHARTS}.map((card) => Math.max(...card.querySelector('.live-plot').data"
        ".map((line) => line.x.at(-1))))"
    )
    assert min(ends) < STEPS, "a chart whose lines end before, or nothing is proven"


def test_areas_step_where_a_phase_begins(page: Page) -> None:
    drawn = page.evaluate(
        f"{plot('share')}.data.map(({{ name, x, stackgroup }}) => [name, x, stackgroup])"
    )
    assert drawn == [
        ["contrastive", [2, 30, BORDER], "0"],
        ["classification", [BORDER, 36, 38], "1"],
    ]


def test_the_word_of_a_phase_lies_on_the_ground(page: Page) -> None:
    word = f"{plot('loss/total')}.layout.annotations[0]"
    assert page.evaluate(f"{word}.text") == "fine-tuning"
    ground = page.evaluate(f"{word}.bgcolor")
    assert ground == page.evaluate(
        "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    )
    assert ground.startswith("rgb("), "it can be seen through"


def test_long_names_leave_the_plot_its_height(page: Page) -> None:
    rows = page.evaluate(
        f"new Set([...{plot('loss/adversarial')}.querySelectorAll('.legend .traces')]"
        ".map((row) => Math.round(row.getBoundingClientRect().top))).size"
    )
    assert rows > 2, "names in so few rows prove nothing"
    heights = page.evaluate(
        f"{CHARTS}.map((card) => card.querySelector('.live-plot')._fullLayout._size.h)"
    )
    assert min(heights) >= 180


def test_single_lines_have_one_colour(page: Page) -> None:
    first, other = (
        page.evaluate(f"{plot(chart)}.data[0].line.color")
        for chart in ("loss/total", "loss/reconstruction")
    )
    assert first == other


def test_the_lines_of_one_chart_have_different_colours(page: Page) -> None:
    colours = page.evaluate(f"{plot('usage')}.data.map((line) => line.line.color)")
    assert len(set(colours)) == len(colours) == HEADS
