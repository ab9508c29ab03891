"""Several heads on the pages: asking one more question, and choosing what a run learns."""

from dataclasses import replace

import pytest
from pages_under_test import opened_application, opened_page, texts
from support.heads import make_texts

import pages.parts.starting as starting
from ssl_core import methods
from ssl_core.labels.draw import adopt_reference_labels, draw_labels
from ssl_core.labels.store import open_labels
from ssl_core.methods.base import Needs
from ssl_core.runs import launch
from ssl_core.runs.plan import RunPlan

ONE = Needs(labels=True, unlabelled=False, item="any")
SEVERAL = Needs(labels=True, unlabelled=False, item="any", heads=(1, 3))


@pytest.fixture
def started(monkeypatch):
    """Plans that the train page wanted to start, and methods for one head and for several."""
    plans = []

    def create(space, plan, request_key=None):
        plans.append(plan)
        return ["run"]

    offer(monkeypatch, supervised=ONE, several=SEVERAL, texts=replace(ONE, item="text"))
    monkeypatch.setattr(starting, "create_runs", create)
    return plans


def offer(monkeypatch, **needs):
    """Let these be all methods, each with what it needs."""
    base = methods.method_named("supervised")
    specs = {name: replace(base, name=name, needs=own) for name, own in needs.items()}
    # The page's own name first: patched the other way round, its module would be imported with
    # the replacement and keep it.
    monkeypatch.setattr("pages.parts.methodchoice.catalogue", lambda: specs)
    monkeypatch.setattr(methods, "catalogue", lambda: specs)


@pytest.fixture
def letters(workspace):
    dataset = make_texts(workspace, count=60, test=12)
    draw_labels(dataset, open_labels(dataset), 4, 0)
    draw_labels(dataset, open_labels(dataset), 4, 0, "urgent")
    return dataset


def labels_tab(dataset):
    page = opened_application(dataset.identifier).switch_page("../data.py").run()
    page.session_state[f"detail-{dataset.identifier}"] = "Labels"
    return page.run()


def asked(page, **fields):
    """The form for another question, filled in and sent."""
    page.text_input(key="question-title-1").set_value(fields.pop("title"))
    page.button_group(key="question-kind-1").select(fields.pop("kind", "categorical")).run()
    for name, value in fields.items():
        page.text_input(key=f"question-{name}-1").set_value(value)
    page.button(key="question-add").click().run()
    return page


# The data page


def test_a_dataset_with_one_question_says_so(workspace, make_dataset):
    page = labels_tab(make_dataset())
    assert not page.exception
    assert "One question is asked of every image: its class, a, b, c." in texts(page)
    assert "labels-question" not in [one.key for one in page.button_group]


def test_a_question_is_asked_and_its_answers_are_derived(workspace, make_dataset):
    dataset = make_dataset()
    page = asked(labels_tab(dataset), title="Round or not", derived="round=a,c; straight=b")
    assert not page.exception
    assert "“Round or not” is asked from now on. 60 images have a reference" in texts(page).replace(
        "\\", ""
    )
    assert page.text_input(key="question-title-2").value == ""
    head = open_labels(dataset).head("round_or_not")
    assert (head.title, head.classes) == ("Round or not", ("round", "straight"))
    page.button_group(key="labels-question").select("round_or_not").run()
    page.number_input(key="draw-each").set_value(3).run()
    page.button(key="draw").click().run()
    assert not page.exception
    assert open_labels(dataset).counts("round_or_not") == {4: 3, 5: 3}
    assert open_labels(dataset).total() == 0


def test_a_number_has_a_unit_and_no_classes(workspace, make_dataset):
    dataset = make_dataset()
    page = asked(labels_tab(dataset), title="Size", kind="regression", unit="cm")
    assert not page.exception
    assert open_labels(dataset).head("size").unit == "cm"
    page.button_group(key="labels-question").select("size").run()
    assert "This question has no reference labels" in texts(page)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": ""}, "cannot name a head"),
        ({"title": "Class"}, "head 'class' already"),
        ({"title": "X", "classes": "a, a"}, "named twice"),
        ({"title": "X", "derived": "y=z"}, "no reference class 'z'"),
        ({"title": "X", "kind": "binary", "classes": "a"}, "binary head has two classes"),
    ],
)
def test_a_question_that_cannot_be_asked_is_told(workspace, make_dataset, fields, sentence):
    dataset = make_dataset()
    page = asked(labels_tab(dataset), **fields)
    assert not page.exception
    assert sentence in page.error[0].value.replace("\\", "")
    assert len(open_labels(dataset).heads()) == 1


def test_texts_are_called_texts(letters):
    page = labels_tab(letters)
    assert not page.exception
    words = texts(page)
    assert "labelled texts picked at random" in words
    assert "One row an answer" in words
    assert page.dataframe[-1].value["Question"].tolist() == ["Topic", "Urgent", "Age"]
    assert page.dataframe[-1].value["Labels"].tolist() == [12, 8, 0]
    page.button_group(key="labels-question").select("age").run()
    page.button(key="draw").click().run()
    assert "10 texts labelled from the reference labels" in texts(page).replace("\\", "")
    assert "<dt>Between</dt>" in texts(page)


# The train page


def test_only_methods_for_the_kind_of_item_are_offered(workspace, make_dataset, letters, started):
    make_dataset()
    keys = {button.key for button in opened_page("train", "letters").button}
    assert {"choose-texts", "choose-supervised"} <= keys
    keys = {button.key for button in opened_page("train", "tiny").button}
    assert "choose-texts" not in keys
    assert "choose-supervised" in keys


def test_a_method_with_one_head_is_asked_which(letters, started):
    page = opened_page("train")
    assert not page.exception
    assert page.selectbox(key="heads-letters-supervised-now").options == ["Topic", "Urgent"]
    page.selectbox(key="heads-letters-supervised-now").set_value("urgent").run()
    assert texts(page).count("Question: Urgent<") == 1
    assert '<dt title="yes">yes</dt>' in texts(page)
    page.button(key="start").click().run()
    assert started[0].heads == ("urgent",)


def test_a_method_with_several_gets_them_in_the_order_chosen(letters, started):
    page = opened_page("train")
    page.button(key="choose-several").click().run()
    choice = page.multiselect(key="heads-letters-several-now")
    assert choice.value == ["topic", "urgent"], "all that have labels, as on the command line"
    assert choice.options == ["Topic", "Urgent", "Age (no labels yet)"]
    assert texts(page).count("uestion: Topic") == 1
    choice.set_value(["urgent", "topic"]).run()
    assert not page.exception
    assert "Main question: Urgent" in texts(page)
    assert '<dt title="Topic">Topic</dt>' in texts(page)  # the labels of the further question
    page.button(key="start").click().run()
    assert started[0].heads == ("urgent", "topic")


def test_none_chosen_means_all_that_have_labels(letters, started, monkeypatch):
    offer(monkeypatch, supervised=ONE, several=replace(SEVERAL, heads=(2, 3)))
    page = opened_page("train")
    page.button(key="choose-several").click().run()
    assert page.multiselect(key="heads-letters-several-now").value == ["topic", "urgent"]
    page.multiselect(key="heads-letters-several-now").set_value([]).run()
    assert not page.exception
    assert "Main question: Topic" in texts(page)
    assert '<dt title="Urgent">Urgent</dt>' in texts(page)
    page.button(key="start").click().run()
    assert started[0].heads == ()


def test_labels_of_an_earlier_run_are_those_of_the_question_that_is_chosen(
    workspace, letters, started, monkeypatch
):
    monkeypatch.setattr(launch, "_start", lambda folder: None)
    plan = RunPlan(dataset="letters", method="several", steps=3, seeds=(1,))
    (run,) = launch.create_runs(workspace, plan)
    draw_labels(letters, open_labels(letters), 9, 0, "urgent")
    page = opened_page("train")
    page.selectbox(key="labels-of").set_value(run).run()
    assert "Question: Topic<" in texts(page)
    assert "<dt>Labels</dt><dd>12</dd>" in texts(page)
    page.selectbox(key=f"heads-letters-supervised-{run}").set_value("urgent").run()
    assert not page.exception
    assert "Question: Urgent<" in texts(page)
    assert "Topic<" not in texts(page)
    assert "<dt>Labels</dt><dd>8</dd>" in texts(page)
    assert '<dt title="yes">yes</dt>' in texts(page)
    assert '<dt title="sport">sport</dt>' not in texts(page)


def test_a_number_cannot_be_the_main_question(letters, started):
    adopt_reference_labels(letters, open_labels(letters), "age")
    page = opened_page("train")
    page.button(key="choose-several").click().run()
    page.multiselect(key="heads-letters-several-now").set_value(["age", "topic"]).run()
    assert not page.exception
    assert "answered with numbers" in page.warning[0].value
    assert "as soon as the first question has classes" in texts(page)
    assert page.button(key="start").disabled


def test_one_question_is_no_choice(workspace, make_dataset, started):
    dataset = make_dataset()
    draw_labels(dataset, open_labels(dataset), 4, 0)
    page = opened_page("train")
    page.button(key="choose-several").click().run()
    assert not page.multiselect
    assert "Question:" not in texts(page), "the classes say it all"
    page.button(key="start").click().run()
    assert started[0].heads == ()
