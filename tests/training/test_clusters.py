"""Clusters and classes: what is matched with what, and what the pictures show."""

import io
from itertools import permutations

import numpy as np
import pytest
from PIL import Image

from ssl_core.stats import entropy
from ssl_core.training import clusters as measure
from ssl_core.training.logistic import logistic_regression


def test_joint_and_information_of_every_head() -> None:
    first, second = np.random.default_rng(0).dirichlet(np.ones(3), (2, 40, 2))
    joint = measure.joint_distribution(first, second)
    assert joint.shape == (2, 3, 3)
    assert joint.sum(axis=(1, 2)) == pytest.approx([1, 1])
    expected = sum(np.outer(a, b) for a, b in zip(first[:, 1], second[:, 1], strict=True)) / 40
    assert joint[1] == pytest.approx(expected)
    rows, columns = expected.sum(axis=1), expected.sum(axis=0)
    shared = (expected * np.log(expected / np.outer(rows, columns))).sum()
    assert measure.information(joint)[1] == pytest.approx(shared)
    extra = entropy(rows) + entropy(columns)
    assert measure.information(joint, 1.5)[1] == pytest.approx(shared + 0.5 * extra)


@pytest.mark.parametrize(
    ("merged", "expected"), [(0, 2.3026), (1, 2.1640), (2, 2.0253), (3, 1.8867)]
)
def test_merged_clusters_reach_a_plateau(merged: int, expected: float) -> None:
    assert measure.merged_plateau(10, merged) == pytest.approx(expected, abs=1e-4)
    codes = np.arange(1000) % 10
    codes = np.where(codes < 2 * merged, codes // 2, codes)  # two classes each in one cluster
    answers = np.eye(10)[codes]
    joint = measure.joint_distribution(answers, answers)
    assert float(measure.information(joint)) == pytest.approx(expected, abs=1e-4)


def test_as_many_clusters_as_classes_are_matched_one_to_one() -> None:
    # Greedy would give class 0 to cluster 0 and leave cluster 1 with class 1 for nothing.
    assert measure.class_of_clusters(np.array([[10, 9], [9, 0]])).tolist() == [1, 0]
    counts = np.random.default_rng(1).integers(0, 30, (5, 5))
    found = measure.class_of_clusters(counts)
    best = max(counts[np.arange(5), list(order)].sum() for order in permutations(range(5)))
    assert counts[np.arange(5), found].sum() == best


def test_more_clusters_than_classes_take_the_class_they_hold_most_of() -> None:
    labels = np.array([0, 0, 1, 1, -1])
    probabilities = np.array(
        [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.0, 0.1, 0.9], [0.1, 0.3, 0.6], [0, 1, 0]]
    )
    counts = measure.votes(probabilities, labels, 2)
    assert counts == pytest.approx(np.array([[0.9, 0.1], [0.9, 0.4], [0.2, 1.5]]))
    assert measure.class_of_clusters(counts).tolist() == [0, 0, 1]


def test_agreement_leaves_out_what_has_no_label() -> None:
    clusters, labels = np.array([2, 2, 0, 0, 1]), np.array([0, 0, 1, 1, -1])
    assert measure.agreement(clusters, labels) == pytest.approx({"nmi": 1.0, "ari": 1.0})
    assert measure.agreement(clusters, np.full(5, -1)) == {}


def test_what_clusters_explain_of_a_value() -> None:
    clusters = np.array([0, 0, 1, 1])
    assert measure.explained_by(clusters, np.array([1.0, 1.0, 5.0, 5.0])) == pytest.approx(1.0)
    assert measure.explained_by(clusters, np.array([1.0, 5.0, 1.0, 5.0])) == pytest.approx(0.0)
    # Means 2 and 6 about 4: between 4 * 4 = 16; within 1 + 1 + 1 + 1 = 4.
    assert measure.explained_by(clusters, np.array([1.0, 3.0, 5.0, 7.0])) == pytest.approx(16 / 20)
    assert measure.explained_by(clusters, np.ones(4)) == 0.0


def test_live_clusters_get_a_fifth_of_an_equal_part() -> None:
    assert measure.live_clusters(np.array([0.5, 0.38, 0.06, 0.06])) == 4
    assert measure.live_clusters(np.array([0.5, 0.41, 0.04, 0.05])) == 2


def test_the_aligned_matrix_has_what_is_right_on_its_diagonal() -> None:
    clusters, labels = np.array([2, 2, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 2, 2, -1])
    panel = measure.aligned_matrix(
        "head_1", "Head 1", clusters, labels, ("a", "b", "c"), 3, uses_reference_labels=True
    )
    assert panel.uses_reference_labels
    assert panel.payload["values"] == [[2, 0, 0], [0, 2, 0], [0, 0, 2]]
    assert panel.payload["rows"] == ["cluster 3", "cluster 1", "cluster 2"]


def test_the_montage_shows_the_surest_images_of_each_cluster_first() -> None:
    images = np.zeros((30, 4, 4, 1), np.float32)
    images[:, :, :, 0] = np.linspace(0.1, 1, 30)[:, None, None]
    sure = np.linspace(0.51, 0.99, 30)
    probabilities = np.stack([sure, 1 - sure, np.zeros(30)], axis=1)
    panel = measure.montage(images, probabilities)
    assert panel.rows == ("cluster 1", "cluster 2", "cluster 3")
    assert panel.columns == 10
    drawn = np.asarray(Image.open(io.BytesIO(panel.payload)))
    assert drawn[0, 0] == 255  # the surest, which is the brightest
    assert drawn[0, 5] < 255
    assert drawn[5, 0] == 0  # a cluster without images


def test_the_logistic_regression_is_the_least_loss() -> None:
    generator = np.random.default_rng(3)
    features = generator.normal(size=(300, 4))
    labels = (features @ generator.normal(size=(4, 3)) + generator.normal(size=(300, 3))).argmax(1)
    kernel, bias = logistic_regression(features, labels.astype(np.int32), 3)

    def loss(kernel: np.ndarray, bias: np.ndarray) -> float:
        logits = features @ kernel + bias
        rows = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(300), labels]
        return float(rows.mean() + 5e-4 * (kernel**2).sum())

    least = loss(kernel.astype(np.float64), bias)
    for _ in range(20):
        step = generator.normal(0, 0.05, kernel.shape)
        assert loss(kernel + step, bias) > least
    assert ((features @ kernel + bias).argmax(axis=1) == labels).mean() > 0.7
    apart = np.array([[-1.0], [1.0]])
    found = logistic_regression(apart, np.array([0, 1], np.int32), 2)
    assert all(np.isfinite(part).all() for part in found)
