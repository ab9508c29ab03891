"""What no default has to remember is in a checkpoint too: a restored model goes on as the other."""

import numpy as np
import pytest

from ssl_core.training.state import captured, restored
from tests.support.training import batch_of, cases, data_for
from tests.support.variants import COMPARED, Variant, begin_phase, compiled_variant

# A variant, and a part of the name of what it has to remember.
VARIANTS = {
    "autoencoder, denoising": (
        Variant("autoencoder", {"corruption": "gaussian"}),
        "seed_generator",
    ),
    "fixmatch, adaptive thresholds": (Variant("fixmatch", {"thresholds": "freematch"}), "level"),
    "iic, fine-tuning": (COMPARED["iic, fine-tuning"], "probabilities/kernel"),
    "mine, corrected gradient": (Variant("mine", {"corrected_gradient": True}), "log_average"),
    "pseudo_label, retraining": (COMPARED["pseudo_label, retraining"], "assigned"),
    "supervised, learned weights": (
        COMPARED["supervised with several heads, learned weights"],
        "log_variance",
    ),
}


@pytest.mark.parametrize("name", list(VARIANTS))
def test_restored_a_variant_goes_on_as_the_one_that_was_captured(name: str) -> None:
    variant, remembered = VARIANTS[name]
    data = data_for(cases()[variant.case])
    first = compiled_variant(variant)
    begin_phase(first, data)
    _train(first, data, range(2))
    second = compiled_variant(variant, seed=99)
    pairs = zip(first.variables, second.variables, strict=True)
    states = [(one, other) for one, other in pairs if remembered in one.path]
    assert states
    assert not all(np.array_equal(*map(np.asarray, pair)) for pair in states), "nothing to restore"
    restored(second, captured(first))
    for model in (first, second):
        _train(model, data, range(2, 4))
    expected, found = captured(first), captured(second)
    assert expected.keys() == found.keys()
    for place, array in expected.items():
        assert np.array_equal(array, found[place]), place


def _train(model, data, steps: range) -> None:
    """Without a graph, which takes longer to build than the few steps to take."""
    for step in steps:
        model.train_step(batch_of(model, data, step=step))
