"""The check of the critic: it finds the closed form, needs no items, and says what it found."""

from dataclasses import replace

import numpy as np
import pytest

from ssl_core.methods import catalogue
from ssl_core.methods.alarms import History
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.plan import RunPlan, check_plan, warnings_of_plan
from ssl_core.training.evaluation import AveragedNetwork
from ssl_core.training.probe import Known
from tests.conftest import MakeDataset
from tests.support.heads import make_texts
from tests.support.runs import make_run
from tests.support.sessions import train
from tests.support.training import compiled, fitted, small_data, small_probe

SPEC = catalogue()["gaussian_mine"]
NOTHING = Known(np.empty(0, np.float32), np.empty(0, np.int32))


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.8, -0.8])
def test_it_finds_the_closed_form(correlation: float) -> None:
    model = compiled(SPEC, steps=1000, batch_size=1000, correlation=correlation)
    fitted(model, small_data(), range(1000))
    averaged = AveragedNetwork(model)
    averaged.refresh()
    figures = model.settle(averaged.network, NOTHING, np.empty(0))
    exact = -0.5 * np.log(1 - correlation**2)
    assert figures["mi/truth"] == pytest.approx(exact)
    assert figures["mi/held-out"] == pytest.approx(exact, abs=0.03)
    lines = {"true value": pytest.approx(exact), "ln 1000": pytest.approx(6.9078, abs=1e-4)}
    assert model.guides == {"mi": lines, "critic/lag": {"ln 10": pytest.approx(np.log(10))}}


def test_an_untrained_critic_finds_nothing() -> None:
    """Negative control: the closed form comes from training."""
    model = compiled(SPEC, correlation=0.8)
    assert abs(model.look(small_probe(small_data())).figures["mi/held-out"]) < 0.2


def test_new_pairs_in_every_step_and_the_same_ones_to_look_at() -> None:
    model = compiled(SPEC, batch_size=500, correlation=0.9)
    drawn = [np.asarray(model({}, training=True)) for _ in range(2)]
    assert not np.array_equal(*drawn)
    assert np.corrcoef(np.concatenate(drawn).T)[0, 1] == pytest.approx(0.9, abs=0.03)
    assert np.array_equal(model({}, training=False), model({}, training=False))
    assert np.corrcoef(model.held_out.T)[0, 1] == pytest.approx(0.9, abs=0.003)


def test_moving_averages_start_at_the_first_batch_and_only_in_training() -> None:
    model = compiled(SPEC, batch_size=200)
    estimate = model.estimate
    pairs = model({}, training=False)
    for _ in range(2):
        model.outcome({}, {}, pairs, training=False)
    assert [float(part.numpy()) for part in (estimate.steps, estimate.log_average)] == [0, 0]
    first = float(model.outcome({}, {}, pairs, training=True).measures["mi/smoothed"])
    measured = float(model.outcome({}, {}, pairs, training=False).measures["mi/estimate"])
    assert first == pytest.approx(measured, abs=1e-5)
    assert float(estimate.steps.numpy()) == 1


def test_what_the_gradient_is_corrected_with_is_published() -> None:
    model = compiled(SPEC, batch_size=200)
    pairs = model({}, training=False)
    marginal = np.asarray(model.critic(pairs[:, :1], pairs[:, 1:]).marginal, np.float64)
    own = np.log(np.exp(marginal).mean())
    first = model.outcome({}, {}, pairs, training=True).measures
    assert float(first["critic/mean"]) == pytest.approx(marginal.mean(), abs=1e-5)
    assert float(first["critic/constant"]) == pytest.approx(own, abs=1e-5)
    assert float(first["critic/lag"]) == pytest.approx(0.0, abs=1e-5)
    model.estimate.log_average.assign(own - 3.0)
    later = model.outcome({}, {}, pairs, training=False).measures
    assert float(later["critic/lag"]) == pytest.approx(3.0, abs=1e-5)
    plain = compiled(SPEC, batch_size=200, corrected_gradient=False)
    assert plain.measures == ("mi/estimate", "mi/smoothed")
    assert set(plain.outcome({}, {}, pairs, training=True).measures) == set(plain.measures)


def test_a_run_needs_no_images_and_leaves_figures_but_no_predictions(
    workspace, make_dataset: MakeDataset
) -> None:
    folder = make_run(workspace, make_dataset(), method="gaussian_mine", steps=30)
    results = train(folder)
    assert results.test_accuracy is None
    assert set(results.figures) == {"mi/smoothed", "mi/held-out", "mi/truth"}
    run = RunFolder(folder)
    assert run.predictions().shape == (60, 0)
    lines, _ = run.metrics()
    assert {"mi/estimate", "mi/smoothed", "mi/held-out"} <= set(lines[-1].values)
    pairs = run.request().configuration.get("batch_size", SPEC.configuration().batch_size)
    assert lines[-1].images == 30 * pairs
    assert lines[-1].values["throughput"] > 0, "pairs"
    assert {panel.name for panel in run.panels()} == {"pairs", "scores"}


def test_texts_will_do_as_well_as_images(workspace) -> None:
    """Even without a single text to train on, and without a label."""
    dataset = make_texts(workspace, count=12, test=12)
    plan = RunPlan(dataset=dataset.identifier, method="gaussian_mine", steps=20)
    assert check_plan(workspace, plan) == []
    assert warnings_of_plan(workspace, plan) == []
    supervised = check_plan(workspace, plan.model_copy(update={"method": "posts"}))
    assert "belongs to the test split" in supervised[0], "a method on texts is refused"
    folder = make_run(workspace, dataset, method="gaussian_mine", steps=20)
    assert set(train(folder).figures) == {"mi/smoothed", "mi/held-out", "mi/truth"}


def test_the_alarm_compares_with_the_closed_form() -> None:
    (alarm,) = SPEC.alarms
    values = {"mi/held-out": 0.45}
    history = History(
        read=lambda name, points: [values[name]] * points if name in values else [],
        share_done=0.9,
        guides={"mi": {"true value": 0.51}},
    )
    assert alarm.check(history)
    assert not alarm.check(replace(history, share_done=0.2))
    values["mi/held-out"] = 0.5
    assert not alarm.check(history)
