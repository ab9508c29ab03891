import numpy as np
import pytest

from ssl_core.runs.thinning import thin


@pytest.mark.parametrize("count", [0, 1, 2, 10, 199, 200])
def test_a_short_curve_stays_as_it_is(count: int) -> None:
    assert thin(np.arange(count, dtype=float), 200).tolist() == list(range(count))


@pytest.mark.parametrize("count", [201, 1_000, 12_345, 100_000])
@pytest.mark.parametrize("limit", [24, 200])
def test_a_long_curve_keeps_its_ends_and_extremes_within_the_limit(count: int, limit: int) -> None:
    values = np.random.default_rng(count).normal(size=count).cumsum()
    kept = thin(values, limit)
    assert len(kept) <= limit
    assert (kept[0], kept[-1]) == (0, count - 1)
    assert (np.diff(kept) > 0).all()
    assert values[kept].max() == values.max()
    assert values[kept].min() == values.min()


def test_every_single_spike_is_kept_wherever_it_lies() -> None:
    for place in (0, 1, 499, 500, 9_998, 9_999):
        values = np.zeros(10_000)
        values[place] = -7.0
        assert -7.0 in values[thin(values, 100)]


def test_values_that_are_no_numbers_hide_no_extreme() -> None:
    values = np.full(10_000, np.nan)
    values[5_000:5_100] = np.linspace(-3, 4, 100)
    kept = thin(values, 60)
    assert np.nanmax(values[kept]) == 4
    assert np.nanmin(values[kept]) == -3
    assert len(thin(np.full(1_000, np.nan), 50)) <= 50
