from dataclasses import replace

import numpy as np
import pytest

from ssl_core.runs.comparison import (
    differing_settings,
    group_over_seeds,
    mean_curve,
    overlap,
    setting_text,
    ties,
)
from ssl_core.runs.listing import RunSummary
from ssl_core.runs.request import RunRequest, SnapshotSummary, TrainedClass, TrainedHead
from ssl_core.runs.status import Results, RunStatus
from tests.support.runs import READS_NOTHING


def summary(
    run: str,
    seed: int = 1,
    accuracy: float | None = 0.9,
    method: str = "supervised",
    state: str = "finished",
    labels: int = 10,
    **configuration: float,
) -> RunSummary:
    request = RunRequest(
        run=run,
        created="2026-01-01T00:00:00+00:00",
        dataset="tiny",
        dataset_name="tiny",
        fingerprint="f",
        method=method,
        configuration={"learning_rate": 0.001, **configuration},
        steps=100,
        minutes=None,
        seed=seed,
        device="cpu",
        group=run,
        classes=(TrainedClass(identifier=1, name="a", colour="#000000"),),
        labels=SnapshotSummary(
            title="",
            taken="",
            train=labels,
            validation=0,
            held_out=0,
            per_class={"a": labels},
            last_event=labels,
        ),
        code_version="",
    )
    interval = None if accuracy is None else (accuracy - 0.02, accuracy + 0.02)
    results = Results(test_accuracy=accuracy, test_interval=interval)
    status = RunStatus.model_validate({"state": state, "results": results})
    return RunSummary(run, run, request, status)


def test_runs_that_differ_in_their_seed_alone_are_one_group() -> None:
    runs = [
        summary("b", seed=2, accuracy=0.8),
        summary("a", seed=1, accuracy=0.9),
        summary("other-labels", labels=20),
        summary("other-setting", learning_rate=0.01),
        summary("not-finished", state="failed", accuracy=None),
    ]
    groups = group_over_seeds(runs)
    assert [[run.run for run in group.runs] for group in groups] == [
        ["a", "b"],
        ["other-labels"],
        ["other-setting"],
        ["not-finished"],
    ]
    assert groups[0].seeds == (1, 2)
    assert groups[0].accuracy is not None
    assert groups[0].accuracy.mean == pytest.approx(0.85)
    assert groups[3].accuracy is None
    assert groups[3].interval is None


def test_a_setting_that_is_newer_than_a_run_has_its_default() -> None:
    old, new = summary("old", seed=1), summary("new", seed=2, batch_size=64)
    assert [group.seeds for group in group_over_seeds([old, new])] == [(1, 2)]
    assert differing_settings([old.request, new.request]) == {}
    other = summary("other", batch_size=32)
    assert differing_settings([old.request, other.request]) == {"batch_size": ["64", "32"]}


def asked(run: RunSummary, *heads: str, **others: int) -> RunSummary:
    """The same run, but of these heads, with these labels of further ones."""
    labels = run.request.labels.model_copy(update={"others": others})
    trained = tuple(TrainedHead(name=n, title=n.title(), kind="categorical") for n in heads)
    return replace(run, request=run.request.model_copy(update={"heads": trained, "labels": labels}))


def test_runs_of_other_heads_or_with_other_labels_of_them_are_no_seeds_of_one_kind() -> None:
    alone, both = summary("a"), asked(summary("b"), "class", "age", Age=5)
    named = asked(summary("c", seed=2), "class")  # older requests do not name the one head
    more, again = asked(summary("d"), "class", "age", Age=9), asked(both, "class", "age", Age=5)
    none_yet = asked(summary("f"), "class", "age")
    groups = group_over_seeds([alone, both, named, more, replace(again, run="e"), none_yet])
    members = [[run.run for run in group.runs] for group in groups]
    assert members == [["a", "c"], ["e"], ["d"], ["f"]]
    questions = {"questions": ["Class", "Class, Age"]}
    assert differing_settings([alone.request, both.request]) == questions
    settings = {**both.request.configuration, "batch_size": 64}  # its own default is another
    without = both.request.model_copy(update={"method": READS_NOTHING, "configuration": settings})
    assert differing_settings([alone.request, without]) == {}


def test_the_interval_is_over_seeds_where_there_are_several() -> None:
    several = group_over_seeds([summary("a", 1, 0.90), summary("b", 2, 0.92)])[0]
    half = 12.7062 * 0.0141421 / 2**0.5  # Student's t, one degree of freedom
    assert several.interval == pytest.approx((max(0.0, 0.91 - half), 1.0), abs=1e-4)
    assert group_over_seeds([summary("a", 1, 0.9)])[0].interval == pytest.approx((0.88, 0.92))


def test_a_seed_that_was_trained_twice_counts_once_as_the_newest() -> None:
    one, again = summary("a", 1, 0.90), summary("b", 1, 0.94)
    for runs in ([again, one], [one, again]):
        group = group_over_seeds(runs)[0]
        assert [run.run for run in group.runs] == ["b"]
        assert group.interval == pytest.approx((0.92, 0.96)), "Wilson: there is one seed"
    three = group_over_seeds([one, again, summary("c", 2, 0.92)])[0]
    assert three.seeds == (1, 2)
    assert three.accuracy is not None
    assert three.accuracy.mean == pytest.approx(0.93)


def test_only_settings_that_differ_are_named() -> None:
    found = differing_settings(
        [
            summary("a").request,
            summary("b", learning_rate=0.01).request,
            summary("c", method="autoencoder", weight=10.0).request,
        ]
    )
    assert found == {"learning_rate": ["0.001", "0.01", "0.001"]}
    minutes = summary("d").request.model_copy(update={"steps": None, "minutes": 5.0})
    assert differing_settings([summary("a").request, minutes]) == {"budget": ["100 steps", "5 min"]}


def test_settings_read_as_people_write_them() -> None:
    assert [setting_text(value) for value in (True, 0.0005, 64, "vgg-f", "", None)] == [
        "on",
        "0.0005",
        "64",
        "vgg-f",
        "none",
        "–",
    ]


def test_overlapping_intervals_are_ties() -> None:
    groups = [
        group_over_seeds([summary(name, 1, accuracy)])[0]
        for name, accuracy in (("a", 0.9), ("b", 0.93), ("c", 0.99), ("d", None))
    ]
    assert ties(groups) == [(0, 1)]
    assert overlap((0.1, 0.2), (0.2, 0.3))
    assert not overlap((0.1, 0.2), (0.21, 0.3))


def test_the_mean_of_curves_is_taken_where_all_of_them_have_values() -> None:
    one = (np.array([0.0, 10.0, 20.0]), np.array([0.0, 1.0, 2.0]))
    two = (np.array([0.0, 5.0, 10.0]), np.array([2.0, 2.5, np.nan]))
    curve = mean_curve([one, two])
    assert curve is not None
    assert curve.x.tolist() == [0.0, 5.0]
    assert curve.mean.tolist() == [1.0, 1.5]
    assert curve.low is not None
    assert (curve.mean - curve.low).tolist() == pytest.approx([2**0.5, 2**0.5])


def test_one_curve_has_no_band_and_no_curve_no_mean() -> None:
    alone = mean_curve([(np.arange(1_000.0), np.arange(1_000.0))])
    assert alone is not None
    assert alone.low is None
    assert len(alone.x) <= 300
    assert alone.shown()[1:] == (None, None)
    assert mean_curve([]) is None
    assert mean_curve([(np.empty(0), np.empty(0))]) is None
    apart = [(np.array([0.0, 1.0]), np.zeros(2)), (np.array([5.0, 6.0]), np.zeros(2))]
    assert mean_curve(apart) is None


LONG = 20_000  # points, of which a curve shows far fewer


def noisy_seeds(count: int, points: int = LONG) -> list[tuple[np.ndarray, np.ndarray]]:
    """Curves of exponential values of mean 1, at the same steps."""
    generator = np.random.default_rng(7)
    steps = np.arange(1.0, points + 1)
    return [(steps, generator.exponential(size=points)) for _ in range(count)]


@pytest.mark.parametrize("window", [1, 10])
def test_a_spike_that_all_seeds_share_and_a_dip_of_one_stay_in_a_long_curve(window: int) -> None:
    spike, dip = 4_321, 12_347
    curves = noisy_seeds(3)
    for _, values in curves:
        values[spike] = 500.0
    curves[1][1][dip] = -900.0
    curve = mean_curve(curves, window)
    assert curve is not None
    assert curve.low is not None
    assert curve.high is not None
    assert len(curve.x) <= 900
    assert (curve.x[0], curve.x[-1]) == (1.0, LONG)
    table = np.stack([values for _, values in curves])
    if window == 1:
        whole = table.mean(axis=0)
        assert curve.x[curve.mean.argmax()] == spike + 1
        assert curve.low.min() == pytest.approx(whole[dip] - table[:, dip].std(ddof=1))
    else:
        whole = np.convolve(table.mean(axis=0), np.full(window, 1 / window), "valid")
        assert curve.low.min() == -900.0
    assert curve.high.max() == pytest.approx(500.0)
    assert curve.mean.min() == pytest.approx(whole.min())
    assert curve.mean.max() == pytest.approx(whole.max())


@pytest.mark.parametrize("window", [1, 10])
def test_seeds_that_part_for_a_moment_stay_in_the_band_where_their_mean_shows_nothing(
    window: int,
) -> None:
    curves = noisy_seeds(2)
    curves[0][1][4_321], curves[1][1][4_321] = 501.0, -499.0
    curve = mean_curve(curves, window)
    assert curve is not None
    assert curve.low is not None
    assert curve.high is not None
    assert curve.mean.max() < 10
    off = 500 * 2**0.5 if window == 1 else 500.0
    assert (curve.low.min(), curve.high.max()) == pytest.approx((1 - off, 1 + off))


@pytest.mark.parametrize("seeds", [1, 3])
def test_a_smoothed_curve_is_the_mean_of_the_points_that_were_published(seeds: int) -> None:
    curves, window = noisy_seeds(seeds), 40
    curve = mean_curve(curves, window)
    assert curve is not None
    assert curve.low is not None
    assert curve.high is not None
    assert len(curve.x) < LONG / 10
    places = curve.x.astype(int) - 1
    inner = (places >= window) & (places < LONG - window)
    parts = np.stack([[values[at - 20 : at + 20] for at in places[inner]] for _, values in curves])
    np.testing.assert_allclose(curve.mean[inner], parts.mean(axis=(0, 2)))
    np.testing.assert_array_equal(curve.low[inner], parts.min(axis=(0, 2)))
    np.testing.assert_array_equal(curve.high[inner], parts.max(axis=(0, 2)))
    drawn = np.trapezoid(curve.mean, curve.x) / (LONG - 1)
    assert drawn == pytest.approx(np.mean([values for _, values in curves]), rel=0.02)
    assert curve.mean.mean() == pytest.approx(drawn, rel=0.02), "points are not chosen by height"


def test_a_window_has_points_of_one_seed_where_no_two_have_a_place_in_common() -> None:
    late = 0.5
    curves = [(np.arange(100.0), np.zeros(100)), (np.arange(100.0) + late, np.zeros(100))]
    curves[0][1][50] = 8.0
    curve = mean_curve(curves, 4)
    assert curve is not None
    assert curve.high is not None
    at_full = curve.x[(curve.high == 8.0) & (curve.x % 1 == 0)]
    assert at_full.tolist() == [49, 50, 51, 52], "four points of its own seed"
    assert curve.mean.max() == pytest.approx(8 / 4 / 2)


def test_many_long_curves_without_a_place_in_common_fill_no_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ssl_core.runs.comparison._TABLE", 4_000)
    curves = [(steps + 0.1 * place, y) for place, (steps, y) in enumerate(noisy_seeds(4, 2_000))]
    curves[2][1][777] = 1_000.0
    seen = []
    stack = np.stack
    monkeypatch.setattr(np, "stack", lambda parts: seen.append(stack(parts).size) or stack(parts))
    for window in (1, 10):
        curve = mean_curve(curves, window)
        assert curve is not None
        assert curve.high is not None
        assert curve.high.max() > 700, "the spike stays"
    assert max(seen) <= 4_000
