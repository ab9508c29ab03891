"""FixMatch: which view is asked, which is taught, and what the thresholds do."""

import numpy as np
import pytest
import tensorflow as tf

from ssl_core.methods import catalogue
from tests.support.history import history
from tests.support.training import batch_of, compiled, fitted, small_data, small_probe

SPEC = catalogue()["fixmatch"]


def looked_at(model, x: dict, y: dict) -> dict[str, float]:
    outcome = model.outcome(x, y, model(x, training=False), training=False)
    found = {**outcome.terms, **outcome.measures}
    return {name: float(value) for name, value in found.items()}


def trunk_gradients(model, x: dict, y: dict) -> list[np.ndarray]:
    with tf.GradientTape() as tape:
        terms = model.outcome(x, y, model(x, training=False), training=False).terms
        total = sum(model.weights_of_terms[name] * value for name, value in terms.items())
    return [part.numpy() for part in tape.gradient(total, model.trunk.trainable_variables)]


def test_the_terms_are_those_of_an_independent_computation() -> None:
    model = compiled(SPEC)
    x, y = batch_of(model, small_data())
    network = model.inference_model()
    asked, taught = (network(x[view]).numpy().astype(np.float64) for view in ("weak", "strong"))
    threshold = float(np.mean(asked.max(axis=1)))
    model = compiled(SPEC, threshold=threshold)
    kept = asked.max(axis=1) >= threshold
    assert 0 < kept.sum() < len(kept)  # else the threshold is not seen to work
    rows = -np.log(taught[np.arange(len(taught)), asked.argmax(axis=1)])
    found = looked_at(model, x, y)
    assert found["pseudo"] == pytest.approx((kept * rows).sum() / len(kept), rel=1e-4)
    assert found["pseudo/coverage"] == pytest.approx(kept.mean())
    assert found["pseudo/confidence"] == pytest.approx(asked.max(axis=1).mean(), rel=1e-5)
    assert found["pseudo/threshold"] == pytest.approx(threshold)
    used = asked.mean(axis=0)
    assert found["usage/training"] == pytest.approx(-(used * np.log(used)).sum(), rel=1e-4)


def test_without_a_sure_answer_it_has_the_gradient_of_the_baseline() -> None:
    """In inference mode, where the rows of a batch do not meet in its statistics."""
    data = small_data()
    baseline = compiled(catalogue()["supervised"])
    for threshold, same in ((1.0, True), (0.0, False)):
        model = compiled(SPEC, threshold=threshold)
        baseline.trunk.set_weights(model.trunk.get_weights())
        baseline.classifier.set_weights(model.classifier.get_weights())
        x, y = batch_of(model, data)
        expected = trunk_gradients(baseline, {"labelled": x["labelled"]}, y)
        found = trunk_gradients(model, x, y)
        close = [np.allclose(a, b, atol=1e-6) for a, b in zip(expected, found, strict=True)]
        assert all(close) is same


def test_views_that_change_places_change_the_pseudo_loss_alone() -> None:
    model = compiled(SPEC, threshold=0.0)
    x, y = batch_of(model, small_data())
    swapped = {**x, "weak": x["strong"], "strong": x["weak"]}
    before, after = looked_at(model, x, y), looked_at(model, swapped, y)
    assert before["classification"] == pytest.approx(after["classification"], rel=1e-6)
    assert before["pseudo"] != pytest.approx(after["pseudo"], rel=1e-3)


def test_the_gradient_reaches_strong_rows_and_not_weak_ones() -> None:
    model = compiled(SPEC, threshold=0.0)
    x, y = batch_of(model, small_data())
    features = model(x, training=False)
    with tf.GradientTape() as tape:
        tape.watch(features)
        loss = model.outcome(x, y, features, training=False).terms["pseudo"]
    labelled, weak, strong = np.split(tape.gradient(loss, features).numpy(), 3)
    assert not labelled.any()
    assert not weak.any()
    assert strong.any()


def test_both_views_show_the_same_images_and_labels_stay_hidden() -> None:
    model = compiled(SPEC, augment_shift=0.0)
    data = small_data()
    x, y = batch_of(model, data)
    shown = data.inputs[y["unlabelled_items"].numpy()] / np.float32(255)
    assert np.allclose(x["weak"], shown, atol=1e-6)
    assert not np.allclose(x["strong"], shown, atol=0.1)
    assert (y["unlabelled"].numpy() == -1).all()


def test_adaptive_thresholds_follow_the_answers() -> None:
    model = compiled(SPEC, thresholds="freematch", threshold_momentum=0.9)
    assert np.allclose(model.thresholds, 1 / 3)
    model._adapt(tf.fill((4, 3), 1 / 3))  # who does not know learns nothing
    assert np.allclose(model.thresholds, 1 / 3)
    answers = np.array([[0.8, 0.1, 0.1], [0.6, 0.3, 0.1]], np.float32)
    model._adapt(tf.constant(answers))
    level = 0.9 / 3 + 0.1 * 0.7
    use = 0.9 / 3 + 0.1 * answers.mean(axis=0)
    assert np.allclose(model.thresholds, level * use / use.max(), atol=1e-6)


def test_adaptive_thresholds_move_in_training_alone() -> None:
    data = small_data()
    model = compiled(SPEC, thresholds="freematch", threshold=0.6, threshold_momentum=0.0)
    x, y = batch_of(model, data)
    looked_at(model, x, y)
    assert np.allclose(model.thresholds, 1 / 3)
    fitted(model, data, range(2))
    assert model.thresholds.max() > 0.34
    assert model.thresholds.max() <= 0.6 + 1e-6
    fixed = compiled(SPEC)
    fitted(fixed, data, range(2))
    assert np.allclose(fixed.thresholds, 0.95)


def test_the_views_are_shown_under_each_other() -> None:
    (panel,) = compiled(SPEC).look(small_probe(small_data())).panels
    assert panel.rows == ("image", "weak", "strong")


def test_the_alarm_compares_the_two_modes_at_the_same_step() -> None:
    (check,) = [alarm.check for alarm in SPEC.alarms if alarm.name == "modes-differ"]
    apart = {"usage/training": [2.25] * 9, "usage/predictions": [1.8] * 9}
    assert check(history(apart))
    assert not check(history(apart | {"usage/predictions": [2.28] * 9}))
    assert not check(history({"usage/predictions": [1.0] * 9}))
    since = {"usage/training": [1.8] * 9 + [2.25] * 9}
    since |= {"usage/predictions": [1.8] * 9 + [float("nan")] * 9}
    assert not check(history(since)), "asked before more classes were answered"
