"""What a method is shown: samples whose first items are a sample as well."""

from dataclasses import replace

import numpy as np

from ssl_core.training.data import NO_ITEMS, HeadLabels, LabelledItems, TrainingData
from ssl_core.training.watch import sample_of
from tests.support.training import CLASSES, small_data, small_probe

COUNT = 3000
FIRST = 128  # as many as some methods look at


def sorted_data() -> TrainingData:
    """Items sorted by class, as a folder of images is: all of class 0 first."""
    data = small_data(count=COUNT, labelled=1500)
    order = np.argsort(np.arange(COUNT) % CLASSES, kind="stable")
    truth = (order % CLASSES).astype(np.int32)
    labels = np.full(COUNT, -1, np.int32)
    trained, checked = np.arange(0, COUNT, 2), np.arange(1, COUNT, 2)
    labels[trained] = truth[trained]
    return replace(
        data,
        inputs=data.inputs[order],
        labels=labels,
        labelled=trained,
        pool=np.arange(COUNT),
        validation=LabelledItems(checked, truth[checked]),
    )


def shares(labels: np.ndarray) -> np.ndarray:
    return np.bincount(labels, minlength=CLASSES) / len(labels)


def test_the_first_items_of_every_sample_are_of_every_class() -> None:
    data = sorted_data()
    probe = small_probe(data)
    truth = np.repeat(np.arange(CLASSES), COUNT // CLASSES)
    chosen = sample_of(data)
    assert len(chosen) == len(np.unique(chosen)) == 512
    for labels in (truth[chosen], probe.labelled.labels, probe.validation.labels):
        assert len(labels) == 512
        assert np.abs(shares(labels[:FIRST]) - 1 / CLASSES).max() < 0.12
    assert np.bincount(truth[np.sort(chosen)[:FIRST]]).tolist() == [FIRST], "sorted they are not"
    assert np.array_equal(chosen, sample_of(data)), "the same at every look"
    seen = probe.labels[probe.labels >= 0]
    assert np.array_equal(seen, truth[chosen[probe.labels >= 0]])


def test_items_with_answers_to_most_heads_come_first_and_are_mixed() -> None:
    data, both, one = sorted_data(), np.arange(1, COUNT, 6), np.arange(3, COUNT, 600)
    truth = np.repeat(np.arange(CLASSES), COUNT // CLASSES).astype(np.int32)
    group = LabelledItems(both, np.minimum(truth[both], 1))
    items = np.sort(np.concatenate([both, one]))
    data = replace(
        data,
        validation=LabelledItems(items, truth[items]),
        others={"group": HeadLabels(np.full(COUNT, -1, np.int32), group, NO_ITEMS)},
    )
    known = small_probe(data).answered
    assert known is not None
    assert (known.labels["group"][: len(both)] >= 0).all()
    assert (known.labels["group"][len(both) :] == -1).all()
    assert np.abs(shares(known.labels["class"][:FIRST]) - 1 / CLASSES).max() < 0.12
    rows = known.items[..., 0].mean(axis=2)
    stripes = np.stack([rows[:, 3 * k : 3 * k + 2].mean(axis=1) for k in range(CLASSES)], axis=1)
    assert np.array_equal(stripes.argmax(axis=1), known.labels["class"]), "labels of their items"
