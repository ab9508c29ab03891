"""The joint autoencoder and classifier: what each loss moves, and what it does not."""

import numpy as np
import pytest
import tensorflow as tf

from ssl_core.methods import catalogue
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


def test_the_grid_shows_images_above_their_reconstructions(model) -> None:
    (panel,) = model.look(small_probe(small_data())).panels
    assert panel.rows == ("image", "reconstruction")
    assert panel.columns == 16
    assert isinstance(panel.payload, bytes)
    assert panel.payload.startswith(b"\x89PNG")
