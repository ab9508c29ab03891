"""The dashboard on the bundled sample, and its label board in Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from ssl_core.workspace import Workspace
from tests.support.dashboard import Dashboard, dashboard
from tests.support.labelling import forget_answers, open_board, sample_of, wait_until_saved


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace for all tests of a file."""
    return Workspace.open(tmp_path_factory.mktemp("served") / "workspace")


@pytest.fixture(scope="module")
def served(space: Workspace) -> Iterator[Dashboard]:
    """The dashboard on `space`, where it puts the sample; one for all tests of a file."""
    with dashboard(space.root) as running:
        yield running


@pytest.fixture
def fresh(served: Dashboard, browser: Browser) -> Iterator[Page]:
    """The board of the sample, without labels from earlier tests."""
    forget_answers(sample_of(served.workspace))
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    open_board(page, served.url, "sample")
    yield page
    wait_until_saved(page)  # an answer on its way would be there in the next test
    context.close()
