"""The joint autoencoder and classifier: what each loss moves, and what it does not."""

import numpy as np
import pytest
import tensorflow as tf

from ssl_core.methods import catalogue
from ssl_core.training.gradients import gradient_shares
from ssl_core.training.losses.gradient_limit import classification_pull
from ssl_core.training.losses.reconstruction import peak_signal_to_noise, reconstruction_error
from tests.support.history import history
from tests.support.training import batch_of, compiled, fitted, small_data, small_probe

SPEC = catalogue()["autoencoder"]


@pytest.fixture(scope="module")
def model():
    return compiled(SPEC)


def test_a_batch_without_labels_moves_the_trunk_and_not_the_classifier() -> None:
    data = small_data()
    data.labels[:] = -1
    model = compiled(SPEC, weight_decay=0.0)
    classifier, trunk = model.classifier.get_weights(), model.trunk.get_weights()
    logs = fitted(model, data, range(1))
    assert logs["classification"] == 0.0
    assert logs["rows"] == 0.0
    after = model.classifier.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(classifier, after, strict=True))
    moved = [np.abs(a - b).max() for a, b in zip(trunk, model.trunk.get_weights(), strict=True)]
    assert max(moved) > 0


def test_the_decoder_does_not_feel_the_labels(model) -> None:
    x, y = batch_of(model, small_data())
    other = {**y, "labelled": (y["labelled"] + 1) % 3}
    found = [decoder_gradients(model, x, labels) for labels in (y, other)]
    assert all(np.array_equal(a, b) for a, b in zip(*found, strict=True))


def decoder_gradients(model, x: dict, y: dict) -> list[np.ndarray]:
    with tf.GradientTape() as tape:
        terms = model.outcome(x, y, model(x, training=False), training=False).terms
        total = sum(model.weights_of_terms[name] * value for name, value in terms.items())
    return [part.numpy() for part in tape.gradient(total, model.decoder.trainable_variables)]


def test_both_streams_are_reconstructed_and_only_labelled_rows_classified(model) -> None:
    x, y = batch_of(model, small_data())
    features = model(x, training=False)
    outcome = model.outcome(x, y, features, training=False)
    images = np.concatenate([x["labelled"], x["unlabelled"]])
    drawn = model.decoder(features).numpy()
    assert float(outcome.terms["reconstruction"]) == pytest.approx(
        float(np.mean((images - drawn) ** 2)), rel=1e-5
    )
    logits = model.classifier(features).numpy()[: len(y["labelled"])].astype(np.float64)
    chosen = logits[np.arange(len(logits)), y["labelled"].numpy()]
    expected = np.mean(np.log(np.exp(logits).sum(axis=1)) - chosen)
    assert float(outcome.terms["classification"]) == pytest.approx(expected, rel=1e-5)


def test_a_decoder_that_draws_the_mean_pays_the_variance(model) -> None:
    x, y = batch_of(model, small_data())
    images = np.concatenate([x["labelled"], x["unlabelled"]])
    before = model.decoder.get_weights()
    last = model.decoder.layers[-1]
    last.set_weights([np.zeros_like(last.kernel), np.array([images.mean()], np.float32)])
    terms = model.outcome(x, y, model(x, training=False), training=False).terms
    model.decoder.set_weights(before)
    assert float(terms["reconstruction"]) == pytest.approx(float(images.var()), rel=1e-4)


def test_what_is_stored_for_rows_without_a_label_does_not_matter(model) -> None:
    x, y = batch_of(model, small_data())
    nobody = {**y, "unlabelled": y["unlabelled"] - 6}
    found = [
        {name: float(value) for name, value in terms_of(model, x, labels).items()}
        for labels in (y, nobody)
    ]
    assert found[0] == found[1]


def terms_of(model, x: dict, y: dict) -> dict:
    return model.outcome(x, y, model(x, training=False), training=False).terms


def test_the_quality_is_read_against_the_mean_image(model) -> None:
    x, y = batch_of(model, small_data())
    outcome = model.outcome(x, y, model(x, training=False), training=False)
    images = np.concatenate([x["labelled"], x["unlabelled"]]).astype(np.float64)
    error = float(outcome.terms["reconstruction"])
    found = float(outcome.measures["psnr/reconstruction"])
    assert found == pytest.approx(-10 * np.log10(error), abs=1e-3)
    mean = np.mean((images - images.mean(axis=0)) ** 2)
    found = float(outcome.measures["psnr/mean image"])
    assert found == pytest.approx(-10 * np.log10(mean), abs=1e-3)


def test_known_errors_have_known_decibels() -> None:
    found = [float(peak_signal_to_noise(np.float32(error))) for error in (1.0, 0.01, 0.0)]
    assert found == pytest.approx([0.0, 20.0, 100.0], abs=1e-4)
    image = np.full((1, 1, 1, 1), 0.3, np.float32)
    assert float(reconstruction_error(image, image)) == 0.0


@pytest.mark.parametrize("limit", [0.1, 0.4])
def test_the_reconstruction_has_at_most_its_share(limit: float) -> None:
    free = compiled(SPEC, reconstruction_weight=1000.0)
    held = compiled(SPEC, reconstruction_weight=1000.0, share_limit=limit)
    batch = batch_of(held, small_data())
    assert gradient_shares(free, batch)["reconstruction"] > 0.5  # else there is nothing to limit
    assert gradient_shares(held, batch)["reconstruction"] == pytest.approx(limit, rel=1e-3)
    # In training too, where the weight is already in what comes back.
    norms = training_norms(held, *batch)
    assert norms["reconstruction"] == pytest.approx(norms["known"] * limit / (1 - limit), rel=1e-3)
    assert training_norms(free, *batch)["reconstruction"] > norms["reconstruction"]


def training_norms(model, x: dict, y: dict) -> dict[str, float]:
    """Of the weighted reconstruction at the trunk, and of what is known of the classifier's."""
    model.classifier.layers[-2].rate = 0.0  # the dropout, which the closed form leaves aside
    features = model(x, training=False)
    with tf.GradientTape() as tape:
        tape.watch(features)
        outcome = model.outcome(x, y, features, training=True)
        loss = model.weights_of_terms["reconstruction"] * outcome.terms["reconstruction"]
    kernel = model.classifier.get_layer("logits").kernel
    labels = np.concatenate([y["labelled"], y["unlabelled"]])
    known = classification_pull(outcome.logits, labels, kernel, int(np.prod(features.shape[1:3])))
    found = np.linalg.norm(tape.gradient(loss, features).numpy())
    return {"reconstruction": float(found), "known": float(known)}


def test_a_limit_that_is_not_reached_changes_nothing() -> None:
    free, held = (compiled(SPEC, share_limit=limit) for limit in (1.0, 0.999))
    for model in (free, held):
        fitted(model, small_data(), range(2))
    pairs = zip(free.get_weights(), held.get_weights(), strict=True)
    assert all(np.allclose(a, b, atol=1e-6) for a, b in pairs)


@pytest.mark.parametrize("corruption", ["gaussian", "cutout"])
def test_the_network_sees_a_corrupted_image_only_in_training(corruption: str) -> None:
    model = compiled(SPEC, corruption=corruption)
    x, y = batch_of(model, small_data())
    images = np.concatenate([x["labelled"], x["unlabelled"]])
    clean = model.trunk(images, training=False).numpy()
    assert np.array_equal(model(x, training=False).numpy(), clean)
    plain = compiled(SPEC)
    assert not np.allclose(model(x, training=True).numpy(), plain(x, training=True).numpy())
    # The target is the clean image.
    terms = model.outcome(x, y, clean, training=False).terms
    drawn = model.decoder(clean).numpy()
    assert float(terms["reconstruction"]) == pytest.approx(
        float(np.mean((images - drawn) ** 2)), rel=1e-5
    )


def test_a_vector_bottleneck_passes_no_more_than_its_numbers() -> None:
    model = compiled(SPEC, bottleneck="vector", vector_size=1)
    x, _ = batch_of(model, small_data())
    drawn = model.decoder(model(x, training=False)).numpy()
    assert drawn.shape[1:] == x["labelled"].shape[1:]
    vector = model.decoder.get_layer("vector")
    assert vector.kernel.shape == (np.prod(model.trunk.output_shape[1:]), 1)
    # With nothing in its one number every image is drawn alike.
    vector.set_weights([0 * vector.kernel, 0 * vector.bias])
    alike = model.decoder(model(x, training=False)).numpy()
    assert np.allclose(alike, alike[:1], atol=1e-6)
    assert not np.allclose(drawn, drawn[:1], atol=1e-6)


def test_the_grid_shows_images_above_their_reconstructions(model) -> None:
    probe = small_probe(small_data())
    (panel,) = compiled(SPEC, corruption="none").look(probe).panels
    assert panel.rows == ("image", "reconstruction")
    assert panel.columns == 16
    assert isinstance(panel.payload, bytes)
    assert panel.payload.startswith(b"\x89PNG")
    (panel,) = compiled(SPEC, corruption="cutout").look(probe).panels
    assert panel.rows == ("image", "as the network sees it", "reconstruction")


def test_the_alarm_of_a_decoder_that_draws_the_mean() -> None:
    (alarm,) = SPEC.alarms
    curves = {"psnr/reconstruction": [12.0] * 5, "psnr/mean image": [11.8] * 5}
    assert alarm.check(history(curves))
    assert not alarm.check(history(curves, share_done=0.1))
    assert not alarm.check(history({**curves, "psnr/reconstruction": [15.0] * 5}))
    assert not alarm.check(history({}))
