"""One step moves what it should, and nothing else."""

import numpy as np
import pytest
from keras import ops

from tests.support.training import batch_of, cases, data_for
from tests.support.variants import COMPARED, Variant, begin_phase, compiled_variant

# Name -> the parts of which every variable moves, and those that stay as they are.
STEPS = {
    "gaussian_mine": ("critic estimate draws", ""),
    "headline": ("trunk answers", ""),
    "headline with several heads": ("trunk answers", ""),
    "iic": ("trunk heads", "choice mapping"),
    "iic, a finer head": ("trunk heads over", "choice mapping"),
    "iic, fine-tuning": ("trunk heads", "choice mapping"),
    "mine": ("trunk embedding estimate", "readout"),
    "posts": ("trunk answers", ""),
    "posts with several heads": ("trunk answers", ""),
}
TEXTS = ["headline", "posts", "headline with several heads", "posts with several heads"]


def begun(name: str, **settings: object):
    """A model in its phase, and data. Without the decay of weights, which moves all of them."""
    variant = COMPARED[name]
    settings = {**variant.settings, "weight_decay": 0.0, **settings}
    model = compiled_variant(Variant(variant.case, settings, variant.phase))
    data = data_for(cases()[variant.case])
    begin_phase(model, data)
    return model, data


def values_of(variables) -> list[np.ndarray]:
    return [np.array(ops.convert_to_numpy(variable.value)) for variable in variables]


def variables_of(model, names: str) -> list:
    """Of the parts of a model; of networks without random states, which may move or not."""
    found = []
    for part in (getattr(model, name) for name in names.split()):
        found += [part.state] if hasattr(part, "state") else _without_states(part.variables)
    return found


def _without_states(variables) -> list:
    return [one for one in variables if "seed_generator" not in one.path]


def moved(model, batch, variables) -> list[np.ndarray]:
    """Where each variable is another after one step on `batch`."""
    before = values_of(variables)
    model.train_step(batch)
    return [old != new for old, new in zip(before, values_of(variables), strict=True)]


@pytest.mark.parametrize("name", list(STEPS))
def test_a_step_moves_what_it_should_and_nothing_else(name: str) -> None:
    model, data = begun(name)
    moving, still = (variables_of(model, names) for names in STEPS[name])
    looked_at = {id(one) for one in [*moving, *still]}
    assert [one.path for one in _without_states(model.variables) if id(one) not in looked_at] == []
    assert not {id(one) for one in still} & {id(one) for one in model.trainable_variables}
    found = moved(model, batch_of(model, data), [*moving, *still])
    for variable, changed in zip([*moving, *still], found, strict=True):
        assert changed.any() == any(variable is one for one in moving), variable.path


def test_fine_tuning_moves_the_chosen_head_alone() -> None:
    model, data = begun("iic, fine-tuning", over_clusters=6)
    model._choose(2)
    kernel, bias = model.heads.get_layer("logits").variables
    variables = [kernel, bias, *model.over.variables]
    of_kernel, of_bias, *of_over = moved(model, batch_of(model, data), variables)
    columns = of_kernel.any(axis=0).reshape(5, 3)
    assert columns.all(axis=1).tolist() == [False, False, True, False, False]
    assert not columns[[0, 1, 3, 4]].any()
    assert of_bias.reshape(5, 3).any(axis=1).tolist() == [False, False, True, False, False]
    assert not any(one.any() for one in of_over)


def test_every_head_of_clusters_learns_from_every_step() -> None:
    model, data = begun("iic")
    (changed,) = moved(model, batch_of(model, data), [model.heads.get_layer("logits").kernel])
    assert changed.any(axis=0).all()


@pytest.mark.parametrize("name", TEXTS)
def test_words_that_are_not_in_the_batch_stay(name: str) -> None:
    model, data = begun(name)
    x, y = batch_of(model, data)
    words = model.trunk.layers[1].embeddings
    (changed,) = moved(model, (x, y), [words])
    present = np.isin(np.arange(words.shape[0]), np.asarray(x["labelled"]))
    rows = changed.any(axis=1)
    assert not rows[~present].any()
    if name.startswith("headline"):  # the words themselves; 0 fills a text up and is not read
        assert rows.tolist() == [False, *present[1:]]
    else:
        assert rows.any()


@pytest.mark.parametrize("name", ["headline with several heads", "posts with several heads"])
def test_a_head_without_a_label_in_the_batch_stays(name: str) -> None:
    model, data = begun(name)
    x, y = batch_of(model, data)
    for head, nothing in (("group", -1), ("urgent", -1), ("age", np.nan)):
        y[f"labelled/{head}"] = ops.full_like(y[f"labelled/{head}"], nothing)
    layers = [f"logits_{head}" for head in ("class", "group", "urgent", "age")]
    kernels = [model.answers.get_layer(layer).kernel for layer in layers]
    found = moved(model, (x, y), kernels)
    assert [one.any() for one in found] == [True, False, False, False]
