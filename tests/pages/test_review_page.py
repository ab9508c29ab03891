"""The view Review of the label page: found labels, changes in place, batches, cost, agreement."""

import uuid
from datetime import UTC, date, datetime
from types import SimpleNamespace

import numpy as np
import pytest
from pages_under_test import texts
from streamlit.testing.v1 import AppTest

from ssl_core.heads import Head
from ssl_core.labels.store import open_labels
from tests.labels.label_events import answers, label
from tests.pages.fake_runs import fake_run
from tests.support.opinions import run_of_three_questions
from tests.support.told import WAYS, tell_by_reference

SECONDS = 30


def review(dataset: str) -> AppTest:
    """The view alone, on the dataset with this identifier."""

    def page() -> None:
        import streamlit as st

        from pages.parts.review import review_view
        from pages.parts.session import workspace
        from ssl_core.datasets.dataset import open_dataset

        review_view(open_dataset(workspace(), st.query_params["dataset"]))

    opened = AppTest.from_function(page, default_timeout=SECONDS)
    opened.query_params["dataset"] = dataset
    return opened.run()


def part(page: AppTest, name: str) -> AppTest:
    page.button_group(key="review-part").set_value(name).run()
    assert not page.exception
    return page


def test_without_labels_the_way_to_some_is_told(workspace, make_dataset):
    make_dataset()
    page = review("tiny")
    assert not page.exception
    assert "Nothing to review yet" in texts(page)


@pytest.fixture
def labelled(workspace, make_dataset):
    """Six labels of two people, one item answered differently by them."""
    dataset = make_dataset()
    store = open_labels(dataset)
    one, two, three = (kind.identifier for kind in store.classes())
    store.append([label(0, one, seconds=2), label(1, two, seconds=4), label(2, three)])
    store.append([label(0, two, "you", seconds=1), label(3, one, "you", origin="csv")])
    store.append([label(1, two, "you")])
    return dataset


def cards(page):
    return [one.proto.body for one in page.get("html") if "hf-item" in one.proto.body]


def test_labels_are_filtered_by_person_and_class(labelled):
    page = review("tiny")
    assert not page.exception
    assert len(cards(page)) == 4
    assert "you, by hand, just now" in cards(page)[0]
    page.selectbox(key="review-person").set_value("me").run()
    assert len(cards(page)) == 3
    assert sum("a later answer counts" in card for card in cards(page)) == 2
    one = open_labels(labelled).classes()[0]
    page.selectbox(key="review-class-class").set_value(one.identifier).run()
    assert len(cards(page)) == 1
    page.selectbox(key="review-person").set_value(None).run()
    page.selectbox(key="review-origin").set_value("hand").run()
    assert not page.exception
    assert "No label passes the filter" in texts(page)


def test_a_label_is_changed_in_place_and_its_history_told(labelled):
    store = open_labels(labelled)
    three = store.classes()[2].identifier
    before = {item: value for item, value in answers(store).items() if item != 3}
    page = review("tiny")
    newest = find(store, 3)
    page.session_state[f"change-{newest}"] = True
    page.run()
    page.button_group(key=f"answer-{newest}").set_value(three).run()
    assert not page.exception
    assert answers(store) == {**before, 3: three}
    assert page.toast[0].value == "Item 3 is now c."
    page.session_state[f"change-{find(store, 3)}"] = True
    page.run()
    assert r"c · review · by hand · just now" in texts(page)
    assert r"a · you · from a CSV file · just now" in texts(page)
    page.button(key=f"away-{find(store, 3)}").click().run()
    assert answers(store) == before
    assert not page.exception


def test_a_change_has_the_time_since_it_was_opened(labelled, monkeypatch):
    """40 s after the page was drawn "Change" is opened, 7 s later the class given."""
    now = 1000.0
    clock = SimpleNamespace(monotonic=lambda: now)
    monkeypatch.setattr("pages.parts.reviewlabels.time", clock)
    store = open_labels(labelled)
    three = store.classes()[2].identifier
    page = review("tiny")
    newest = find(store, 3)
    now += 40
    page.session_state[f"change-{newest}"] = True
    page.run()
    now += 7
    page.button_group(key=f"answer-{newest}").set_value(three).run()
    assert not page.exception
    assert {one.item: one.seconds for one in store.recent()}[3] == 7
    ways = part(page, "Cost").dataframe[0].value
    assert (ways["Labels"].tolist(), ways["Sum, s"].tolist()) == ([4], [14])


def find(store, item):
    """The sequence number of the answer to `item` that counts."""
    from ssl_core.labels.review import find_labels

    found = find_labels(store)
    return int(found.sequences[found.items.tolist().index(item)])


def test_contradicted_labels_come_first_and_say_by_what(workspace):
    from tests.pages.fake_digits import digits_dataset

    dataset = digits_dataset(workspace, 200, 50)
    store = open_labels(dataset)
    classes = [kind.identifier for kind in store.classes()]
    right = [classes[int(answer)] for answer in dataset.reference_labels[:30]]
    wrong = [classes[(int(answer) + 1) % 10] for answer in dataset.reference_labels[30:33]]
    store.append([label(item, value) for item, value in enumerate(wrong, 30)])
    store.append([label(item, value) for item, value in enumerate(right)])
    page = review("digits")
    assert "Order" not in [group.label for group in page.button_group]  # no run to ask yet
    folder = fake_run(workspace, dataset, "supervised-1")
    sure = np.full(200, 0.6)
    sure[30:33] = 0.7, 0.9, 0.8
    probabilities = np.repeat((1 - sure[:, None]) / 9, 10, axis=1)
    probabilities[np.arange(200), dataset.reference_labels] = sure
    np.savez(folder / "predictions.npz", probabilities=probabilities.astype(np.float16))
    page = review("digits")
    assert not page.exception
    told = "1 to 24 of 33 labels: 3 are contradicted by a run; these come first, then the newest."
    assert told in texts(page)
    for card, item in zip(cards(page), (31, 32, 30, *range(29, 8, -1)), strict=True):
        said = dataset.reference_labels[item]
        assert f"item {item}" in card
        assert (f"{said} · {100 * sure[item]:.0f}" in card) == (item >= 30)
    page.multiselect(key="review-runs-digits-class").set_value([]).run()
    assert "33 labels, newest first: no run is chosen that could contradict them." in texts(page)
    assert "item 29" in cards(page)[0]
    page.button_group(key="review-order").set_value("Newest first").run()
    assert "1 to 24 of 33 labels, newest first." in texts(page)


def test_where_runs_agree_with_all_labels_these_are_shown_all_the_same(workspace, make_dataset):
    dataset = make_dataset()
    store = open_labels(dataset)
    items = np.flatnonzero(~dataset.held_out)[:3].tolist()
    run_of_three_questions(workspace, dataset)
    no, yes = (one.identifier for one in store.classes("round"))
    store.append([label(item, yes, head="round") for item in items])
    page = review("tiny")
    page.button_group(key="labels-question").set_value("round").run()
    assert "3 labels, newest first: none is contradicted by a run." in texts(page)
    shown = zip(items[::-1], cards(page), strict=True)
    assert all(f"item {item}" in card for item, card in shown)
    store.append([label(item, no, head="round") for item in items])
    page.run()
    assert "3 labels: all are contradicted by a run, the most confident" in texts(page)
    page.selectbox(key="review-class-round").set_value(yes).run()
    assert "No label passes the filter" in texts(page)


def test_of_held_out_labels_no_contradiction_is_told(workspace, make_dataset):
    """Corrected only where a model contradicts them, they would flatter that model."""
    dataset = make_dataset(test=0)
    store = open_labels(dataset)
    held_out, free = (int(np.flatnonzero(dataset.held_out == kept)[0]) for kept in (True, False))
    run_of_three_questions(workspace, dataset)
    no, _ = (one.identifier for one in store.classes("round"))
    store.append([label(free, no, head="round"), label(held_out, no, head="round")])
    page = review("tiny")
    page.button_group(key="labels-question").set_value("round").run()
    assert "2 labels: 1 is contradicted by a run; it comes first, then the newest." in texts(page)
    first, second = cards(page)
    assert f"item {free}" in first
    assert "yes · " in first
    assert f"item {held_out}" in second
    assert "yes · " not in second


def test_labels_are_found_between_two_days(workspace, make_dataset, monkeypatch):
    store = open_labels(make_dataset())
    days = [date(2026, 3, day) for day in (1, 2, 3, 4)]
    midnight = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
    for item, day in enumerate((0, 0.999, 1, 2, 2.999, 3)):
        clock = SimpleNamespace(time=lambda day=day: midnight + day * 86_400)
        monkeypatch.setattr("ssl_core.labels.event_log.time", clock)
        store.append([label(item, 1)])
    page = review("tiny")
    assert not page.date_input
    page.selectbox(key="review-time").set_value("Between two days").run()
    assert "No label passes the filter" in texts(page)
    for chosen, items in (
        ((days[0], days[0]), [1, 0]),
        ((days[1], days[2]), [4, 3, 2]),
        ((days[3],), [5]),
        ((), [5, 4, 3, 2, 1, 0]),
    ):
        page.date_input(key="review-days").set_value(chosen).run()
        assert not page.exception
        shown = zip(items, cards(page), strict=True)
        assert all(f"item {item}<" in card or f'item {item}"' in card for item, card in shown)


def test_every_question_has_its_contradicted_labels(workspace, make_dataset):
    dataset = make_dataset()
    store = open_labels(dataset)
    first, second, third = np.flatnonzero(~dataset.held_out)[:3].tolist()
    run_of_three_questions(workspace, dataset)
    store.add_head(Head(name="dark", title="Dark", kind="binary", classes=("no", "yes")))
    no, yes = (one.identifier for one in store.classes("round"))
    store.append([label(first, yes, head="round"), label(second, no, head="round")])
    years = zip((first, second, third), (39.0, 41.0, 70.0), strict=True)
    store.append([label(item, value, head="age") for item, value in years])
    store.append([label(first, 1), label(first, store.classes("dark")[0].identifier, head="dark")])
    page = review("tiny")
    for head, item, said in (("round", second, "yes · 6"), ("age", third, "40 years · 1.7 SD off")):
        page.button_group(key="labels-question").set_value(head).run()
        assert not page.exception
        card, *others = cards(page)
        assert f"item {item}" in card
        assert said in card
        assert not any(said.partition("·")[0] + "· " in other for other in others)
    far = "3 labels: 1 is contradicted by a run, by one standard deviation (SD) of all labels or"
    assert far in texts(page)
    page.button_group(key="labels-question").set_value("dark").run()
    assert "No finished run answers this question" in texts(page)
    assert len(cards(page)) == 1


@pytest.mark.parametrize("way", WAYS)
def test_runs_that_repeat_reference_labels_are_not_asked(workspace, labelled, way):
    for run in ("own", "told"):
        fake_run(workspace, labelled, run)
    tell_by_reference(workspace.runs / "told", way)
    asked = review("tiny").multiselect(key="review-runs-tiny-class")
    assert (asked.value, len(asked.options)) == (["own"], 1)


def test_a_batch_is_taken_back_after_the_count_was_asked(labelled):
    store = open_labels(labelled)
    before = answers(store)
    page = part(review("tiny"), "Batches")
    assert "No batch yet" in texts(page)
    batch, other = uuid.uuid4().hex, uuid.uuid4().hex
    one = store.classes()[0].identifier
    more = {"origin": "grid", "batch": batch}
    store.append([label(item, one, "review", **more) for item in range(10, 15)])
    store.append([label(20, one, "you", origin="cluster", batch=other)])
    page = part(review("tiny"), "Batches")
    assert page.button(key=f"undo-{other}").disabled
    page.button(key=f"undo-{batch}").click().run()
    assert "5 labels (in the grid) will be taken back" in texts(page)
    page.button(key=f"undo-{batch}").click()  # AppTest runs the whole page: it is opened again
    page.button(key="undo-yes").click()
    page.run()
    assert not page.exception
    assert answers(store) == {**before, 20: one}
    assert "Nothing of it is in force any more." in texts(part(review("tiny"), "Batches"))


def test_cost_is_told_by_way_person_and_class(labelled):
    page = part(review("tiny"), "Cost")
    ways, people, classes = (one.value for one in page.dataframe)
    assert ways["Labels"].tolist() == [3]
    assert people.to_dict("list") == {
        "Person": ["me", "you"],
        "Labels": [2, 1],
        "Mean, s": [3, 1],
        "Median, s": [3, 1],
        "Sum, s": [6, 1],
    }
    assert classes["Class"].tolist() == ["b", "a"]


def test_disagreements_are_sent_to_the_queue(labelled):
    store = open_labels(labelled)
    page = part(review("tiny"), "Agreement")
    (pairs,) = (one.value for one in page.dataframe)
    assert pairs["Answered by both"].tolist() == [2]
    assert pairs["Alike, %"].tolist() == [50]
    assert ["me: a" in card and "you: b" in card for card in cards(page)] == [True]
    page.button(key="send-disagreements").click().run()
    assert store.sent_items() == {0: "people disagree"}


def test_questions_with_numbers_and_texts_are_reviewed(workspace):
    from tests.support.heads import make_texts

    dataset = make_texts(workspace)
    store = open_labels(dataset)
    store.append([label(0, 31, "me", head="age", seconds=3), label(0, 33, "you", head="age")])
    page = review("letters")
    assert "No label passes the filter" in texts(page)
    page.button_group(key="labels-question").set_value("age").run()
    assert not page.exception
    assert "<b>33 years</b>" in cards(page)[0]
    page = part(page, "Agreement")
    assert page.dataframe[0].value["Mean difference, years"].tolist() == [2]
    assert "me: 31 years" in cards(page)[0]
    assert len(part(page, "Cost").dataframe) == 2
