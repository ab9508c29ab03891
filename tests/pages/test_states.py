"""What the pages on runs show before there is one: what is missing, and the way on."""

from pages_under_test import opened_page, texts
from streamlit.testing.v1 import AppTest

from ssl_core.labels.draw import draw_labels
from ssl_core.labels.store import open_labels
from ssl_core.workspace import Workspace
from tests.conftest import MakeDataset
from tests.support.heads import make_texts


def buttons(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def test_without_a_run_it_says_where_to_begin(workspace: Workspace) -> None:
    page = opened_page("watch")
    assert not page.exception
    assert "No run yet" in texts(page)
    assert "Go to Data" in buttons(page)


def test_the_way_to_a_run_begins_with_labels(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset()
    for screen in ("watch", "compare"):
        page = opened_page(screen)
        assert "Go to Label" in buttons(page)
        assert "need no labels: Invariant information clustering, MINE embeddings." in texts(page)
        assert [link.proto.label for link in page.get("page_link")] == ["Go to Train"]
    draw_labels(dataset, open_labels(dataset), per_class=1, seed=0)
    for screen in ("watch", "compare"):
        page = opened_page(screen)
        assert "Go to Train" in buttons(page)
        assert "need no labels" not in texts(page)


def test_no_method_learns_texts_without_labels(workspace: Workspace) -> None:
    make_texts(workspace)
    page = opened_page("watch", "letters")
    assert "Go to Label" in buttons(page)
    assert "need no labels" not in texts(page)
    assert not page.get("page_link")
