"""Invariant information clustering: what is trained, how a head is chosen and named."""

from dataclasses import replace

import numpy as np
import pytest

from ssl_core.errors import UserError
from ssl_core.methods import build_model, catalogue, validated
from ssl_core.training.augmentation import pairs
from ssl_core.training.augmentation.pairs import partners
from ssl_core.training.data import as_network_input
from ssl_core.training.evaluation import AveragedNetwork
from ssl_core.training.networks.clusterheads import kernel_of_choice
from ssl_core.training.optimizer import CosineToZero, make_optimizer
from ssl_core.training.probe import Known
from tests.support.training import (
    CLASSES,
    TASK,
    batch_of,
    compiled,
    fitted,
    small_configuration,
    small_data,
    small_probe,
)

SPEC = catalogue()["iic"]


def without_classes(**values: object):
    """A small model of a dataset in which nobody has named a class."""
    model = build_model("iic", small_configuration(SPEC, **values), replace(TASK, heads=()))
    optimizer = make_optimizer(model.configuration, CosineToZero(1e-3, 4))
    model.compile(optimizer=optimizer, jit_compile=False)
    model.build_for(batch_of(model, small_data()))
    model.optimizer.build(model.trainable_variables)
    return model


def test_the_loss_is_the_formula_over_every_head() -> None:
    model = compiled(SPEC, batch_size=16)
    x, y = batch_of(model, small_data())
    assert np.array_equal(y["pool"], np.full(16, -1))
    features = model(x, training=False)
    outcome = model.outcome(x, y, features, training=False)
    answers = np.asarray(model.heads(features), np.float64)
    losses = []
    for head in range(5):
        joint = answers[:16, head].T @ answers[16:, head] / 16
        a, b = joint.sum(axis=1, keepdims=True), joint.sum(axis=0, keepdims=True)
        losses.append(-(joint * (np.log(joint) - 1.5 * np.log(a) - 1.5 * np.log(b))).sum())
    assert float(outcome.terms["information"]) == pytest.approx(np.mean(losses), rel=1e-4)
    for head, loss in enumerate(losses, 1):
        assert float(outcome.measures[f"loss/head {head}"]) == pytest.approx(loss, rel=1e-3)
    used = answers[:16, 1].mean(axis=0)
    found = float(outcome.measures["usage/head 2"])
    assert found == pytest.approx(-(used * np.log(used)).sum(), rel=1e-4)


def test_three_stripes_become_three_clusters_and_a_handful_of_labels_names_them() -> None:
    data = small_data(count=192, labelled=9)
    settings = {"batch_size": 64, "pair_rotation": 0.0, "pair_shear": 0.0, "pair_crop": 0.95}
    model = compiled(SPEC, steps=60, **settings)
    fitted(model, data, range(60))
    averaged = AveragedNetwork(model)
    averaged.refresh()
    labelled = np.arange(9)
    known = Known(as_network_input(data.inputs[labelled]), data.labels[labelled])
    figures = model.settle(averaged.network, known, as_network_input(data.inputs[:96]))
    averaged.refresh()
    answers = averaged.answers(data, np.arange(192))
    truth = np.arange(192) % CLASSES
    assert (answers["probabilities"].argmax(axis=1) == truth).mean() > 0.95
    assert figures["nmi/clusters"] == pytest.approx(1.0)
    assert answers["clusters"].shape == (192, CLASSES)
    # Negative control: named wrongly, the same clusters are no longer the classes.
    wrong = Known(known.items, (known.labels + 1) % CLASSES)
    assert model.settle(averaged.network, wrong, known.items) == pytest.approx(figures)
    averaged.refresh()
    assert (averaged.probabilities(data, np.arange(192)).argmax(axis=1) == truth).mean() < 0.1


def test_the_head_is_chosen_by_its_loss_and_never_by_labels() -> None:
    joint = np.full((5, 3, 3), 1 / 9)
    joint[3] = np.eye(3) / 3
    model = compiled(SPEC)
    assert model.best_head(joint) == 3
    for head in (0, 4):
        model.choice.kernel.assign(kernel_of_choice(5, CLASSES, head))
        assert model.head == head
    averaged = AveragedNetwork(model)
    averaged.refresh()
    data = small_data()
    pool, chosen = as_network_input(data.inputs), set()
    for shift in range(CLASSES):
        known = Known(pool[:12], (data.labels[:12] + shift) % CLASSES)
        model.settle(averaged.network, known, pool)
        chosen.add(model.head)
    assert len(chosen) == 1


def test_without_classes_it_answers_with_clusters_alone() -> None:
    model = without_classes()
    assert model.clusters == 10
    data = small_data()
    fitted(model, data, range(1))
    averaged = AveragedNetwork(model)
    averaged.refresh()
    nothing = Known(np.empty((0, 8, 8, 1), np.float32), np.empty(0, np.int32))
    assert model.settle(averaged.network, nothing, as_network_input(data.inputs)) == {}
    answers = averaged.answers(data, np.arange(20))
    assert answers["clusters"].shape == (20, 10)
    assert answers["probabilities"].shape == (20, 0)
    probe = replace(small_probe(data), classes=(), reference=np.full(42, -1, np.int32))
    seen = model.look(replace(probe, labels=np.full(42, -1, np.int32)))
    assert {panel.name for panel in seen.panels} == {"cluster_use", "joint", "confident"}
    use = next(panel.payload for panel in seen.panels if panel.name == "cluster_use")
    assert (use["title_x"], use["unit"], use["lines"]) == ("cluster", "share", {"equal parts": 0.1})
    assert sum(use["series"]["inference"]) == pytest.approx(1, abs=1e-3)
    assert "nmi/reference" not in seen.figures


def test_one_named_class_is_looked_for_among_several_clusters() -> None:
    """One cluster would hold everything: nothing could be learned."""
    one = replace(TASK, heads=(replace(TASK.heads[0], classes=1),))
    model = build_model("iic", small_configuration(SPEC), one)
    assert model.clusters == 10
    assert np.asarray(model.mapping.kernel).shape == (10, 1)


def test_more_clusters_than_classes_are_added_up() -> None:
    model = compiled(SPEC, clusters=7)
    averaged = AveragedNetwork(model)
    averaged.refresh()
    data = small_data()
    known = Known(as_network_input(data.inputs[:12]), data.labels[:12])
    model.settle(averaged.network, known, as_network_input(data.inputs))
    averaged.refresh()
    answers = averaged.answers(data, np.arange(48))
    assert answers["clusters"].shape == (48, 7)
    mapping = np.asarray(model.mapping.kernel)
    assert mapping.sum(axis=1).tolist() == [1] * 7
    assert np.allclose(answers["clusters"] @ mapping, answers["probabilities"], atol=1e-6)


def test_an_over_clustering_head_and_fine_tuning_are_phases_and_terms() -> None:
    model = compiled(SPEC, over_clusters=12, finetune_share=0.5)
    first, second = model.phases
    assert first.terms == ("information", "over_clustering")
    assert second.terms == ("classification",)
    assert second.share == 0.5
    data = small_data()
    fitted(model, data, range(1))
    model.begin(second, data, lambda items: np.empty((len(items), 0), np.float32))
    model.phase, head, mapping = second, model.head, np.asarray(model.mapping.kernel)
    model.train_function = None
    before = model.trunk.get_weights()[0]
    logs = fitted(model, data, range(2))
    assert logs["rows"] == 8
    assert not np.array_equal(before, model.trunk.get_weights()[0])
    averaged = AveragedNetwork(model)
    averaged.refresh()
    other = Known(as_network_input(data.inputs[:12]), (data.labels[:12] + 1) % CLASSES)
    model.settle(averaged.network, other, as_network_input(data.inputs))
    assert model.head == head
    assert np.array_equal(mapping, np.asarray(model.mapping.kernel))


def test_fine_tuning_begins_with_labels_of_every_class() -> None:
    """A folder of images is sorted by class: its first labels are of the first classes alone."""
    data, seen = small_data(count=1200, labelled=900), []
    order = np.argsort(np.arange(900) % CLASSES, kind="stable")
    inputs, labels = data.inputs.copy(), data.labels.copy()
    inputs[:900], labels[:900] = inputs[order], labels[order]
    data = replace(data, inputs=inputs, labels=labels)
    assert set(labels[:300]) == {0}
    model = compiled(SPEC, finetune_share=0.5)
    model._decide = lambda network, pool, found, known: seen.append((len(found), known))
    model.begin(model.phases[1], data, lambda items: np.empty((len(items), 0), np.float32))
    ((count, known),) = seen
    assert count == len(known) == 512
    assert np.bincount(known, minlength=CLASSES).min() > 150


def test_until_labels_name_the_clusters_every_class_is_as_likely() -> None:
    model, data = compiled(SPEC, finetune_share=0.5), small_data(labelled=0)
    model.begin(model.phases[1], data, lambda items: np.empty((len(items), 0), np.float32))
    found = model.inference_model()(as_network_input(data.inputs))["probabilities"]
    assert np.asarray(found) == pytest.approx(np.full((48, CLASSES), 1 / CLASSES), abs=1e-6)


def test_looking_uses_hidden_labels_only_where_it_says_so() -> None:
    model, probe = compiled(SPEC), small_probe(small_data())
    hidden = model.look(probe)
    marked = [panel.name for panel in hidden.panels if panel.uses_reference_labels]
    assert marked == [f"head_{number}" for number in range(1, 6)]
    by_hand = model.look(replace(probe, reference=np.full(len(probe.sample), -1, np.int32)))
    assert not any(panel.uses_reference_labels for panel in by_hand.panels)
    counts = next(panel for panel in by_hand.panels if panel.name == "head_1").payload["values"]
    assert np.sum(counts) == (probe.labels >= 0).sum()
    others = {panel.name: panel.payload for panel in hidden.panels if panel.name not in marked}
    assert all(others[p.name] == p.payload for p in by_hand.panels if p.name in others)


def test_the_loss_of_a_single_head_is_its_term() -> None:
    assert compiled(SPEC, heads=1).measures == ("usage/head 1",)


def test_partners_of_the_same_items_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model, probe, made = compiled(SPEC), small_probe(small_data()), []

    def noted(items, configuration):
        made.append(items)
        return partners(items, configuration)

    monkeypatch.setattr(pairs, "partners", noted)
    nothing = Known(probe.sample[:0], np.empty(0, np.int32))
    for _ in range(2):
        model.settle(model.inference_model(), nothing, probe.sample)
        model.look(probe)
    assert len(made) == 1
    other = probe.sample.copy()
    expected = partners(other, model.configuration)
    assert np.array_equal(model.partners.of(other), expected)
    assert len(made) == 2, "other items have other partners"


@pytest.mark.parametrize("name", ["clusters", "over_clusters"])
def test_one_cluster_is_refused(name: str) -> None:
    with pytest.raises(UserError, match=f"{name}: received 1, expected 0 or at least 2"):
        validated(SPEC, {name: 1})
    assert validated(SPEC, {name: 2})
    assert validated(SPEC, {name: 0})
