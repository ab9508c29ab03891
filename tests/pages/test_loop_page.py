"""The loop page: what it says before, between and after trainings, and what its widgets keep."""

import numpy as np
import pytest

from ssl_core.datasets.dataset import open_dataset
from ssl_core.datasets.importer import ImportSource, run_import
from ssl_core.datasets.text_columns import TargetColumn, TextColumns
from ssl_core.labels.store import open_labels
from ssl_core.loop.settings import LOOP, change_loop, read_loop
from ssl_core.runs.folder import open_run
from tests.pages.pages_under_test import opened_page, texts
from tests.support.loop import give, give_right, trained


@pytest.fixture
def dataset(workspace, make_dataset):
    return make_dataset(count=60, test=12)


@pytest.fixture
def fake(fake_worker, monkeypatch):
    """A worker that trains nothing and goes on until it is stopped."""
    monkeypatch.setenv("FAKE_WORKER", '{"pause": 60}')


def loop_page(dataset):
    page = opened_page("loop", dataset.identifier)
    assert not page.exception
    return page


def answers_with(dataset, wrong):
    """The reference labels, `wrong` items answered as another class."""
    answers = np.array(dataset.reference_labels)
    answers[wrong] = (answers[wrong] + 1) % 3
    return answers


def test_an_empty_workspace_says_where_data_come_from(workspace):
    page = opened_page("loop")
    assert not page.exception
    assert "No data yet" in texts(page)


def test_before_a_training_it_says_to_train_once(dataset):
    page = loop_page(dataset)
    shown = texts(page)
    assert "No training of this loop yet. It needs labels of two classes or more" in shown
    assert "Train once" in shown
    assert "It has no label yet, as do 2 more" in shown
    assert page.button(key="loop-now").label == "Train now"
    assert not page.error


def test_trainings_are_a_curve_with_an_advice_and_its_grounds(workspace, dataset):
    for number in range(4):
        give_right(dataset, range(4 * number, 4 * number + 4))
        trained(workspace, dataset, answers_with(dataset, [50]), learned=range(4 * number + 4))
    page = loop_page(dataset)
    shown = texts(page)
    assert "Accuracy on the held-out part" in shown
    assert "91.7\u2009% (64.6–98.5\u2009%)" in shown  # 11 of 12
    assert "reference labels of the test split" in shown
    assert "uses reference labels" in shown
    assert "You can stop" in page.success[0].value.replace("\\", "")
    assert "within the interval of 3 trainings ago" in shown
    assert "stabilising predictions" in shown
    assert len(page.get("plotly_chart")) == 1
    assert page.button(key="loop-now").label == "Train again now"


def test_what_the_last_training_changed_is_shown_with_both_answers(workspace, dataset):
    give_right(dataset, [0, 1, 2])
    trained(workspace, dataset, answers_with(dataset, [3, 4]), heard=1)
    trained(workspace, dataset, dataset.reference_labels)
    shown = texts(loop_page(dataset))
    assert "4.2\u2009% of the images to train on get another answer" in shown  # 2 of 48
    assert ">b → a<" in shown
    assert ">c → b<" in shown


def test_the_last_labels_stand_beside_what_had_been_said(workspace, dataset):
    give_right(dataset, [0, 1])
    trained(workspace, dataset, dataset.reference_labels)
    assert "No label was given since the first training" in texts(loop_page(dataset))
    give_right(dataset, range(2, 11))
    give(dataset, {11: 0})  # of class c
    shown = texts(loop_page(dataset))
    assert "Of 10, the training before each label had said the same of 9. It missed:" in shown
    assert ">a, not c<" in shown


def test_the_class_that_is_missed_needs_labels(workspace, dataset):
    give_right(dataset, [0, 1, 2])
    answers = np.array(dataset.reference_labels)
    answers[answers == 1] = 0
    trained(workspace, dataset, answers, learned=[0, 1, 2])
    give_right(dataset, range(3, 33))
    page = loop_page(dataset)
    assert "Of its 10 labels that the last training had not learned from, it answered 0 right" in (
        texts(page)
    )
    table = page.dataframe[0].value
    assert table["Right"].tolist() == ["10 of 10", "0 of 10", "10 of 10"]
    assert table["Labels"].tolist() == [11, 11, 11]


def test_items_of_the_class_that_needs_labels_are_put_first(workspace, dataset):
    truth = dataset.reference_labels
    give_right(dataset, [1, *(item for item in range(30) if truth[item] != 1)])
    trained(workspace, dataset, truth, learned=range(30))
    page = loop_page(dataset)
    assert "It has 1 labels" not in texts(page)
    assert "It has 1 label, where classes have 7 on average" in texts(page)
    page.button(key="loop-send").click().run()
    assert not page.exception
    sent = open_labels(dataset).sent_items()
    assert set(sent.values()) == {"b needs labels"}
    assert len(sent) == 10
    assert all(truth[item] == 1 and 1 < item < 48 for item in sent)


def test_a_class_that_is_never_answered_has_nothing_to_put_first(workspace, dataset):
    give_right(dataset, [0, 1])
    trained(workspace, dataset, np.zeros(60, int))
    page = loop_page(dataset)
    assert "It has no label yet" in texts(page)
    assert "loop-send" not in [button.key for button in page.button]


def test_a_fallen_accuracy_leads_to_the_review(workspace, dataset):
    give_right(dataset, range(6))
    for number, wrong in enumerate(([], [], [], range(48, 60))):
        trained(workspace, dataset, answers_with(dataset, list(wrong)), heard=number)
    page = loop_page(dataset)
    assert "the accuracy fell" in page.warning[0].value
    links = page.get("page_link")
    assert "view=review" in next(
        link.proto.query_string for link in links if link.proto.label == "Review labels"
    )


def test_texts_are_shown_as_texts(workspace, tmp_path, monkeypatch):
    monkeypatch.setenv("HANDFUL_SOURCES", str(tmp_path))
    rows = "".join(f"<b>text</b> {i},{'good' if i % 2 else 'bad'}\n" for i in range(40))
    (tmp_path / "rows.csv").write_text("text,mood\n" + rows, encoding="utf-8")
    mood = TargetColumn(column="mood", kind="categorical")
    columns = TextColumns(text="text", targets=(mood,))
    source = ImportSource(location=str(tmp_path / "rows.csv"), name="Rows", columns=columns)
    dataset = open_dataset(workspace, run_import(workspace, source).identifier)
    give(dataset, {0: 0, 1: 1})
    trained(workspace, dataset, np.zeros(40, int), method="posts", heard=1)
    trained(workspace, dataset, np.ones(40, int), method="posts")
    give(dataset, {2: 0})
    shown = texts(loop_page(dataset))
    assert "100.0\u2009% of the texts to train on" in shown
    assert "&lt;b&gt;text&lt;/b&gt;" in shown
    assert "<b>text" not in shown


def test_the_widgets_keep_what_they_are_set_to(workspace, dataset):
    page = loop_page(dataset)
    page.toggle(key="loop-by_itself-tiny").set_value(True).run()
    page.number_input(key="loop-every-tiny").set_value(35).run()
    page.number_input(key="loop-steps-tiny-supervised").set_value(70).run()
    state = read_loop(dataset)
    assert (state.by_itself, state.every, state.steps) == (True, 35, 70)
    assert "in 35 labels" in texts(page)
    page.selectbox(key="loop-method-tiny").select("fixmatch").run()
    assert not page.exception
    state = read_loop(dataset)
    assert (state.method, state.steps, state.every) == ("fixmatch", None, 35)
    again = loop_page(dataset)
    assert again.selectbox(key="loop-method-tiny").value == "fixmatch"
    assert again.toggle(key="loop-by_itself-tiny").value


def test_train_now_starts_one_training_and_a_second_press_waits(workspace, dataset, fake):
    give_right(dataset, range(6))
    page = loop_page(dataset)
    page.button(key="loop-now").click().run()
    (run,) = read_loop(dataset).runs
    assert sum(open_run(workspace, run).request().labels.per_class.values()) == 6
    page.button(key="loop-now").click().run()
    assert not page.exception
    assert read_loop(dataset).runs == (run,)
    assert read_loop(dataset).asked
    assert "One more training follows this one" in texts(page)


def test_enough_labels_start_a_training_while_the_page_is_open(workspace, dataset, fake):
    change_loop(workspace, dataset, by_itself=True, every=4)
    page = loop_page(dataset)
    assert "in 4 labels" in texts(page)
    give_right(dataset, range(4))
    page.run()
    assert len(read_loop(dataset).runs) == 1


def test_what_cannot_start_says_why(workspace, dataset):
    give_right(dataset, [0])
    page = loop_page(dataset)
    page.button(key="loop-now").click().run()
    assert "Only 1 class has labels" in page.warning[0].value
    assert read_loop(dataset).runs == ()


def test_without_a_test_split_or_a_held_out_label_it_says_what_is_missing(workspace, make_dataset):
    dataset = make_dataset(test=0)
    give_right(dataset, np.flatnonzero(~dataset.held_out)[:6].tolist())
    trained(workspace, dataset, dataset.reference_labels)
    shown = texts(loop_page(dataset))
    assert "nothing held out is labelled yet" in shown
    assert "Accuracy on the held-out part" not in shown


def test_a_damaged_file_is_a_sentence(dataset):
    (dataset.folder / LOOP).write_text("no JSON", encoding="utf-8")
    page = loop_page(dataset)
    assert "Delete that file" in page.error[0].value


def test_a_name_from_the_data_is_never_markup(workspace, dataset):
    store = open_labels(dataset)
    store.rename_class(store.classes()[1].identifier, "<img src=x>")
    give_right(dataset, [0, 2])
    trained(workspace, dataset, answers_with(dataset, [3]), heard=1)
    trained(workspace, dataset, dataset.reference_labels)
    assert "<img src=x>" not in texts(loop_page(dataset))
