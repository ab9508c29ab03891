"""Whole runs on several heads: what they publish, and that they resume as unbroken ones."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from ssl_core.datasets.dataset import Dataset
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.request import TrainedClass, TrainedHead
from ssl_core.training.failures import Stopped
from tests.conftest import MakeDataset
from tests.support.runs import labels_by_role, make_run
from tests.support.sessions import check_same_lines, published, train


def classes(*names: str) -> tuple[TrainedClass, ...]:
    return tuple(
        TrainedClass(identifier=place + 1, name=name, colour="#123456")
        for place, name in enumerate(names)
    )


MAIN = TrainedHead(name="class", title="Class", kind="categorical", classes=classes("a", "b", "c"))
GROUPS = classes("T-shirt/top", "Véhicule")
GROUP = TrainedHead(name="group", title="Group", kind="categorical", classes=GROUPS)
URGENT = TrainedHead(name="urgent", title="Urgent", kind="binary", classes=classes("no", "yes"))
AGE = TrainedHead(name="age", title="Age", kind="regression", unit="years")
pytestmark = pytest.mark.usefixtures("eager_publishing")
SETTINGS = {"batch_size": 6, "augment_shift": 0.1}


def run_with(workspace, dataset: Dataset, heads: tuple[TrainedHead, ...], **settings) -> Path:
    """A run whose further heads have labels of every second item of the main head, and of more."""
    named = {"heads": heads, "classes": heads[0].classes}
    folder = make_run(
        workspace, dataset, **named, configuration=SETTINGS, **{"steps": 6, **settings}
    )
    items, _, roles = labels_by_role(dataset, 4)
    truth = np.asarray(dataset.reference_labels)
    answers = {
        "class": truth.astype(np.int32),
        "group": np.minimum(truth, 1).astype(np.int32),
        "urgent": (truth == 2).astype(np.int32),
        "age": 30.0 + 10 * truth,
    }
    arrays = {"items": items, "values": answers[heads[0].name][items], "roles": roles}
    more = np.setdiff1d(np.flatnonzero(~dataset.held_out), items)[:10]
    for head in heads[1:]:
        chosen = np.concatenate([items[roles > 0], items[roles == 0][::2], more])
        role = np.concatenate([roles[roles > 0], np.zeros(len(chosen) - (roles > 0).sum())])
        arrays |= {
            f"{head.name}/items": chosen,
            f"{head.name}/values": answers[head.name][chosen],
            f"{head.name}/roles": role.astype(np.uint8),
        }
    np.savez(folder / "labels.npz", **arrays)
    return folder


def test_what_a_run_on_several_heads_publishes(workspace, make_dataset: MakeDataset) -> None:
    dataset = make_dataset(test=0)
    folder = run_with(workspace, dataset, (MAIN, GROUP, URGENT, AGE))
    results = train(folder)
    run = RunFolder(folder)
    last = run.metrics()[0][-1].values
    for name in ("classification", "group", "urgent", "age"):
        of_head = name != "classification"
        assert np.isfinite(last[f"head_loss/{name}" if of_head else f"loss/{name}"])
        assert 0 < last[f"share/{name}"] < 1
        assert 0 < last[f"weighted/{name}"] < 1
    assert {"accuracy/validation", "accuracy/group", "accuracy/urgent", "mae/age"} <= set(last)
    assert {"accuracy/group training", "mae/age training", "rows/age"} <= set(last)
    assert 0 < last["mae/age"] < 60, "in years"
    assert -1 <= last["gradient/cosine"] <= 1

    panels = {panel.name: panel for panel in run.panels()}
    assert {"confusion", "confusion_group", "confusion_urgent", "numbers_age"} <= set(panels)
    points = run.panel_json("numbers_age", 6)
    assert len(points["x"]) == 6
    assert set(points["x"]) <= {30.0, 40.0, 50.0}
    assert points["title_x"] == "label, years"
    assert np.sum(run.panel_json("confusion_group", 6)["values"]) == 6

    with np.load(folder / "predictions.npz") as arrays:
        assert arrays["probabilities"].shape == (60, 3)
        assert arrays["urgent/predicted"].dtype == np.int32
        ages = arrays["age/predicted"]
    assert ages.dtype == np.float32
    loaded = keras.models.load_model(folder / "model.keras")
    again = loaded.predict(np.asarray(dataset.images, np.float32) / 255.0, verbose=0)
    assert np.allclose(again["age"][:, 0], ages, atol=1e-3)
    held = np.flatnonzero(dataset.held_out)
    truth = 30.0 + 10 * np.asarray(dataset.reference_labels)[held]
    assert results.figures["mae/age"] == pytest.approx(np.abs(ages[held] - truth).mean(), rel=1e-4)
    assert {"accuracy/group", "auroc/urgent"} <= set(results.figures)
    json.dumps(results.figures)


def test_a_main_head_with_two_classes_has_an_area(workspace, make_dataset: MakeDataset) -> None:
    folder = run_with(workspace, make_dataset(test=0), (URGENT, MAIN))
    results = train(folder)
    last = RunFolder(folder).metrics()[0][-1].values
    assert 0 <= last["auroc/urgent"] <= 1
    assert 0 <= results.figures["auroc/urgent"] <= 1
    assert "auroc/class" not in last | results.figures, "it has three classes"


@pytest.mark.usefixtures("lines_of_one_step")
@pytest.mark.parametrize(
    ("method", "heads"),
    [("supervised", (MAIN, URGENT, AGE)), ("soft_switch", (MAIN, GROUP))],
)
def test_stopped_and_resumed_it_ends_as_an_unbroken_one(
    workspace, make_dataset: MakeDataset, method: str, heads: tuple
) -> None:
    dataset = make_dataset(test=0)
    unbroken = run_with(workspace, dataset, heads, method=method)
    results = train(unbroken)
    broken = run_with(workspace, dataset, heads, method=method)
    with pytest.raises(Stopped):
        train(broken, stop_at=3)
    check_same_lines(published(broken), published(unbroken)[:3])
    assert train(broken) == results
    check_same_lines(published(broken), published(unbroken))
    states = [np.load(path / "checkpoints" / "step-000000006.npz") for path in (unbroken, broken)]
    for name in (name for name in states[0].files if name.startswith("state/")):
        assert np.array_equal(states[0][name], states[1][name]), name
    if method != "supervised":
        last = dict(published(unbroken))[6]
        assert {"gate/entropy", "router/accuracy", "loss/routing"} <= set(last)
        assert {"gate/t_shirt_top", "branch/vehicule"} <= set(last)
        assert json.loads((unbroken / "guides.json").read_text())["gate/entropy"]


def test_a_further_head_alone_is_validated_where_the_main_one_has_no_validation_labels(
    workspace, make_dataset: MakeDataset
) -> None:
    folder = run_with(workspace, make_dataset(test=0), (MAIN, GROUP), steps=2)
    with np.load(folder / "labels.npz") as arrays:
        kept = {name: arrays[name] for name in arrays.files}
    train_only = kept["roles"] == 0
    kept |= {name: kept[name][train_only] for name in ("items", "values", "roles")}
    np.savez(folder / "labels.npz", **kept)
    train(folder)
    last = RunFolder(folder).metrics()[0][-1].values
    assert "accuracy/group" in last
    assert "accuracy/validation" not in last
