"""The page of studies: settings of each method, two of one name, and deleting one."""

import json

import pytest
from pages_under_test import opened_page, texts

from ssl_core.runs import launch
from ssl_core.runs.listing import list_runs
from ssl_core.studies import removal
from ssl_core.studies import study as studies
from ssl_core.studies.progress import advance
from ssl_core.studies.study import create_study, list_studies
from tests.studies.study_runs import run_all, settings


@pytest.fixture(autouse=True)
def no_process(monkeypatch):
    monkeypatch.setattr(launch, "_start", lambda folder: None)


def test_settings_are_chosen_for_each_method_and_shown_in_the_study(workspace, make_dataset):
    make_dataset()
    page = opened_page("study")
    page.multiselect(key="study-methods").set_value(["autoencoder"])
    page.text_input(key="study-budgets").set_value("6")
    page.number_input(key="study-steps").set_value(7)
    page = page.toggle(key="study-own-settings").set_value(True).run()
    assert not page.exception
    assert [tab.label for tab in page.tabs] == [
        "Supervised baseline",
        "Autoencoder and classifier",
    ]
    weight = "study-setting-autoencoder-reconstruction_weight"
    page.number_input(key=weight).set_value(3.0)
    page.selectbox(key="study-setting-supervised-backbone").set_value("vgg-f")
    page = page.number_input(key="study-steps-autoencoder").set_value(9).run()
    assert "of 7 to 9 steps each" in texts(page)
    page = page.button(key="study-setting-supervised-reset").click().run()
    page = page.button(key="start-study").click().run()
    assert not page.exception
    (study,) = list_studies(workspace)
    assert study.settings.configurations == {"autoencoder": {"reconstruction_weight": 3.0}}
    assert study.settings.own_steps == {"autoencoder": 9}
    assert page.table[-1].value.values.tolist() == [
        ["Supervised baseline", "7", "–"],
        ["Autoencoder and classifier", "9", "reconstruction weight 3"],
    ]
    assert "own settings" in page.selectbox(key="study").options[0]


def test_without_the_toggle_every_method_has_its_defaults(workspace, make_dataset):
    """Also where other values were typed before it was turned off."""
    make_dataset()
    page = opened_page("study")
    page.text_input(key="study-budgets").set_value("6")
    page.multiselect(key="study-methods").set_value(["autoencoder"])
    page = page.toggle(key="study-own-settings").set_value(True).run()
    page = page.number_input(key="study-steps-autoencoder").set_value(9).run()
    page = page.toggle(key="study-own-settings").set_value(False).run()
    page.button(key="start-study").click().run()
    (study,) = list_studies(workspace)
    assert (study.settings.configurations, study.settings.own_steps) == ({}, {})


def test_what_is_typed_here_is_not_typed_on_the_train_page(workspace, make_dataset):
    make_dataset()
    page = opened_page("study")
    page.multiselect(key="study-methods").set_value(["autoencoder"])
    page = page.toggle(key="study-own-settings").set_value(True).run()
    assert "study-setting-supervised-backbone" in page.session_state
    assert "setting-supervised-backbone" not in page.session_state


def press_in_dialog(page, button, choice="keep"):
    """A dialog stays open in a browser; AppTest runs the whole page, so it is opened again."""
    page.button(key="study-delete").click()
    page.radio(key="study-removal-runs").set_value(choice)
    page.button(key=button).click()
    return page.run()


@pytest.mark.parametrize(("choice", "kept"), [("keep", 4), ("delete", 0)])
def test_deleting_asks_first_and_what_becomes_of_the_runs(workspace, make_dataset, choice, kept):
    make_dataset()
    study = create_study(workspace, settings(draws=1))
    run_all(workspace, study.name)
    page = opened_page("study").button(key="study-delete").click().run()
    assert "cannot be undone" in texts(page)
    assert "Not ended yet" not in texts(page)
    assert list_studies(workspace)
    page = press_in_dialog(page, "study-removal-confirm", choice)
    assert not page.exception
    assert not list_studies(workspace)
    assert len(list_runs(workspace)) == kept
    assert page.button(key="start-study"), "the form of a new study"


def test_the_question_says_what_becomes_of_runs_that_wait(workspace, make_dataset):
    make_dataset()
    name = create_study(workspace, settings(draws=1)).name
    advance(workspace, name)
    page = opened_page("study").button(key="study-delete").click().run()
    assert "Not ended yet: 3 runs. Those that wait are withdrawn" in texts(page)
    press_in_dialog(page, "study-removal-keep")
    assert [study.name for study in list_studies(workspace)] == [name]


def test_a_run_that_does_not_end_is_told_in_the_dialog(workspace, make_dataset, monkeypatch):
    make_dataset()
    name = create_study(workspace, settings(draws=1)).name
    advance(workspace, name)
    monkeypatch.setattr(removal, "_KILLED_SECONDS", 0.1)
    page = opened_page("study").button(key="study-delete").click().run()
    page = press_in_dialog(page, "study-removal-confirm")
    assert "has not ended" in page.error[0].value
    assert list_studies(workspace)[0].paused


def test_two_studies_that_are_called_the_same_can_be_told_apart(workspace, make_dataset):
    make_dataset()
    first = create_study(workspace, settings(draws=1))
    path = workspace.studies / first.name / studies.STUDY
    path.write_text(json.dumps({**json.loads(path.read_text()), "created": "2026-01-01"}))
    create_study(workspace, settings(draws=1, steps=6))
    options = opened_page("study").selectbox(key="study").options
    assert options[0] == f"{options[1]} (2)"
