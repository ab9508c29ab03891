"""Clusters as they are named: inside, surest first, split in two, and how pure they are."""

import numpy as np
import pytest

from ssl_core.labels.clusters import (
    Cluster,
    alike,
    closeness,
    clusters_of,
    purity,
    split,
    spot_check,
)


def two_clouds(first: int, second: int, distance: float = 10.0) -> np.ndarray:
    """(first + second, 4) float32: two clouds of points, the second one `distance` away."""
    generator = np.random.default_rng(3)
    points = generator.normal(0, 0.5, (first + second, 4)).astype(np.float32)
    points[first:, 0] += distance
    return points


def test_clusters_hold_the_items_of_the_pool_alone_surest_first() -> None:
    groups = np.array([0, 1, 1, 1, 0, 2, -1], np.int32)
    scores = np.array([0.1, 0.5, 0.9, 0.7, 0.2, 0.3, 0.8], np.float32)
    found = clusters_of(groups, scores, np.array([0, 1, 2, 3, 6]))
    assert [(one.name, one.items.tolist()) for one in found] == [("1", [2, 3, 1]), ("0", [0])]
    assert found[0].scores.tolist() == pytest.approx([0.9, 0.7, 0.5])


def test_like_items_fall_together_and_the_same_way_at_every_look() -> None:
    points = two_clouds(60, 30)
    groups = alike(points, 2)
    assert len(set(groups[:60].tolist())) == len(set(groups[60:].tolist())) == 1
    assert groups[0] != groups[-1]
    assert np.array_equal(groups, alike(points, 2))


def test_more_groups_than_different_items_are_no_fault() -> None:
    points = np.zeros((7, 3), np.float32)
    points[3:] = 1
    assert len(set(alike(points, 5).tolist())) == 2
    assert set(alike(points[:3], 5).tolist()) == {0}


def test_closeness_falls_with_the_distance_from_the_middle() -> None:
    points = np.array([[0, 0], [2, 0], [1, 0], [9, 9]], np.float32)
    found = closeness(points, np.array([0, 0, 0, 1]))
    assert found.tolist() == pytest.approx([-1, -1, 0, 0])


def test_a_split_keeps_all_items_and_their_order_the_larger_half_first() -> None:
    points = two_clouds(30, 60)
    order = np.random.default_rng(1).permutation(90)
    scores = np.linspace(1, 0, 90).astype(np.float32)
    halves = split(Cluster("4", order, scores), points)
    assert [half.name for half in halves] == ["4a", "4b"]
    assert [len(half.items) for half in halves] == [60, 30]
    assert set(halves[0].items.tolist()) == set(range(30, 90))
    for half in halves:
        assert half.items.tolist() == [item for item in order.tolist() if item in half.items]
        assert (np.diff(half.scores) <= 0).all()


def test_equal_items_cannot_be_split() -> None:
    one = Cluster("4", np.arange(6), np.ones(6, np.float32))
    assert split(one, np.ones((6, 3), np.float32)) == [one]


def test_a_spot_check_draws_from_the_whole_cluster_without_repeats() -> None:
    items = np.arange(100, 600)
    drawn = [spot_check(items) for _ in range(40)]
    assert all(len(set(one.tolist())) == 20 for one in drawn)
    seen = np.concatenate(drawn)
    assert seen.min() < 150
    assert seen.max() > 550
    assert set(spot_check(items[:5]).tolist()) == set(range(100, 105))


def test_purity_has_the_wilson_interval() -> None:
    found = purity(2, 20)
    assert found.share == pytest.approx(0.9)
    # Wilson 1927 worked out by hand: centre 0.8356, half width 0.1366
    assert (found.low, found.high) == pytest.approx((0.6990, 0.9721), abs=1e-4)
    assert purity(0, 0).low == 0
    with pytest.raises(ValueError, match="cannot be"):
        purity(3, 2)
