"""Which heads a run is trained on, and what reaches its folder."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from support.heads import make_texts

from ssl_core import methods
from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.heads import Head
from ssl_core.labels.draw import adopt_reference_labels, draw_labels
from ssl_core.labels.events import LabelEvent
from ssl_core.labels.new_head import add_derived_head, head_named
from ssl_core.labels.store import open_labels
from ssl_core.methods.base import MethodSpec, Needs
from ssl_core.runs import launch
from ssl_core.runs.confusion import run_confusion
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.plan import RunPlan, check_plan, warnings_of_plan
from ssl_core.workspace import Workspace

MakeDataset = Callable[..., Dataset]


def method(name: str, needs: Needs) -> MethodSpec:
    return replace(methods.method_named("supervised"), name=name, title=name.title(), needs=needs)


@pytest.fixture(autouse=True)
def some_methods(monkeypatch: pytest.MonkeyPatch) -> None:
    """Methods of every need, and no process of a run."""
    known = {
        "one": Needs(labels=True, unlabelled=False, item="any"),
        "several": Needs(labels=True, unlabelled=False, item="any", heads=(1, 3)),
        "two": Needs(labels=True, unlabelled=False, item="any", heads=(2, 2)),
        "classes": Needs(labels=True, unlabelled=False, item="any", heads=(2, 2), class_heads=True),
        "clusters": Needs(labels=False, unlabelled=True, item="any"),
        "images": Needs(labels=True, unlabelled=False, item="image"),
        "texts": Needs(labels=True, unlabelled=False, item="text"),
    }
    specs = {name: method(name, needs) for name, needs in known.items()}
    monkeypatch.setattr(methods, "catalogue", lambda: specs)
    monkeypatch.setattr(launch, "_start", lambda folder: None)


@pytest.fixture
def letters(workspace: Workspace) -> Dataset:
    """All heads but the age have labels."""
    dataset = make_texts(workspace, count=60, test=12)
    draw_labels(dataset, open_labels(dataset), 4, 0)
    draw_labels(dataset, open_labels(dataset), 3, 1, "urgent")
    return dataset


def plan(method: str, dataset: str = "letters", **values: object) -> RunPlan:
    fields = {"dataset": dataset, "method": method, "steps": 3, "seeds": (1,), **values}
    return RunPlan.model_validate(fields)


def started(workspace: Workspace, planned: RunPlan) -> RunFolder:
    (run,) = launch.create_runs(workspace, planned)
    return RunFolder(workspace.runs / run)


def heads_of(folder: RunFolder) -> list[str]:
    return [head.name for head in folder.request().heads]


@pytest.mark.usefixtures("letters")
def test_a_method_with_one_head_gets_the_main_one(workspace: Workspace) -> None:
    folder = started(workspace, plan("one"))
    assert heads_of(folder) == ["topic"]
    assert sorted(folder.labels()) == ["items", "roles", "values"]
    assert heads_of(started(workspace, plan("one", heads=("urgent",)))) == ["urgent"]


def test_a_method_with_several_gets_all_that_have_labels(
    workspace: Workspace, letters: Dataset
) -> None:
    folder = started(workspace, plan("several"))
    assert heads_of(folder) == ["topic", "urgent"]
    adopt_reference_labels(letters, open_labels(letters), "age")
    folder = started(workspace, plan("several"))
    assert heads_of(folder) == ["topic", "urgent", "age"]
    arrays = folder.labels()
    assert arrays["items"].dtype == arrays["age/items"].dtype == np.int64
    assert arrays["values"].dtype == arrays["urgent/values"].dtype == np.int32
    assert arrays["age/values"].dtype == np.float64
    assert arrays["age/roles"].dtype == arrays["roles"].dtype == np.uint8
    assert np.array_equal(arrays["age/values"], 20 + arrays["age/items"] / 2)
    assert heads_of(started(workspace, plan("two"))) == ["topic", "urgent"]
    request = folder.request()
    assert request.classes == request.heads[0].classes
    assert request.heads[2].unit == "years"
    assert request.labels.others == {"Urgent": 6, "Age": 47}


def test_a_method_on_classes_alone_is_given_no_head_of_numbers(
    workspace: Workspace, letters: Dataset
) -> None:
    store = open_labels(letters)
    adopt_reference_labels(letters, store, "age")
    assert heads_of(started(workspace, plan("classes", heads=("topic", "urgent"))))
    (reason,) = check_plan(workspace, plan("classes", heads=("topic", "age")))
    assert "Classes needs questions with classes, and 'age' is answered with numbers" in reason
    assert check_plan(workspace, plan("two", heads=("topic", "age"))) == []
    assert heads_of(started(workspace, plan("classes"))) == ["topic", "urgent"]


@pytest.mark.usefixtures("letters")
def test_the_first_head_that_is_named_is_the_main_one(workspace: Workspace) -> None:
    folder = started(workspace, plan("two", heads=("urgent", "topic")))
    assert heads_of(folder) == ["urgent", "topic"]
    assert [one.name for one in folder.request().classes] == ["no", "yes"]
    assert (len(folder.labels()["items"]), len(folder.labels()["topic/items"])) == (6, 12)


def test_the_confusion_is_about_the_main_head_of_the_run(
    workspace: Workspace, letters: Dataset
) -> None:
    folder = started(workspace, plan("one", heads=("urgent",)))
    share = np.full((60, 2), 0.5, np.float16)
    np.savez(folder.path / "predictions.npz", probabilities=share, predicted=np.zeros(60, np.int32))
    found = run_confusion(letters, open_labels(letters), folder)
    assert found is not None
    assert (found.names, found.counts) == (("no", "yes"), [[6, 0], [6, 0]])


@pytest.mark.usefixtures("letters")
@pytest.mark.parametrize(
    ("planned", "sentence"),
    [
        (plan("several", heads=("mood",)), "no head 'mood'. Expected topic or urgent or age"),
        (plan("several", heads=("topic", "topic")), "'topic' is given twice"),
        (plan("several", heads=("topic", "age")), "No label of the question 'age' is given yet"),
        (
            plan("one", heads=("topic", "urgent")),
            "One is trained on at most one question, received",
        ),
        (plan("two", heads=("topic",)), "This method needs two questions, received topic"),
        (plan("images"), "Images learns from images, and this dataset holds texts"),
    ],
)
def test_heads_that_do_not_fit_are_told(
    workspace: Workspace, planned: RunPlan, sentence: str
) -> None:
    (reason,) = check_plan(workspace, planned)
    assert sentence in reason
    with pytest.raises(UserError):
        launch.create_runs(workspace, planned)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"head_weights": "topic=2, urgent=0.5"}, ""),
        ({"head_losses": "age=huber"}, ""),
        (
            {"head_weights": "mood=2"},
            "head_weights: this run is trained on no head 'mood'. Expected topic or urgent or age.",
        ),
        (
            {"head_losses": "mood=huber"},
            "head_losses: this run is trained on no head 'mood'. Expected topic or urgent or age.",
        ),
        (
            {"head_losses": "urgent=huber"},
            "head_losses: 'urgent' has classes. A loss is chosen for numbers alone.",
        ),
        (
            {"head_weights": "urgent=-1"},
            "head_weights: received '-1' for 'urgent', expected a number from 0 to 100.",
        ),
    ],
)
def test_what_settings_say_of_single_heads_is_checked_before_a_start(
    workspace: Workspace, letters: Dataset, settings: dict[str, str], sentence: str
) -> None:
    adopt_reference_labels(letters, open_labels(letters), "age")
    planned = plan("several", configuration=settings)
    assert check_plan(workspace, planned) == ([sentence] if sentence else [])
    if sentence:
        with pytest.raises(UserError, match="head_"):
            launch.create_runs(workspace, planned)
        return
    configuration = started(workspace, planned).request().configuration
    assert settings.items() <= configuration.items()


@pytest.mark.usefixtures("letters")
def test_a_head_that_the_run_leaves_out_has_no_weight(workspace: Workspace) -> None:
    settings = {"head_weights": "urgent=2"}
    assert check_plan(workspace, plan("several", configuration=settings)) == []
    (reason,) = check_plan(workspace, plan("one", configuration=settings))
    assert reason.endswith("trained on no head 'urgent'. Expected topic.")
    only = plan("one", configuration={"head_weights": "topic=2"})
    assert check_plan(workspace, only) == []


def test_the_main_head_has_classes(workspace: Workspace, letters: Dataset) -> None:
    adopt_reference_labels(letters, open_labels(letters), "age")
    (reason,) = check_plan(workspace, plan("several", heads=("age", "topic")))
    assert "'age' is answered with numbers" in reason
    assert check_plan(workspace, plan("several", heads=("topic", "age"))) == []


def test_a_dataset_with_one_head_is_not_enough_for_two(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset()
    (reason,) = check_plan(workspace, plan("two", "tiny"))
    assert reason.startswith("This method needs two questions, for example coarse and fine")
    assert "this dataset has one question" in reason
    groups = [("x", ("a",)), ("y", ("b", "c"))]
    add_derived_head(dataset, open_labels(dataset), head_named("Coarse", "categorical"), groups)
    assert "No image is labelled yet" in check_plan(workspace, plan("two", "tiny"))[0]
    draw_labels(dataset, open_labels(dataset), 4, 0)
    assert "No label of the question 'coarse'" in check_plan(workspace, plan("two", "tiny"))[0]
    draw_labels(dataset, open_labels(dataset), 4, 0, "coarse")
    assert check_plan(workspace, plan("two", "tiny")) == []
    assert "learns from texts" in check_plan(workspace, plan("texts", "tiny"))[0]


def test_a_head_whose_labels_are_all_held_out_is_foretold(workspace: Workspace) -> None:
    dataset = make_texts(workspace, count=200, test=0)
    store = open_labels(dataset)
    draw_labels(dataset, store, 9, 0)
    item = int(np.flatnonzero(dataset.held_out)[0])
    adopted = {"event": "a", "kind": "label", "person": "me", "item": item, "value": 3}
    store.append([LabelEvent.model_validate({**adopted, "head": "age"})])
    assert "nothing is learned of: Age" in " ".join(warnings_of_plan(workspace, plan("several")))
    assert "Age" not in " ".join(warnings_of_plan(workspace, plan("one")))


def test_a_method_without_labels_needs_no_classes(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    make_dataset(reference=False)
    assert check_plan(workspace, plan("clusters", "tiny")) == []
    (warning,) = warnings_of_plan(workspace, plan("clusters", "tiny"))
    assert "no test accuracy" in warning
    request = started(workspace, plan("clusters", "tiny")).request()
    assert (request.classes, request.heads) == ((), ())
    assert [head.name for head in request.all_heads] == ["class"]
    assert "No image is labelled yet" in check_plan(workspace, plan("one", "tiny"))[0]


def test_labels_of_an_earlier_run_come_with_its_heads(
    workspace: Workspace, letters: Dataset
) -> None:
    first = started(workspace, plan("several"))
    draw_labels(letters, open_labels(letters), 9, 0, "age")
    again = started(workspace, plan("several", labels_of=first.run))
    assert heads_of(again) == ["topic", "urgent"]
    for name, array in first.labels().items():
        np.testing.assert_array_equal(array, again.labels()[name])
    assert heads_of(started(workspace, plan("one", labels_of=first.run))) == ["topic"]
    turned = started(workspace, plan("one", labels_of=first.run, heads=("urgent",)))
    assert np.array_equal(turned.labels()["items"], first.labels()["urgent/items"])
    (reason,) = check_plan(workspace, plan("several", labels_of=first.run, heads=("age",)))
    assert "no head 'age'. Expected topic or urgent" in reason


def test_a_run_of_before_there_were_heads_has_the_one(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset()
    draw_labels(dataset, open_labels(dataset), 4, 0)
    folder = started(workspace, plan("one", "tiny"))
    request = folder.request()
    (folder.path / "request.json").write_text(
        request.model_copy(update={"heads": ()}).model_dump_json(exclude={"heads"})
    )
    assert folder.request().heads == ()
    assert folder.request().all_heads[0].classes == request.classes
    again = started(workspace, plan("one", "tiny", labels_of=folder.run))
    assert np.array_equal(again.labels()["values"], folder.labels()["values"])
    open_labels(dataset).add_head(Head(name="size", title="Size", kind="regression"))
    assert heads_of(started(workspace, plan("several", "tiny", labels_of=folder.run))) == ["class"]
