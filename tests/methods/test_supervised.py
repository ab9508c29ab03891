"""The supervised baseline learns what it is given."""

import numpy as np

from ssl_core.methods import catalogue
from tests.support.training import batch_of, compiled, fitted, small_data

SPEC = catalogue()["supervised"]


def test_it_remembers_32_images() -> None:
    data = small_data(count=48, labelled=32)
    noise = np.random.default_rng(0).integers(0, 3, 32).astype(np.int32)
    data.labels[:32] = noise  # labels without a rule can only be remembered
    model = compiled(SPEC, steps=150, batch_size=32, augment_shift=0.0)
    fitted(model, data, range(150))
    answers = model.inference_model().predict_on_batch(data.images[:32].astype(np.float32) / 255)
    assert (np.argmax(answers, axis=1) == noise).all()


def test_accuracy_counts_the_labelled_rows() -> None:
    data = small_data()
    model = compiled(SPEC)
    logs = fitted(model, data, range(2))
    assert logs["rows"] == 2 * 4
    x, y = batch_of(model, data)
    assert set(x) == {"labelled"}
    assert (y["labelled"].numpy() >= 0).all()
