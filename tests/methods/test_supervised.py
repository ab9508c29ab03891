"""The supervised baseline learns what it is given."""

from dataclasses import replace

import numpy as np

from ssl_core.methods import catalogue
from ssl_core.training.losses.classification import masked_cross_entropy
from tests.support.training import batch_of, cases, compiled, fitted, small_data

SPEC = catalogue()["supervised"]
TWO_HEADS = replace(SPEC.needs, heads=(2, 2))


def test_it_remembers_32_images() -> None:
    data = small_data(count=48, labelled=32)
    noise = np.random.default_rng(0).integers(0, 3, 32).astype(np.int32)
    data.labels[:32] = noise  # labels without a rule can only be remembered
    model = compiled(SPEC, steps=150, batch_size=32, augment_shift=0.0)
    fitted(model, data, range(150))
    answers = model.inference_model().predict_on_batch(data.inputs[:32].astype(np.float32) / 255)
    assert (np.argmax(answers, axis=1) == noise).all()


def test_accuracy_counts_the_labelled_rows() -> None:
    data = small_data()
    model = compiled(SPEC)
    logs = fitted(model, data, range(2))
    assert logs["rows"] == 2 * 4
    x, y = batch_of(model, data)
    assert set(x) == {"done", "labelled"}
    assert (y["labelled"].numpy() >= 0).all()


def test_one_head_without_numbers_is_the_plain_baseline() -> None:
    """The yardstick of all methods does not change because it can do more."""
    model = compiled(SPEC)
    assert model.weights_of_terms == {"classification": 1.0}
    assert model.measures == ()
    plain = [*model.trunk.variables, *model.classifier.variables]
    kept = {id(variable) for variable in model.variables} - {id(v) for v in model.metrics_variables}
    assert {id(variable) for variable in plain} <= kept
    assert len(model.trainable_variables) == sum(variable.trainable for variable in plain)
    x, y = batch_of(model, small_data())
    terms = model.outcome(x, y, model(x, training=False), training=False).terms
    logits = model.classifier(model.trunk(x["labelled"], training=False), training=False)
    expected = masked_cross_entropy(logits, y["labelled"])
    assert {name: float(value) for name, value in terms.items()} == {
        "classification": float(expected)
    }
    assert not isinstance(model.inference_model().output, dict)
    # Negative control: with more to answer or to read it is another model.
    for spec in (cases()["supervised with several heads"], replace(SPEC, needs=TWO_HEADS)):
        assert len(compiled(spec).trainable_variables) > len(model.trainable_variables)


def test_its_augmentation_is_that_of_the_settings_with_several_heads_too() -> None:
    spec = cases()["supervised with several heads"]
    for name in ("weak", "strong"):
        model = compiled(spec, augmentation=name)
        assert model.streams()[0].views == {"labelled": name}
