"""The map of the features: steady from step to step, in the right colours."""

from dataclasses import replace

import numpy as np
import pytest

from ssl_core.methods import build_model, catalogue
from ssl_core.training import watch as watch_module
from ssl_core.training.embedding import embedded, embedding_panels, steady_plane
from ssl_core.training.probe import Seen
from ssl_core.training.readout import left_out_accuracy
from ssl_core.training.watch import Watch
from tests.support.training import (
    TASK,
    batch_of,
    compiled,
    small_configuration,
    small_data,
    small_probe,
)


def cloud(width: int = 6, count: int = 40) -> np.ndarray:
    generator = np.random.default_rng(0)
    return generator.normal(size=(count, width)) * (5, 3, 1, 0.5, 0.2, 0.1)


def test_the_plane_holds_the_two_widest_directions() -> None:
    vectors, anchor = cloud(), np.random.default_rng(1).normal(size=(40, 9))
    places = steady_plane(vectors, anchor)
    centred = vectors - vectors.mean(axis=0)
    widths = np.linalg.svd(centred)[1]
    assert np.linalg.svd(places)[1] == pytest.approx(widths[:2], rel=1e-6)


def test_few_items_many_features_and_a_single_feature_have_a_plane_too() -> None:
    anchor = cloud()[:5]
    wide = np.random.default_rng(5).normal(size=(5, 30))
    places, widths = steady_plane(wide, anchor), np.linalg.svd(wide - wide.mean(axis=0))[1]
    assert np.linalg.svd(places)[1] == pytest.approx(widths[:2], rel=1e-6)
    assert np.linalg.svd(steady_plane(wide[:, :1], anchor))[1][1] == pytest.approx(0.0, abs=1e-9)


def test_turned_mirrored_and_exchanged_features_give_the_same_map() -> None:
    generator = np.random.default_rng(2)
    vectors, anchor = cloud(), cloud()[:, [1, 0, 3]] + generator.normal(size=(40, 3))
    places = steady_plane(vectors, anchor)
    for _ in range(5):
        turned = vectors @ np.linalg.qr(generator.normal(size=(6, 6)))[0]
        assert np.allclose(steady_plane(turned, anchor), places, atol=1e-6)
    # The negative control: what it is turned to does matter.
    assert not np.allclose(steady_plane(vectors, anchor[::-1]), places, atol=0.1)


def test_a_crossing_of_the_widest_directions_does_not_exchange_the_axes() -> None:
    anchor = cloud()[:, :2]
    before, after = cloud() * (1, 1.6, 1, 1, 1, 1), cloud() * (1, 1.8, 1, 1, 1, 1)
    moved = np.abs(steady_plane(before, anchor) - steady_plane(after, anchor)).max()
    assert moved < 0.25 * np.abs(before).max()


@pytest.mark.parametrize("name", ["supervised", "autoencoder", "simclr"])
def test_every_method_on_images_has_maps(name: str) -> None:
    model, probe = compiled(catalogue()[name]), small_probe(small_data())
    panels = {panel.name: panel for panel in embedding_panels(model, probe)}
    assert set(panels) == {"map", "map_reference"}
    assert panels["map_reference"].uses_reference_labels
    assert not panels["map"].uses_reference_labels
    count = len(probe.sample)
    for panel in panels.values():
        assert len(panel.payload["x"]) == len(panel.payload["group"]) == count
    answers = embedded(model, probe.sample)[1].argmax(axis=1)
    assert panels["map"].payload["group"] == [probe.classes[answer] for answer in answers]
    assert panels["map_reference"].payload["group"] == [probe.classes[k] for k in probe.reference]


def test_without_classes_the_map_has_one_colour() -> None:
    """MINE then has a linear classifier of one answer, which means nothing."""
    spec = catalogue()["mine"]
    model = build_model("mine", small_configuration(spec), replace(TASK, heads=()))
    probe = replace(small_probe(small_data(labelled=0)), classes=())
    probe = replace(probe, reference=np.full(len(probe.sample), -1, np.int32))
    (panel,) = embedding_panels(model, probe)
    assert set(panel.payload["group"]) == {"images"}


def test_images_go_through_in_batches_with_the_same_features() -> None:
    model = compiled(catalogue()["supervised"])
    items = np.random.default_rng(0).random((300, 8, 8, 1)).astype(np.float32)
    features, logits = embedded(model, items)
    alone = model.trunk(items, training=False).numpy().mean(axis=(1, 2))
    assert np.allclose(features, alone, atol=1e-5)
    assert logits.shape == (300, 3)


def test_left_out_answers_agree_with_leaving_each_item_out() -> None:
    generator = np.random.default_rng(3)
    labels = generator.integers(0, 3, 30).astype(np.int32)
    features = generator.normal(size=(30, 4)) + 1.2 * np.eye(3, 4)[labels]
    found = left_out_accuracy(features, labels)
    vectors = features - features.mean(axis=0)
    vectors = vectors / np.sqrt(np.mean((vectors**2).sum(axis=1)))
    vectors = np.concatenate([vectors, np.full((30, 1), 10.0)], axis=1)
    right = 0
    for place in range(30):
        rest = np.arange(30) != place
        x, y = vectors[rest], np.eye(3)[labels[rest]]
        weights = np.linalg.solve(x.T @ x + 0.1 * np.eye(5), x.T @ y)
        right += int((vectors[place] @ weights).argmax() == labels[place])
    assert found == pytest.approx(right / 30)


def test_features_that_say_nothing_read_out_as_guessing() -> None:
    generator = np.random.default_rng(4)
    labels = np.arange(200, dtype=np.int32) % 4
    assert left_out_accuracy(generator.normal(size=(200, 64)), labels) < 0.4
    assert left_out_accuracy(np.eye(4)[labels], labels) == 1.0
    assert left_out_accuracy(np.zeros((1, 4)), labels[:1]) is None
    assert left_out_accuracy(np.zeros((8, 4)), labels[:8]) is not None


@pytest.mark.parametrize("name", ["iic", "mine", "simclr", "ssl_gan"])
def test_a_look_hands_on_what_the_map_is_drawn_from(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    model, probe = compiled(catalogue()[name]), small_probe(small_data())
    expected = embedding_panels(model, probe)
    features, logits = embedded(model, probe.sample)
    seen = model.look(probe)
    assert np.allclose(seen.embedded[0], features, atol=1e-5)
    assert np.allclose(seen.embedded[1], logits, atol=1e-5)
    monkeypatch.setattr(type(model), "embed", None)  # nobody may ask again
    found = embedding_panels(model, probe, seen.embedded)
    assert [panel.payload["group"] for panel in found] == [p.payload["group"] for p in expected]


@pytest.mark.parametrize("name", ["iic", "mine", "simclr", "ssl_gan"])
def test_a_look_with_its_map_sends_the_sample_through_the_trunk_once(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    model, data = compiled(catalogue()[name]), small_data()
    probe, passed = small_probe(data), []
    watch = Watch(model, data, probe, batch_of(model, data), SilentWriter())
    monkeypatch.setattr(watch_module, "diagnosed", lambda *about: Seen())
    monkeypatch.setattr(watch, "_settle_once", lambda step: {})
    call = model.trunk.call

    def noted(inputs, **how):
        passed.extend(np.asarray(inputs) if hasattr(inputs, "numpy") else inputs)
        return call(inputs, **how)

    monkeypatch.setattr(model.trunk, "call", noted)
    watch._draw(1)
    times = sum(np.array_equal(image, probe.sample[-1]) for image in passed)
    assert times == 1


class SilentWriter:
    """A writer of a run that keeps nothing."""

    def panel(self, *about: object) -> None:
        pass
