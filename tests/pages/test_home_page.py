"""The first screen: what is next in each state of a workspace."""

from dataclasses import replace

import pytest
from fake_runs import fake_run
from pages_under_test import opened_page, texts

from pages.parts.cards import labelled_text
from pages.parts.overview import LabelCount, NextStep, Overview, next_step, take_overview
from ssl_core.datasets.importer import ImportProgress
from ssl_core.labels.events import LabelEvent
from ssl_core.labels.store import open_labels
from tests.support.heads import make_texts


def label_some(dataset, values):
    classes = open_labels(dataset).classes()
    open_labels(dataset).append(
        [
            LabelEvent(
                event=f"event-{item}",
                kind="label",
                person="test",
                item=item,
                value=classes[value].identifier,
            )
            for item, value in enumerate(values)
        ]
    )


def test_an_empty_workspace_offers_to_add_images(workspace):
    page = opened_page("home")
    assert not page.exception
    assert "Begin with data" in texts(page)
    assert page.button(key="next-step").label == "Go to Data"


def test_an_unlabelled_dataset_offers_to_label(workspace, make_dataset):
    make_dataset(name="sample")
    page = opened_page("home")
    assert not page.exception
    assert page.button(key="next-step").label == "Label the sample"
    assert "60 images wait for their first label" in texts(page)
    assert "data:image/png;base64," in texts(page)


def test_new_labels_offer_to_train(workspace, make_dataset):
    label_some(make_dataset(), [0, 0, 1, 1])
    page = opened_page("home")
    assert page.button(key="next-step").label == "Train"
    assert "4 of" in texts(page)


@pytest.mark.parametrize(
    ("labelled", "goal", "words"),
    [
        (0, 100, "0 of 100 labelled"),
        (100, 100, "100 of 100 labelled"),
        (3000, 100, "3\u2009000 labelled (goal 100)"),
        (7, 0, "7 labelled"),
    ],
)
def test_labels_past_the_goal_are_no_part_of_it(labelled, goal, words):
    assert labelled_text(labelled, goal) == words


def test_where_several_questions_are_asked_the_card_says_which_it_counts(workspace, make_dataset):
    make_texts(workspace)
    make_dataset()
    words = texts(opened_page("home"))
    assert "0 of 24 labelled: Topic<" in words
    assert words.count(" labelled<") == 1, "the images have one question"


def test_labels_of_one_class_are_not_enough(workspace, make_dataset):
    label_some(make_dataset(), [0, 0])
    assert opened_page("home").button(key="next-step").label == "Go on labelling"


def test_a_run_going_on_is_shown_with_its_progress(workspace, make_dataset):
    dataset = make_dataset()
    label_some(dataset, [0, 1])
    fake_run(workspace, dataset, "one", labels=12, state="running", share_done=0.5, alive=True)
    page = opened_page("home")
    assert not page.exception
    assert page.button(key="next-step").label == "Watch"
    assert "running" in texts(page)


def test_a_failed_run_tells_why(workspace, make_dataset):
    dataset = make_dataset()
    label_some(dataset, [0, 1])
    fake_run(workspace, dataset, "bad", labels=12, state="failed", message="The loss is infinite.")
    page = opened_page("home")
    assert not page.exception
    assert "The loss is infinite." in texts(page)


def test_an_import_going_on_is_shown(workspace, monkeypatch):
    progress = ImportProgress(
        state="running", phase="reading", done=10, total=40, per_second=5.0, skipped=0, message=""
    )
    monkeypatch.setattr("pages.parts.overview.list_imports", lambda _: [("job", progress)])
    page = opened_page("home")
    assert not page.exception
    assert "Your data are being imported" in texts(page)


def test_a_damaged_label_file_is_told_in_a_sentence(workspace, make_dataset):
    dataset = make_dataset()
    (dataset.folder / "labels.sqlite").write_bytes(b"not a database" * 100)
    page = opened_page("home")
    assert not page.exception
    assert "labels.sqlite is damaged" in texts(page)
    assert "labels cannot be read" in texts(page)


def test_a_damaged_dataset_leaves_the_others_usable(workspace, make_dataset):
    make_dataset(name="whole")
    broken = make_dataset(name="broken", shape=(8, 8, 3))
    (broken.folder / "images.npy").write_bytes(b"short")
    page = opened_page("home")
    assert not page.exception
    assert "is damaged" in page.error[0].value
    assert "data:image/png;base64," in texts(page)
    assert "Training" in texts(page)


@pytest.mark.parametrize(("runs", "screen"), [(1, "watch"), (2, "compare")])
def test_after_training_the_runs_are_next(workspace, make_dataset, runs, screen):
    dataset = make_dataset()
    for number in range(runs):
        fake_run(workspace, dataset, f"run-{number}", labels=12)
    page = opened_page("home")
    assert not page.exception
    label_some(dataset, [0, 1])
    seen = Overview(
        datasets=[dataset.manifest],
        labels={"tiny": LabelCount(labelled=2, goal=10, classes_used=2, last_label=2)},
        runs=summaries(workspace),
    )
    assert next_step(seen).screen == screen
    assert (next_step(seen).title == "The first run on tiny is done") == (runs == 1)
    newer = replace(seen.labels["tiny"], last_label=99)
    step = next_step(replace(seen, labels={"tiny": newer}))
    assert isinstance(step, NextStep)
    assert step.screen == "train"


def test_a_skip_or_an_undo_is_no_new_label(workspace, make_dataset):
    dataset = make_dataset()
    label_some(dataset, [0, 1])
    fake_run(workspace, dataset, "one", labels=2)
    given = {"person": "test", "item": 5}
    value = open_labels(dataset).classes()[0].identifier
    label = LabelEvent(event="new", kind="label", value=value, **given)
    for event, screen in (
        (LabelEvent(event="skip", kind="skip", person="test", item=4), "watch"),
        (label, "train"),
        (LabelEvent(event="back", kind="undo", target="new", **given), "watch"),
    ):
        open_labels(dataset).append([event])
        assert next_step(take_overview("tiny")).screen == screen, event.kind


def test_a_run_of_other_images_under_the_same_name_has_seen_no_label(workspace, make_dataset):
    dataset = make_dataset()
    label_some(dataset, [0, 1])
    fake_run(workspace, dataset, "one", labels=2)
    seen = take_overview("tiny")
    anew = seen.datasets[0].model_copy(update={"fingerprint": "ff"})
    assert next_step(seen).screen == "watch"
    assert next_step(replace(seen, datasets=[anew])).screen == "train"


def summaries(workspace):
    from ssl_core.runs.listing import list_runs

    return list_runs(workspace)
