"""SimCLR: what moves in which phase, what the pictures show, and when it complains."""

import numpy as np
import pytest
import tensorflow as tf

from ssl_core.methods import catalogue
from ssl_core.training.gradients import gradient_shares
from tests.support.history import history
from tests.support.training import batch_of, compiled, fitted, small_data, small_probe

SPEC = catalogue()["simclr"]


def model_in(phase: int, **values):
    model = compiled(SPEC, **values)
    model.phase = model.phases[phase]
    return model


def trunk_gradients(model, data, term: str) -> float:
    """Largest gradient of one term at the weights of the trunk."""
    x, y = batch_of(model, data)
    with tf.GradientTape() as tape:
        loss = model.outcome(x, y, model(x, training=True), training=True).terms[term]
    found = tape.gradient(loss, model.trunk.trainable_variables)
    return max(0.0 if part is None else float(np.abs(part).max()) for part in found)


def test_the_probe_does_not_reach_the_trunk_and_later_the_labels_do() -> None:
    data = small_data()
    model = compiled(SPEC)
    assert trunk_gradients(model, data, "probe") == 0.0
    # The negative controls: the views do reach it, and so do the labels once they fine-tune.
    assert trunk_gradients(model, data, "contrastive") > 0
    assert trunk_gradients(model_in(1), data, "classification") > 0
    assert trunk_gradients(model_in(1, readout="probe"), data, "classification") == 0.0


def test_pretraining_is_the_same_whatever_the_labels_say() -> None:
    trunks = []
    for shift in (0, 1):
        data = small_data()
        data.labels[data.labels >= 0] = (data.labels[data.labels >= 0] + shift) % 3
        model = compiled(SPEC)
        fitted(model, data, range(3))
        trunks.append((model.trunk.get_weights(), model.classifier.get_weights()))
    (one, probe), (other, its_probe) = trunks
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(probe, its_probe, strict=True))


def test_a_linear_readout_leaves_the_trunk_as_it_is() -> None:
    for readout, stays in (("probe", True), ("finetune", False)):
        model = model_in(1, readout=readout, weight_decay=0.0)
        before = [*model.trunk.get_weights(), *model.projection.get_weights()]
        answers = model.classifier.get_weights()
        fitted(model, small_data(), range(2))
        after = [*model.trunk.get_weights(), *model.projection.get_weights()]
        same = all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
        assert same is stays
        moved = zip(answers, model.classifier.get_weights(), strict=True)
        assert max(np.abs(a - b).max() for a, b in moved) > 0


def test_the_average_follows_what_has_no_gradient_in_a_phase() -> None:
    model = model_in(1)
    fitted(model, small_data(), range(2))
    averages = model.optimizer.averages()
    for weight in model.projection.trainable_variables:
        assert averages[id(weight)].shape == weight.shape
        assert np.allclose(averages[id(weight)], weight, atol=1e-6)


def test_the_phases_share_the_steps_and_the_labels_come_last() -> None:
    model = compiled(SPEC, pretraining_share=0.6)
    first, last = model.phases
    assert (first.share, last.share) == (pytest.approx(0.6), pytest.approx(0.4))
    assert first.terms == ("contrastive", "probe")
    assert [stream.name for stream in model.streams()] == ["labelled", "pool"]
    assert model.images_per_step == 4 + 2 * 4
    model.phase = last
    assert [stream.name for stream in model.streams()] == ["labelled"]
    assert last.terms == ("classification",)


def test_only_the_views_pull_at_the_trunk() -> None:
    model = compiled(SPEC)
    shares = gradient_shares(model, batch_of(model, small_data()))
    assert shares == {"contrastive": pytest.approx(1.0), "probe": 0.0}


def test_neighbours_are_other_images_and_the_readout_is_published_in_pretraining() -> None:
    probe = small_probe(small_data())
    model = compiled(SPEC)
    seen = model.look(probe)
    assert 0.0 <= seen.figures["probe/accuracy"] <= 1.0
    panels = {panel.name: panel for panel in seen.panels}
    assert panels["views"].rows == ("image", "view", "another view")
    assert panels["neighbours"].rows == ("image", *(f"nearest {k}" for k in (1, 2, 3, 4)))
    assert model.look(probe).panels[0].payload == panels["views"].payload
    model.phase = model.phases[1]
    later = model.look(probe)
    assert later.figures == {}
    assert [panel.name for panel in later.panels] == ["neighbours"]


def test_features_learn_to_tell_stripes_apart() -> None:
    data, probe = small_data(count=96), small_probe(small_data(count=96))
    model = compiled(SPEC, steps=60, contrast_batch_size=32, learning_rate=3e-3)
    before = fitted(model, data, range(1))
    after = fitted(model, data, range(1, 60))
    assert after["contrastive"] < before["contrastive"] - 0.3
    assert model.look(probe).figures["probe/accuracy"] > 0.9


@pytest.mark.parametrize(
    ("alarm", "values", "sounds"),
    [
        ("embedding-collapse", {"embedding/deviation": [0.05] * 5}, True),
        ("embedding-collapse", {"embedding/deviation": [0.9] * 5}, False),
        ("embedding-collapse", {"embedding/deviation": [0.05] * 2}, False),
        ("views-not-told-apart", {"contrast/accuracy": [0.004] * 5}, True),
        ("views-not-told-apart", {"contrast/accuracy": [0.4] * 5}, False),
        ("views-too-easy", {"contrast/accuracy": [0.995] * 5}, True),
        ("views-too-easy", {"contrast/accuracy": [0.7] * 5}, False),
        ("views-too-easy", {}, False),
        ("read-out-flat", {"probe/accuracy": [0.6] * 20}, True),
        ("read-out-flat", {"probe/accuracy": [0.6] * 14}, False),  # too early to say
        ("read-out-flat", {"probe/accuracy": [0.6] * 10 + [0.65] * 10}, False),
        ("read-out-flat", {"probe/accuracy": [0.95] * 20}, False),
        ("read-out-flat", {"probe/accuracy": [0.9, 0.6, 0.6] + [0.65] * 17}, False),
    ],
)
def test_alarms(alarm: str, values: dict, sounds: bool) -> None:
    (check,) = [one.check for one in SPEC.alarms if one.name == alarm]
    settings = {"contrast_batch_size": 192}
    assert check(history(values, settings=settings)) is sounds
