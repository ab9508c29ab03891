"""The train page without images, without labels, ready, and after pressing start."""

import pytest
from fake_runs import fake_run
from pages_under_test import opened_page, texts

import pages.parts.starting as starting
from pages.parts.form import help_of, label_of
from pages.parts.planform import parse_seeds
from ssl_core.errors import UserError
from ssl_core.labels.draw import draw_labels
from ssl_core.labels.store import open_labels
from ssl_core.methods import catalogue, hyperparameters_of, settings_of
from ssl_core.runs.plan import RunPlan


@pytest.fixture
def started(monkeypatch):
    """Plans and keys that the page wanted to start, with no process behind them."""
    calls: list[tuple[RunPlan, str]] = []

    def create(space, plan, request_key=None):
        calls.append((plan, request_key))
        return [f"run-{seed}" for seed in plan.seeds]

    monkeypatch.setattr(starting, "create_runs", create)
    return calls


@pytest.fixture
def labelled(workspace, make_dataset):
    dataset = make_dataset(count=90, test=30)
    draw_labels(dataset, open_labels(dataset), per_class=6, seed=1)
    return dataset


def test_without_images_it_says_where_to_begin(workspace):
    page = opened_page("train")
    assert not page.exception
    assert "No data yet" in texts(page)


def test_without_labels_the_button_is_shut_and_says_why(workspace, make_dataset):
    make_dataset()
    page = opened_page("train")
    assert not page.exception
    assert "No image is labelled yet" in page.warning[0].value
    assert page.button(key="start").disabled


def test_every_method_shows_its_card_its_paper_and_its_settings(labelled):
    page = opened_page("train")
    assert page.session_state["method"] == "supervised"
    for spec in catalogue().values():
        if spec.needs.item == "text":
            continue
        page.button(key=f"choose-{spec.name}").click().run()
        assert not page.exception
        words = texts(page)
        for text in (spec.title, spec.summary, spec.description, spec.architecture):
            assert text in words or text.replace("'", "&#x27;") in words
        assert spec.paper.link in words
        read = [info.name for info in settings_of(spec)]
        for info in hyperparameters_of(spec.configuration):
            key = f"setting-{spec.name}-{info.name}"
            if info.name in read:
                assert page.session_state[key] == info.default
            else:
                assert key not in page.session_state


def test_the_labels_are_counted_by_class_role_and_origin(labelled):
    words = texts(opened_page("train"))
    assert "18 drawn from reference labels" in words
    assert "<dt>Labels</dt><dd>18</dd>" in words
    assert '<dt title="a">a</dt>' in words


def test_classes_changed_after_the_last_label_are_shown(labelled):
    page = opened_page("train")
    store = open_labels(labelled)
    store.rename_class(1, "anew")
    store.merge_classes(2, 3)
    words = texts(page.run())
    assert '<dt title="anew">anew</dt>' in words
    assert '<dt title="a">a</dt>' not in words
    assert '<dt title="b">b</dt>' not in words


def test_start_hands_over_what_was_chosen(labelled, started):
    page = opened_page("train")
    page.button(key="choose-autoencoder").click().run()
    page.number_input(key="setting-autoencoder-learning_rate").set_value(0.01)
    page.number_input(key="budget-steps").set_value(250)
    page.text_input(key="seeds").set_value("1-3").run()
    assert "learning rate 0.01, not 0.001" in texts(page)
    assert page.button(key="start").label == "Start 3 runs"
    page.button(key="start").click().run()
    assert not page.exception
    plan = started[0][0]
    assert plan.method == "autoencoder"
    assert plan.configuration == {"learning_rate": 0.01}
    assert (plan.steps, plan.minutes, plan.seeds, plan.device) == (250, None, (1, 2, 3), "cpu")
    assert "3 runs started" in page.success[0].value


def test_settings_go_back_to_their_defaults(labelled):
    page = opened_page("train")
    page.number_input(key="setting-supervised-batch_size").set_value(8).run()
    assert "batch size 8, not 64" in texts(page)
    next(button for button in page.button if button.label == "Reset to defaults").click().run()
    assert page.number_input(key="setting-supervised-batch_size").value == 64
    assert "All settings have their default" in texts(page)


def test_weights_of_single_heads_are_typed_as_text(labelled, started):
    page = opened_page("train")
    typed = page.text_input(key="setting-supervised-head_weights")
    assert typed.label == "Head weights (name=weight)"
    typed.set_value("class=-1").run()
    wrong = page.warning[0].value.replace("\\", "")
    assert "received '-1' for 'class', expected a number from 0 to 100" in wrong
    assert page.button(key="start").disabled
    page.text_input(key="setting-supervised-head_weights").set_value("mood=2").run()
    wrong = page.warning[0].value.replace("\\", "")
    assert "this run is trained on no head 'mood'. Expected class" in wrong
    assert page.button(key="start").disabled
    page.text_input(key="setting-supervised-head_weights").set_value(" class=2 ").run()
    assert not page.warning
    assert "head weights class=2, not none" in texts(page)
    page.button(key="start").click().run()
    assert not page.exception
    assert started[0][0].configuration == {"head_weights": "class=2"}
    page.text_input(key="setting-supervised-head_weights").set_value(" ").run()
    assert "All settings have their default" in texts(page)


def test_a_second_press_within_seconds_has_the_same_key(labelled, started, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(starting.time, "monotonic", lambda: clock[0])
    page = opened_page("train")
    page.button(key="start").click().run()
    clock[0] += 1
    page.button(key="start").click().run()
    clock[0] += 60
    page.button(key="start").click().run()
    keys = [key for _, key in started]
    assert keys[0] == keys[1]
    assert keys[1] != keys[2]


def test_minutes_are_a_budget_too(labelled, started):
    page = opened_page("train")
    page.button_group(key="budget-kind").select("minutes").run()
    page.number_input(key="budget-minutes").set_value(2.5).run()
    page.button(key="start").click().run()
    assert (started[0][0].steps, started[0][0].minutes) == (None, 2.5)


def test_impossible_seeds_shut_the_button(labelled):
    page = opened_page("train")
    page.text_input(key="seeds").set_value("one").run()
    assert "expected whole numbers" in page.warning[0].value
    assert page.button(key="start").disabled
    page.text_input(key="seeds").set_value("4, 4").run()
    assert "Given twice" in page.warning[0].value


def test_a_refusal_at_the_last_moment_is_a_sentence(labelled, monkeypatch):
    def refuse(*_):
        raise UserError("The disk is full. Delete runs.")

    monkeypatch.setattr(starting, "create_runs", refuse)
    page = opened_page("train")
    page.button(key="start").click().run()
    assert not page.exception
    assert "The disk is full" in page.error[0].value


def test_what_trains_and_waits_is_listed(workspace, labelled):
    fake_run(workspace, labelled, "first", state="running", share_done=0.2, alive=True)
    fake_run(workspace, labelled, "second", state="queued", share_done=0, alive=True, seed=7)
    words = texts(opened_page("train"))
    assert "seed 7" in words
    assert ">queued<" in words


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("1", (1,)), ("1, 2,3", (1, 2, 3)), ("3-5", (3, 4, 5)), ("1 - 2; 9", (1, 2, 9)), ("0", (0,))],
)
def test_seeds_are_read_as_people_write_them(text, seeds):
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", " , ", "1.5", "-1", "5-3", "1-1000000", "9" * 30, "a"])
def test_other_seeds_are_refused(text):
    with pytest.raises(UserError):
        parse_seeds(text)


def test_label_and_help_of_a_setting_name_unit_range_default_and_source():
    described = hyperparameters_of(catalogue()["supervised"].configuration)
    batch = next(info for info in described if info.name == "batch_size")
    assert label_of(batch) == "Batch size (items)"
    assert "Default 64, from 2 to 4096 (FixMatch, section 4)." in help_of(batch)


def test_the_labels_of_an_earlier_run_can_be_chosen(workspace, labelled, started):
    fake_run(workspace, labelled, "supervised-1", labels=12)
    page = opened_page("train")
    assert page.selectbox(key="labels-of").value is None
    page.selectbox(key="labels-of").set_value("supervised-1").run()
    assert not page.exception
    page.button(key="start").click().run()
    assert started[0][0].labels_of == "supervised-1"
