"""The histogram of what a critic says of pairs."""

import numpy as np
import pytest

from ssl_core.training.scorepanel import score_panel


def drawn(joint, marginal):
    payload = score_panel(joint, marginal, "pairs").payload
    return payload["edges"], {name: np.array(counts) for name, counts in payload["series"].items()}


def test_the_few_at_the_far_end_of_one_series_are_not_put_into_the_last_bin():
    generator = np.random.default_rng(3)
    apart = generator.normal(0, 1, 100_000)
    together = np.concatenate([generator.normal(0, 1, 990), np.linspace(50, 60, 10)])
    edges, series = drawn(together, apart)
    own, both = (np.quantile(part, 0.999) for part in (together, np.r_[together, apart[:1000]]))
    assert edges[-1] == pytest.approx(own - np.median(apart), abs=1e-3)
    assert own - both > 0.5, "the two are so near that nothing is proven"
    assert series["together"].sum() == series["apart"].sum() == len(together)


def test_fewer_others_and_equal_scores_are_drawn():
    edges, series = drawn(np.zeros(9), np.zeros(4))
    assert edges == sorted(set(edges))
    assert {name: int(counts.sum()) for name, counts in series.items()} == {
        "together": 9,
        "apart": 4,
    }


def test_what_is_drawn_of_the_others_is_a_sample_of_all_of_them():
    """Others in order of their score, as those of one image can be: not the first of them."""
    edges, series = drawn(np.linspace(-1, 1, 100), np.linspace(-1, 1, 10_000))
    assert edges[0] == pytest.approx(-1, abs=0.05)
    lower, upper = (series["apart"][part].sum() for part in (slice(None, 20), slice(20, None)))
    assert (lower > 30, upper > 30) == (True, True)
