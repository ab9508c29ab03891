"""A training inside this process: what it publishes, how it stops, resumes and fails."""

import json

import keras
import numpy as np
import pytest

from ssl_core.errors import UserError
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.phase_starts import read_phase_starts
from ssl_core.runs.writer import RunWriter
from ssl_core.training import publisher, session
from ssl_core.training.failures import NotFinite, Stopped
from ssl_core.training.lifecycle import StopFlag
from ssl_core.training.progress import Progress
from tests.conftest import MakeDataset
from tests.support.runs import make_run
from tests.support.sessions import published, train

SMALL = {"batch_size": 6, "augment_shift": 0.1}
pytestmark = pytest.mark.usefixtures("eager_publishing")
BOTH = [
    ("supervised", SMALL),
    ("autoencoder", {**SMALL, "unlabelled_batch_size": 5}),
]


@pytest.mark.usefixtures("lines_of_one_step")
@pytest.mark.parametrize(("method", "configuration"), BOTH)
def test_a_stopped_and_resumed_run_ends_as_an_unbroken_one(
    workspace, make_dataset: MakeDataset, method: str, configuration: dict
) -> None:
    dataset = make_dataset()
    settings = {"method": method, "configuration": configuration, "steps": 7}
    unbroken = make_run(workspace, dataset, **settings)
    results = train(unbroken)
    broken = make_run(workspace, dataset, **settings)
    for stop in (3, 5):
        with pytest.raises(Stopped):
            train(broken, stop_at=stop)
        assert published(broken) == published(unbroken)[:stop]
        # What was published after the checkpoint is dropped.
        RunWriter(broken).metrics(stop + 1, 9.0, 99, {"loss/total": 9.0})
    assert train(broken) == results
    assert published(broken) == published(unbroken)
    assert read_phase_starts(broken) == read_phase_starts(unbroken) == ()
    assert ["loss/validation" in values for _, values in published(broken)] == [False] + 6 * [True]
    expected, found = (RunFolder(path).predictions() for path in (unbroken, broken))
    assert np.array_equal(expected, found)
    state = [np.load(path / "checkpoints" / "step-000000007.npz") for path in (unbroken, broken)]
    for name in (name for name in state[0].files if name.startswith("state/")):
        assert np.array_equal(state[0][name], state[1][name]), name


@pytest.mark.parametrize(("steps", "stop_at"), [(1, 1), (5, 4)])
def test_the_last_line_is_looked_at_where_it_is_the_first_of_its_process(
    workspace, make_dataset: MakeDataset, steps: int, stop_at: int
) -> None:
    folder = make_run(workspace, make_dataset(), configuration=SMALL, steps=steps)
    if stop_at < steps:
        with pytest.raises(Stopped):
            train(folder, stop_at=stop_at)
    results = train(folder)
    assert "loss/validation" in dict(published(folder))[steps]
    assert results.selected_step is not None


def test_what_a_run_publishes_and_leaves_behind(workspace, make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    configuration = BOTH[1][1] | {"reconstruction_weight": 3.0}
    folder = make_run(
        workspace, dataset, method="autoencoder", configuration=configuration, steps=6
    )
    results = train(folder)
    run = RunFolder(folder)
    lines, _ = run.metrics()
    assert lines[0].step == 1
    assert lines[-1].step == 6
    assert lines[-1].images == 6 * 11
    first, last = lines[0].values, lines[-1].values
    weighted = first["loss/classification"], 3.0 * first["loss/reconstruction"]
    assert first["loss/total"] == pytest.approx(sum(weighted), rel=1e-4)
    for name, part in zip(("classification", "reconstruction"), weighted, strict=True):
        assert first[f"weighted/{name}"] == pytest.approx(part / sum(weighted))
    assert sum(line.values["count/train"] for line in lines) == 6 * 6
    assert last["count/validation"] == 6
    assert last["accuracy/validation_low"] <= last["accuracy/validation"]
    assert last["share/classification"] + last["share/reconstruction"] == pytest.approx(1)
    assert last["throughput"] > 0

    panels = {panel.name: panel for panel in run.panels()}
    assert panels["confusion"].kind == "matrix"
    assert np.sum(run.panel_json("confusion", 6)["values"]) == 6
    assert panels["reconstruction"].meta["rows"] == ["image", "reconstruction"]
    assert run.panel_png("reconstruction", 6).startswith(b"\x89PNG")

    probabilities = run.predictions()
    assert probabilities.shape == (60, 3)
    loaded = keras.models.load_model(folder / "model.keras")
    again = loaded.predict(np.asarray(dataset.images, np.float32) / 255.0, verbose=0)
    assert np.allclose(again, probabilities, atol=2e-3)
    assert results.test_count == 12
    truth = dataset.reference_labels[48:]
    assert results.test_accuracy == np.mean(np.argmax(again[48:], axis=1) == truth)
    assert results.test_source == "reference labels of the test split"
    assert results.selected_step is not None
    assert results.selected_test_accuracy is not None
    assert not list(folder.glob(".*"))


def test_several_steps_in_one_call_change_nothing(
    workspace, make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = make_dataset()
    single = make_run(workspace, dataset, configuration=SMALL, steps=8)
    train(single)
    monkeypatch.setattr(session, "steps_per_execution", lambda device: 3)
    together = make_run(workspace, dataset, configuration=SMALL, steps=8)
    train(together)
    lines = RunFolder(together).metrics()[0]
    assert [line.step for line in lines] == [3, 6, 8]
    assert [line.images for line in lines] == [18, 36, 48]
    assert np.array_equal(RunFolder(together).predictions(), RunFolder(single).predictions())


def test_without_a_test_split_the_held_out_labels_are_used(
    workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset(test=0)
    folder = make_run(workspace, dataset, configuration=SMALL, steps=2)
    results = train(folder)
    assert results.test_count == int(dataset.held_out.sum())
    assert results.test_source == "held-out hand labels"
    data = session.training_data(dataset, RunFolder(folder).labels(), dataset.images)
    assert not np.intersect1d(data.pool, np.flatnonzero(dataset.held_out)).size
    assert not np.intersect1d(data.pool, data.validation.items).size
    assert (data.labels >= 0).sum() == len(data.labelled) == 12
    assert (data.labels[data.validation.items] == -1).all()


def test_a_torn_checkpoint_gives_way_to_the_one_before(
    workspace, make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(publisher, "CHECKPOINT_SHARE", 1e6)
    dataset = make_dataset()
    unbroken = make_run(workspace, dataset, configuration=SMALL, steps=6)
    train(unbroken)
    broken = make_run(workspace, dataset, configuration=SMALL, steps=6)
    with pytest.raises(Stopped):
        train(broken, stop_at=4)
    newest = broken / "checkpoints" / "step-000000004.npz"
    newest.write_bytes(newest.read_bytes()[:1000])
    train(broken)
    assert np.array_equal(RunFolder(broken).predictions(), RunFolder(unbroken).predictions())


def test_a_loss_that_is_no_number_is_named_and_the_checkpoint_kept(
    workspace, make_dataset: MakeDataset
) -> None:
    folder = make_run(workspace, make_dataset(), configuration=SMALL, steps=8)
    with pytest.raises(Stopped):
        train(folder, stop_at=2)
    request = json.loads((folder / "request.json").read_text())
    request["configuration"]["learning_rate"] = 1.0
    (folder / "request.json").write_text(json.dumps(request))
    state = session.restored

    def poisoned(model, arrays) -> None:
        state(model, arrays)
        kernel = model.classifier.trainable_variables[0]
        kernel.assign(np.full(kernel.shape, np.nan))

    session.restored, before = poisoned, sorted((folder / "checkpoints").iterdir())
    try:
        with pytest.raises(NotFinite) as caught:
            train(folder)
    finally:
        session.restored = state
    assert caught.value.terms == ["classification"]
    assert sorted((folder / "checkpoints").iterdir()) == before


@pytest.mark.timed
def test_a_budget_in_minutes_fixes_its_steps_once(
    workspace, make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "MEASURED_SECONDS", 0.5)
    folder = make_run(workspace, make_dataset(), configuration=SMALL, steps=None, minutes=4 / 60)
    progress, writer = Progress(), RunWriter(folder)
    session.train(folder, writer, progress, StopFlag())
    writer.close()
    assert progress.steps == progress.step > 4
    assert progress.seconds == pytest.approx(4.0, abs=2.5)
    lines = RunFolder(folder).metrics()[0]
    assert lines[0].values["learning_rate"] == pytest.approx(1e-3)
    assert lines[-1].values["learning_rate"] < 1e-5


@pytest.mark.timed
@pytest.mark.parametrize("longest", [3.0, 0.0])  # 0.0: over before its steps are counted
def test_a_budget_in_minutes_ends_in_time_where_the_machine_became_slower(
    workspace, make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch, longest: float
) -> None:
    monkeypatch.setattr(session, "MEASURED_SECONDS", 0.3)
    monkeypatch.setattr(session, "planned_steps", lambda *measured: 10**6)
    monkeypatch.setattr(session, "longest_seconds", lambda minutes: longest)
    folder = make_run(workspace, make_dataset(), configuration=SMALL, steps=None, minutes=3 / 60)
    progress, writer = Progress(), RunWriter(folder)
    results = session.train(folder, writer, progress, StopFlag())
    writer.close()
    assert results.test_accuracy is not None
    assert longest <= progress.seconds < 10.0
    assert progress.steps == 10**6
    last = RunFolder(folder).metrics()[0][-1]
    assert last.step == progress.step
    assert "accuracy/validation" in last.values, "the last line is looked at"
    again = train(folder)  # ended while it was evaluated: no step is added
    assert again == results
    assert RunFolder(folder).metrics()[0][-1].step == last.step


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fingerprint": "other"}, "no longer the one this run was made with"),
        ({"dataset": "gone"}, "no dataset 'gone'"),
        ({"method": "magic"}, "no method 'magic'"),
        ({"configuration": {"batch_size": 0}}, "batch_size: received '0'"),
        ({"device": "gpu:0"}, "sees no GPU"),
        ({"per_class": 0}, "no labels to train on"),
    ],
)
def test_what_cannot_be_trained_is_told_plainly(
    workspace, make_dataset: MakeDataset, changes: dict, words: str
) -> None:
    folder = make_run(workspace, make_dataset(), **changes)
    with pytest.raises(UserError) as caught:
        train(folder)
    assert words in str(caught.value)
