"""The list of the watch page: runs of a study apart from those that a person started."""

import pytest
from fake_runs import digits_dataset, fake_run
from pages_under_test import opened_page

from ssl_core.runs.request import StudyCell
from ssl_core.studies.study import create_study
from tests.studies.study_runs import settings

SOURCE, RUN = "run-source", "watched-run"


@pytest.fixture
def dataset(workspace):
    return digits_dataset(workspace, count=120, test=40)


def study_run(workspace, dataset, run, draw, *, study, identity, **changes):
    cell = StudyCell(study=study, identity=identity, budget=20, draw=draw)
    fake_run(workspace, dataset, run, cell=cell, **changes)


@pytest.fixture
def mixed(workspace, dataset):
    """Two runs of a person, three of a study, the newest, and two of one that is deleted."""
    made = create_study(workspace, settings(dataset="digits", methods=("supervised",)))
    for number in range(3):
        place = {"study": made.name, "identity": made.identity}
        study_run(workspace, dataset, f"of-study-{number}", number, **place)
    for number in range(2):
        place = {"study": "old-one", "identity": "gone"}
        study_run(workspace, dataset, f"of-gone-{number}", number, age=9, **place)
        fake_run(workspace, dataset, f"own-{number}", age=5 + number)
    return made


def listed(page):
    return len(page.selectbox(key=RUN).options)


def test_ones_own_runs_are_listed_and_those_of_studies_where_asked_for(mixed):
    page = opened_page("watch")
    assert not page.exception
    assert page.selectbox(key=SOURCE).options == [
        "Started one by one",
        "Study: 6, 12 labels · Supervised baseline · 2 draws",
        "Deleted study old-one",
        "All runs",
    ]
    assert (page.selectbox(key=SOURCE).value, listed(page)) == ("own", 2)
    assert page.selectbox(key=RUN).value == "own-0"
    for chosen, number in ((mixed.identity, 3), ("gone", 2), ("all", 7), ("own", 2)):
        page = page.selectbox(key=SOURCE).set_value(chosen).run()
        assert not page.exception
        assert not page.toast, "the run in the address was not called gone"
        assert listed(page) == number
        assert page.query_params["runs"] in (chosen, [chosen])


def test_the_address_keeps_the_choice(mixed):
    page = opened_page("watch", runs="gone")
    assert (page.selectbox(key=SOURCE).value, listed(page)) == ("gone", 2)
    page = opened_page("watch", runs="nonsense")
    assert page.selectbox(key=SOURCE).value == "own"


@pytest.mark.parametrize("asked", [{}, {"runs": "own"}])
def test_a_run_in_the_address_is_shown_wherever_it_comes_from(mixed, asked):
    page = opened_page("watch", run="of-study-1", **asked)
    assert not page.toast
    assert page.selectbox(key=SOURCE).value == mixed.identity
    assert page.selectbox(key=RUN).value == "of-study-1"
    page = opened_page("watch", run="of-study-1", runs="all")
    assert (page.selectbox(key=SOURCE).value, listed(page)) == ("all", 7)


def test_a_running_run_of_a_study_does_not_hide_ones_own(workspace, dataset, mixed):
    place = {"study": mixed.name, "identity": mixed.identity, "alive": True, "share_done": 0.5}
    study_run(workspace, dataset, "running", 5, state="running", **place)
    assert opened_page("watch").selectbox(key=RUN).value == "own-0"


def test_without_a_study_nothing_is_asked(workspace, dataset):
    fake_run(workspace, dataset, "own-1")
    page = opened_page("watch", runs="all")
    assert not page.exception
    assert [box.key for box in page.selectbox] == [RUN]
    assert "runs" not in page.query_params


def test_where_all_runs_are_of_one_study_nothing_is_asked(workspace, dataset):
    study_run(workspace, dataset, "only", 0, study="old-one", identity="gone")
    page = opened_page("watch")
    assert not page.exception
    assert [box.key for box in page.selectbox] == [RUN]
