"""The semi-supervised GAN: which loss moves which network, and what is seen of it."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import entropy

from ssl_core.methods import catalogue
from ssl_core.methods.ssl_gan.model import diversity
from tests.support.history import history
from tests.support.training import batch_of, compiled, fitted, small_data, small_probe

SPEC = catalogue()["ssl_gan"]
ALARMS = {alarm.name: alarm.check for alarm in SPEC.alarms}
OF_DISCRIMINATOR = ("classification", "entropy", "real", "generated")
DISCRIMINATORS = ("norm-free", "seed")


@pytest.fixture(scope="module", params=DISCRIMINATORS)
def model(request):
    return compiled(SPEC, discriminator=request.param)


def terms_of(model, x: dict, y: dict, training: bool = True) -> dict:
    return model.outcome(x, y, model(x, training=training), training=training).terms


def largest(gradients: list) -> float:
    """Of the absolute values of all gradients; 0 where there is no gradient at all."""
    return max(0.0 if part is None else float(np.abs(part).max()) for part in gradients)


def test_neither_loss_reaches_the_other_network(model) -> None:
    x, y = batch_of(model, small_data())
    x = {**x, "done": tf.ones_like(x["done"])}  # the entropy has its whole weight
    discriminator = [*model.trunk.trainable_variables, *model.classifier.trainable_variables]
    drawing = model.generator.trainable_variables
    with tf.GradientTape(persistent=True) as tape:
        terms = terms_of(model, x, y)
    for name in OF_DISCRIMINATOR:
        assert largest(tape.gradient(terms[name], drawing)) == 0.0, name
        assert largest(tape.gradient(terms[name], discriminator)) > 0.0, name
    assert largest(tape.gradient(terms["generator"], discriminator)) == 0.0
    assert largest(tape.gradient(terms["generator"], drawing)) > 0.0


def test_without_the_precautions_the_losses_would_reach_it(model) -> None:
    """The control of the test above: a plain pass mixes the two."""
    x, _ = batch_of(model, small_data())
    with tf.GradientTape(persistent=True) as tape:
        generated = model(x, training=True)["images"]
        maps = model.trunk(generated, training=True)
        total = tf.reduce_mean(maps)
    assert largest(tape.gradient(total, model.generator.trainable_variables)) > 0.0
    assert largest(tape.gradient(total, model.trunk.trainable_variables)) > 0.0


@pytest.mark.parametrize("moving", ["discriminator", "generator"])
def test_steps_with_the_loss_of_one_network_leave_the_other_as_it_is(moving: str) -> None:
    model = compiled(SPEC, weight_decay=0.0)
    drawing = moving == "generator"
    model.weights_of_terms = {n: float((n == "generator") == drawing) for n in model.phase.terms}
    networks = {"discriminator": (model.trunk, model.classifier), "generator": (model.generator,)}
    before = {name: trained(*parts) for name, parts in networks.items()}
    fitted(model, small_data(), range(2))
    for name, parts in networks.items():
        pairs = zip(before[name], trained(*parts), strict=True)
        assert all(np.array_equal(a, b) for a, b in pairs) == (name != moving)


def trained(*networks) -> list[np.ndarray]:
    variables = [variable for network in networks for variable in network.trainable_variables]
    return [keras.ops.convert_to_numpy(variable).copy() for variable in variables]


def test_a_batch_without_labels_teaches_the_rest(model) -> None:
    x, y = batch_of(model, small_data())
    terms = terms_of(model, x, {**y, "labelled": -tf.ones_like(y["labelled"])})
    assert float(terms["classification"]) == 0.0
    assert all(float(terms[name]) > 0 for name in ("real", "generated", "generator"))


def test_answers_to_the_pool_have_to_be_sure_only_later(model) -> None:
    x, y = batch_of(model, small_data())
    none, half, whole = (
        float(terms_of(model, {**x, "done": tf.constant([done])}, y, training=False)["entropy"])
        for done in (0.0, 0.15, 0.3)
    )
    features = model.trunk(x["unlabelled"], training=False)
    shares = keras.ops.softmax(model.classifier(features, training=False)).numpy()
    assert none == 0.0
    assert whole == pytest.approx(entropy(shares, axis=1).mean(), rel=1e-4)
    assert half == pytest.approx(whole / 2, rel=1e-4)


def test_real_rows_are_those_of_the_pool(model) -> None:
    x, y = batch_of(model, small_data())
    features = model(x, training=False)
    found = model.outcome(x, y, features, training=False)
    pooled = model.trunk(x["unlabelled"], training=False).numpy().mean(axis=(1, 2), dtype="float64")
    logits = model.classifier(model.trunk(x["unlabelled"], training=False), training=False)
    scores = np.log(np.exp(np.asarray(logits, np.float64)).sum(axis=1))
    assert float(found.terms["real"]) == pytest.approx(np.log1p(np.exp(-scores)).mean(), rel=1e-4)
    drawn = model.generator(model.fixed_noise[:4], training=False)
    other = model.trunk(drawn, training=False).numpy().mean(axis=(1, 2), dtype="float64")
    gaps = np.abs(pooled.mean(axis=0) - other.mean(axis=0))
    assert float(found.terms["generator"]) == pytest.approx(gaps.mean(), rel=1e-3)
    relative = gaps.mean() / np.abs(pooled.mean(axis=0)).mean()
    assert float(found.measures["moments/gap"]) == pytest.approx(relative, rel=1e-3)


def test_generated_images_leave_no_trace_in_the_statistics() -> None:
    model, data = compiled(SPEC, discriminator="seed"), small_data()
    x, y = batch_of(model, data)
    terms_of(model, x, y)
    found = statistics(model)
    again = compiled(SPEC, discriminator="seed")
    before = statistics(again)
    again.trunk(np.concatenate([x["labelled"], x["unlabelled"]]), training=True)
    # Dropout draws differ from nothing: both models are made with the same seed.
    assert all(np.array_equal(a, b) for a, b in zip(found, statistics(again), strict=True))
    assert any(not np.array_equal(a, b) for a, b in zip(before, found, strict=True))


def statistics(model) -> list[np.ndarray]:
    kind = keras.layers.BatchNormalization
    norms = [layer for layer in model.trunk.layers if isinstance(layer, kind)]
    assert norms
    weights = [v for layer in norms for v in (layer.moving_mean, layer.moving_variance)]
    return [keras.ops.convert_to_numpy(weight).copy() for weight in weights]


def test_dropout_works_in_training_and_answers_do_not_depend_on_the_batch(model) -> None:
    x, _ = batch_of(model, small_data())
    images = x["unlabelled"]
    first, second = (model.trunk(images, training=True).numpy() for _ in range(2))
    assert not np.allclose(first, second)
    network = model.inference_model()
    together = network(images, training=False).numpy()
    alone = np.concatenate([network(images[k : k + 1], training=False) for k in range(4)])
    assert np.allclose(together, alone, atol=1e-6)
    logits = model.classifier(model.trunk(images, training=False), training=False).numpy()
    shares = np.exp(logits.astype(np.float64))
    assert np.allclose(together, shares / shares.sum(axis=1, keepdims=True), atol=1e-5)


def test_labelled_images_and_those_of_the_pool_are_changed_as_asked() -> None:
    data = small_data()
    originals = data.inputs.astype(np.float32) / 255

    def shares_alike(labelled_view: str, view: str, shift: float = 0.25) -> tuple[float, ...]:
        chosen = {"labelled_view": labelled_view, "view": view, "augment_shift": shift}
        model = compiled(SPEC, batch_size=32, unlabelled_batch_size=32, **chosen)
        x, y = batch_of(model, data)
        return tuple(
            float(np.mean(np.all(x[name] == originals[y[f"{name}_items"]], axis=(1, 2, 3))))
            for name in ("labelled", "unlabelled")
        )

    assert shares_alike("none", "none") == (1.0, 1.0)
    labelled, pool = shares_alike("weak", "none")
    assert (labelled < 0.3, pool) == (True, 1.0)
    labelled, pool = shares_alike("none", "weak")
    assert (labelled, pool < 0.3) == (1.0, True)
    assert shares_alike("weak", "weak", 0.0) == (1.0, 1.0), "a shift of nothing"
    labelled, pool = shares_alike("strong", "weak", 0.0)
    assert (labelled < 0.1, pool) == (True, 1.0)


def test_it_learns_three_stripes_and_the_generator_comes_nearer() -> None:
    data = small_data(count=96, labelled=9)
    settings = {"batch_size": 16, "unlabelled_batch_size": 16, "augment_shift": 0.0}
    settings |= {"labelled_view": "weak"}  # a hole would hide the stripe
    rates = {"learning_rate": 1e-3, "unsupervised_weight": 0.5}
    model = compiled(SPEC, steps=120, **settings, **rates)
    first = fitted(model, data, range(10))
    last = fitted(model, data, range(10, 120))
    assert last["moments/gap"] < first["moments/gap"]
    answers = model.inference_model().predict_on_batch(data.inputs.astype(np.float32) / 255)
    assert (answers.argmax(axis=1) == np.arange(96) % 3).mean() > 0.95


def test_the_pictures_are_of_the_same_noise(model) -> None:
    probe = small_probe(small_data())
    first, second = model.look(probe), model.look(probe)
    assert first == second
    samples, judgements, moments = first.panels
    assert (len(samples.rows), samples.columns) == (8, 8)
    assert sum(judgements.payload["series"]["generated"]) == 128
    assert sum(judgements.payload["series"]["images of the pool"]) == len(probe.sample)
    line = moments.payload["series"]["images of the pool"]["y"]
    assert line == sorted(line, reverse=True)
    assert first.figures["diversity/ratio"] > 0


def test_diversity_is_the_ratio_of_mean_distances() -> None:
    real = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 4.0]])  # distances 5, 4, 3
    assert diversity(real, real / 2) == pytest.approx(0.5)
    assert diversity(real, np.ones((4, 2))) == 0.0
    assert diversity(np.ones((3, 2)), real) is None
    assert diversity(real[:1], real) is None


def curves(**values: float) -> dict[str, list[float]]:
    """`discriminator_real=0.8` -> twenty such lines of discriminator/real."""
    return {name.replace("_", "/"): [value] * 20 for name, value in values.items()}


def test_the_alarms() -> None:
    alike, blind = ALARMS["samples-alike"], ALARMS["real-like-generated"]
    assert alike(history(curves(diversity_ratio=0.1)))
    assert not alike(history(curves(diversity_ratio=0.1), share_done=0.1))
    assert not alike(history(curves(diversity_ratio=0.3)))
    same = curves(discriminator_real=0.8, discriminator_generated=0.79)
    assert blind(history(same))
    assert not blind(history(same, share_done=0.1))
    assert not blind(history(curves(discriminator_real=0.8, discriminator_generated=0.5)))
    assert not any(check(history({})) for check in ALARMS.values())
