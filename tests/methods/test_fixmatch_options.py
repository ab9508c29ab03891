"""FixMatch with FlexMatch thresholds and with sharpened targets."""

import numpy as np
import pytest

from ssl_core.methods import catalogue
from ssl_core.training.diagnostics import diagnosed
from ssl_core.training.evaluation import AveragedNetwork
from ssl_core.training.gradients import gradient_shares
from ssl_core.training.state import captured, restored
from tests.support.training import (
    CLASSES,
    COUNT,
    batch_of,
    compiled,
    fitted,
    small_data,
    small_probe,
)

SPEC = catalogue()["fixmatch"]
BOTH = {"thresholds": "flexmatch", "threshold": 0.4, "targets": "sharpened"}


def outcome_of(model, x: dict, y: dict, *, training: bool = False):
    return model.outcome(x, y, model(x, training=False), training=training)


def answers_to(model, images) -> np.ndarray:
    return model.inference_model()(images).numpy()


def test_flexmatch_thresholds_follow_the_paper_over_many_batches() -> None:
    """Algorithm 1 in NumPy: thresholds of what was answered before, then the answers of now."""
    data, tau = small_data(), 0.4
    model = compiled(SPEC, thresholds="flexmatch", threshold=tau, unlabelled_batch_size=8)
    last = np.full(COUNT, -1)
    for step in range(7):  # 56 items of a pool of 42
        x, y = batch_of(model, data, step=step)
        counts = np.array([(last == number).sum() for number in range(CLASSES)])
        effects = counts / max(counts.max(), (last[data.pool] < 0).sum())
        limits = tau * effects / (2 - effects)
        assert np.allclose(model.thresholds, limits, atol=1e-6)
        answers, items = answers_to(model, x["weak"]), y["unlabelled_items"].numpy()
        kept = answers.max(axis=1) >= limits[answers.argmax(axis=1)]
        found = outcome_of(model, x, y, training=True).measures
        assert float(found["pseudo/coverage"]) == pytest.approx(kept.mean())
        assert float(found["pseudo/threshold"]) == pytest.approx(limits.mean(), abs=1e-6)
        for item, answer in zip(items, answers, strict=True):
            if answer.max() >= tau:
                last[item] = answer.argmax()
        assert np.array_equal(model.last, last)
    assert 0 < (last[data.pool] < 0).sum() < len(data.pool)  # else tau is not seen to work
    assert model.thresholds.max() > 0.1


def test_sharpened_targets_are_those_of_an_independent_computation() -> None:
    data, values = small_data(), {"targets": "sharpened", "temperature": 0.5}
    x, y = batch_of(compiled(SPEC), data)
    asked, taught = (answers_to(compiled(SPEC), x[view]) for view in ("weak", "strong"))
    threshold = float(np.mean(asked.max(axis=1)))
    powers = asked.astype(np.float64) ** 2
    targets = powers / powers.sum(axis=1, keepdims=True)
    rows = -(targets * np.log(taught)).sum(axis=1)
    kept = asked.max(axis=1) >= threshold  # of the answers themselves, not of the sharpened ones
    assert 0 < kept.sum() < len(kept)
    found = outcome_of(compiled(SPEC, threshold=threshold, **values), x, y)
    assert float(found.terms["pseudo"]) == pytest.approx((kept * rows).mean(), rel=1e-4)
    hard = outcome_of(compiled(SPEC, threshold=threshold), x, y)
    assert float(hard.terms["pseudo"]) != pytest.approx((kept * rows).mean(), rel=1e-2)
    assert float(found.measures["pseudo/coverage"]) == pytest.approx(kept.mean())


def test_thresholds_do_not_move_when_it_is_only_looked_at() -> None:
    model = compiled(SPEC, **BOTH)
    x, y = batch_of(model, small_data())
    outcome_of(model, x, y)
    gradient_shares(model, (x, y))
    assert not model.thresholds.any()
    assert (model.last.numpy() == -1).all()


def test_two_steps_are_finite_drawn_and_restored() -> None:
    data = small_data()
    model, other = compiled(SPEC, **BOTH), compiled(SPEC, seed=99, **BOTH)
    logs = fitted(model, data, range(2))
    assert np.isfinite(list(logs.values())).all()
    assert (model.last.numpy() >= 0).any()
    assert model.thresholds.max() > 0.0
    restored(other, captured(model))
    assert np.array_equal(other.last, model.last)
    assert np.array_equal(other.thresholds, model.thresholds)
    network = AveragedNetwork(model)
    network.refresh()
    seen = diagnosed(network, model, data, small_probe(data), data.pool)
    assert "pseudo/precision" in seen.figures
    assert {"confidence", "pseudo_labels"} <= {panel.name for panel in seen.panels}
