"""Strategies against cases computed by hand and against slow twins written from the papers."""

from math import log

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.special import rel_entr

from ssl_core.labels.strategies.class_balance import class_balanced
from ssl_core.labels.strategies.cluster_rounds import cluster_rounds, distances_from_centres
from ssl_core.labels.strategies.committee import disagreement_scores, mean_divergence, vote_entropy
from ssl_core.labels.strategies.k_centre import k_centre_order, standardised
from ssl_core.labels.strategies.places import kind_of, mixed
from ssl_core.labels.strategies.uncertainty import entropy_scores, margin_scores


def test_margins_by_hand() -> None:
    rows = np.array([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.4, 0.2, 0.4]], np.float16)
    assert margin_scores(rows) == pytest.approx([-0.2, -0.7, 0.0], abs=1e-3)
    assert margin_scores(np.ones((2, 1))) == pytest.approx([-1.0, -1.0])


def test_entropies_by_hand_and_where_they_differ_from_margins() -> None:
    rows = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.4, 0.3, 0.3]])
    assert entropy_scores(rows)[:2] == pytest.approx([log(2), 0.0], abs=1e-9)
    assert np.argmax(entropy_scores(rows)) == 2
    assert np.argmax(margin_scores(rows)) == 0


def test_vote_entropy_by_hand() -> None:
    votes = np.array([[0, 0, 2], [0, 1, 1], [0, 1, 0], [0, 1, 0]])
    two = -(0.25 * log(0.25) + 0.75 * log(0.75))
    three = -(0.5 * log(0.5) + 2 * 0.25 * log(0.25))
    assert vote_entropy(votes, 3) == pytest.approx([0.0, two, three], abs=1e-9)


def test_mean_divergence_is_what_its_definition_says() -> None:
    found = np.random.default_rng(0).dirichlet(np.ones(4), size=(3, 20))
    mean = found.mean(axis=0)
    expected = np.mean([rel_entr(one, mean).sum(axis=1) for one in found], axis=0)
    assert mean_divergence(found) == pytest.approx(expected, abs=1e-9)
    assert mean_divergence(found[[0, 0]]) == pytest.approx(np.zeros(20), abs=1e-9)


def test_divergence_only_decides_between_equal_votes() -> None:
    probabilities = np.array(
        [[[0.51, 0.49], [0.99, 0.01], [0.51, 0.49]], [[0.49, 0.51], [0.01, 0.99], [0.99, 0.01]]]
    )
    scores = disagreement_scores(probabilities.argmax(axis=2), probabilities)
    assert scores[1] > scores[0] > scores[2]


def slow_k_centre(rows: np.ndarray, centres: np.ndarray, limit: int) -> list[int]:
    known, chosen = [*centres], []
    for _ in range(limit):
        distances = cdist(rows, known).min(axis=1) if known else np.full(len(rows), np.inf)
        distances[chosen] = -1
        chosen.append(int(np.argmax(distances)))
        known.append(rows[chosen[-1]])
    return chosen


@pytest.mark.parametrize("centres", [0, 3])
def test_k_centre_agrees_with_a_slow_twin(centres: int) -> None:
    rows = np.random.default_rng(1).normal(size=(60, 5))
    found = k_centre_order(rows[centres:], rows[:centres], 20)
    assert found.tolist() == slow_k_centre(rows[centres:], rows[:centres], 20)


def test_k_centre_by_hand() -> None:
    line = np.array([[0.0], [1.0], [10.0], [4.0]])
    assert k_centre_order(line, np.array([[0.0]]), 3).tolist() == [2, 3, 1]
    assert k_centre_order(line, np.empty((0, 1)), 9).tolist() == [0, 2, 3, 1]
    assert sorted(k_centre_order(np.ones((5, 2)), np.empty((0, 2)), 5).tolist()) == list(range(5))
    assert k_centre_order(np.empty((0, 2)), np.empty((0, 2)), 5).tolist() == []


def test_distances_far_from_zero_are_not_lost() -> None:
    rows = np.random.default_rng(2).normal(size=(40, 3))
    far = k_centre_order(standardised(rows + 5000.0), np.empty((0, 3)), 10)
    assert far.tolist() == slow_k_centre(rows, np.empty((0, 3)), 10)


def test_cluster_rounds_by_hand() -> None:
    clusters = np.array([0, 0, 0, 2, 2, 5])
    distances = np.array([3.0, 1.0, 2.0, 9.0, 8.0, 7.0])
    assert cluster_rounds(clusters, distances).tolist() == [1, 4, 5, 2, 3, 0]
    assert cluster_rounds(np.array([1, 1, 0]), np.zeros(3)).tolist() == [2, 0, 1]


def test_distances_from_centres_by_hand() -> None:
    rows = np.array([[0.0, 0.0], [4.0, 0.0], [7.0, 7.0]])
    assert distances_from_centres(rows, np.array([1, 1, 3])).tolist() == [2.0, 2.0, 0.0]


def test_balanced_classes_by_hand() -> None:
    predicted = np.array([0, 0, 1, 2, 0, 1])
    assert class_balanced(predicted, np.array([5, 1, 1]), 9).tolist() == [2, 3, 5, 0, 1, 4]
    assert class_balanced(predicted, np.array([0, 0, 0]), 4).tolist() == [0, 2, 3, 1]
    assert class_balanced(np.full(4, -1), np.array([0, 0]), 4).tolist() == []


def test_every_tenth_place_is_random_and_a_fifth_is_kept() -> None:
    kinds = [kind_of(place, 0.0) for place in range(1000)]
    assert kinds.count("drawn") == 100
    assert kinds.count("kept") == 0
    kinds = [kind_of(place, 0.2) for place in range(1000)]
    assert kinds.count("kept") == 200
    assert kinds.count("drawn") == 80
    odd = [kind_of(place, 0.1937) for place in range(10_000)]
    assert odd.count("kept") == 1937
    assert odd.count("drawn") == pytest.approx(806, abs=1)


def test_a_queue_asked_for_again_goes_on_in_step() -> None:
    chosen, drawn, kept = list(range(100)), list(range(99, -1, -1)), list(range(100, 130))
    queue = mixed(0, 60, chosen, drawn, kept, 0.2)
    assert len(set(queue)) == 60
    done = set(queue[:7])
    left = [[item for item in items if item not in done] for items in (chosen, drawn, kept)]
    again = mixed(7, 53, *left, 0.2)
    assert again == queue[7:]


def test_what_runs_out_is_replaced_and_nothing_comes_twice() -> None:
    assert sorted(mixed(3, 99, [1, 2], [2, 1, 3], [9], 0.5)) == [1, 2, 3, 9]
    assert mixed(0, 5, [], [], [], 0.2) == []
