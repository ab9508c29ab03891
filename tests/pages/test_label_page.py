"""The label page in its states: nothing yet, the board, labels that cannot be read."""

from named_runs import said_run
from pages_under_test import opened_application, opened_page, texts

from ssl_core.labels.database import DATABASE


def boards(page):
    """The data of the label boards on the page."""
    return [json_of(element) for element in page.get("bidi_component")]


def json_of(element):
    return element.proto.json


def test_without_images_the_way_to_them_is_shown(workspace):
    page = opened_page("label")
    assert not page.exception
    assert "No data yet" in texts(page)
    assert page.button[0].label == "Go to Data"


def test_with_images_the_board_is_shown(workspace, make_dataset):
    make_dataset()
    page = opened_page("label")
    assert not page.exception
    (data,) = boards(page)
    assert '"/api/labels/tiny"' in data
    assert page.title[0].value == "Label"


def test_the_address_chooses_the_dataset(workspace, make_dataset):
    make_dataset()
    make_dataset(name="other")
    for name in ("tiny", "other"):
        (data,) = boards(opened_page("label", dataset=name))
        assert f'"/api/labels/{name}"' in data


def test_labels_that_cannot_be_read_are_told_in_a_sentence(workspace, make_dataset):
    dataset = make_dataset()
    (dataset.folder / DATABASE).write_bytes(b"not a database" * 1000)
    page = opened_application("tiny").switch_page("../label.py").run()
    assert not page.exception
    assert "sqlite is damaged" in texts(page)


def test_the_address_chooses_the_way_of_labelling(workspace, make_dataset):
    make_dataset()
    page = opened_page("label", dataset="tiny", view="grid")
    assert not page.exception
    (data,) = boards(page)
    assert '"mode": "grid"' in data or '"mode":"grid"' in data
    page.segmented_control(key="label-view-1").set_value("one").run()
    (data,) = boards(page)
    assert "mode" not in data
    assert page.query_params["view"] in ("one", ["one"])
    (data,) = boards(opened_page("label", dataset="tiny", view="nonsense"))
    assert "mode" not in data


def test_without_a_run_with_clusters_the_way_to_one_is_shown(workspace, make_dataset):
    dataset = make_dataset()
    said_run(workspace, dataset, "plain")
    page = opened_page("label", dataset="tiny", view="clusters")
    assert "No clusters yet" in texts(page)
    assert not boards(page)
    said_run(workspace, dataset, "own", clusters=True)
    (data,) = boards(opened_page("label", dataset="tiny", view="clusters"))
    assert "clusters" in data
