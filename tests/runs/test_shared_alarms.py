"""Known failures are told from health; each alarm with the run that it must stay silent at."""

import math
from typing import Any

import pytest

from ssl_core.methods import catalogue
from ssl_core.runs.alarms import alarms_of
from ssl_core.runs.shared_alarms import SHARED
from tests.support.history import history

ALARMS = {alarm.name: alarm for alarm in SHARED}
LN_10 = math.log(10)


def rings(name: str, curves: dict[str, list[float]], **about: Any) -> bool:
    return ALARMS[name].check(history(curves, **about))


def test_a_head_that_uses_few_clusters_is_seen() -> None:
    one = {"usage/head 1": [2.29] * 5, "usage/head 2": [0.69 * LN_10] * 5}
    assert rings("usage-collapse", one, classes=10)
    assert not rings("usage-collapse", {"usage/head 1": [0.71 * LN_10] * 5}, classes=10)
    assert not rings("usage-collapse", {"usage_inference/head 1": [0.0] * 5}, classes=10)
    assert not rings("usage-collapse", {"usage/head 1": [0.0] * 4}, classes=10), "too few lines"
    assert not rings("usage-collapse", {"usage/head 1": [0.0] * 5}, classes=0), "K is not known"


def test_the_lowest_guide_says_how_many_clusters_there_are() -> None:
    curves = {"usage/head 1": [math.log(5)] * 5}
    guides = {"usage": {"ln 5": math.log(5), "ln 50": math.log(50)}}
    assert not rings("usage-collapse", curves, classes=50, guides=guides)
    assert rings("usage-collapse", curves, classes=50)


def test_many_wrong_pseudo_labels_are_seen_and_named_an_oracle() -> None:
    many = {"pseudo/coverage": [0.6] * 5, "pseudo/precision": [0.6] * 5}
    assert rings("wrong-pseudo-labels", many)
    assert not rings("wrong-pseudo-labels", {**many, "pseudo/precision": [0.75] * 5})
    assert not rings("wrong-pseudo-labels", {**many, "pseudo/coverage": [0.4] * 5})
    assert ALARMS["wrong-pseudo-labels"].uses_hidden_labels
    assert [name for name, alarm in ALARMS.items() if alarm.uses_hidden_labels] == [
        "wrong-pseudo-labels"
    ]


@pytest.mark.parametrize(
    ("coverage", "done", "on"), [(0.0, 0.5, True), (0.0, 0.1, False), (0.4, 0.5, False)]
)
def test_a_run_without_pseudo_labels_is_seen(coverage: float, done: float, on: bool) -> None:
    none = {"pseudo/coverage": [coverage] * 5}
    assert rings("no-pseudo-labels", none, share_done=done) is on
    assert not rings("no-pseudo-labels", {}, share_done=done), "a method without any"


def test_pseudo_labels_may_be_few_until_they_have_their_full_weight() -> None:
    none = {"pseudo/coverage": [0.0] * 5}
    assert not rings("no-pseudo-labels", {**none, "pseudo/ramp": [0.6, 0.7, 0.8, 0.9, 0.95]})
    assert rings("no-pseudo-labels", {**none, "pseudo/ramp": [0.8, 0.9, 1.0, 1.0, 1.0]})


def test_a_round_of_staged_labels_is_not_judged_before_it_begins() -> None:
    first = {"pseudo/coverage": [math.nan] * 20, "loss/total": [1.0] * 20}
    assert not rings("no-pseudo-labels", first)
    second = {"pseudo/coverage": [math.nan] * 20 + [0.005] * 5}
    assert rings("no-pseudo-labels", second)
    assert not rings("no-pseudo-labels", {"pseudo/coverage": [math.nan] * 20 + [0.3] * 5})


def test_validation_well_below_its_best_is_seen() -> None:
    fallen = {"accuracy/validation": [0.9] * 6 + [0.6] * 5}
    high = [0.95] * 6 + [0.7] * 5
    assert rings("validation-fell", {**fallen, "accuracy/validation_high": high})
    wide = [0.95] * 6 + [0.91] * 5
    assert not rings("validation-fell", {**fallen, "accuracy/validation_high": wide})
    one_good = [0.95] * 6 + [0.7] * 4 + [0.91]
    assert not rings("validation-fell", {**fallen, "accuracy/validation_high": one_good})


def test_learning_by_heart_is_seen() -> None:
    rising = [1.0, 0.5, 0.4, 0.4, 0.4, 0.5, 0.5, 0.6, 0.6, 0.7]
    assert rings("memorised", {"loss/validation": rising, "accuracy/train": [1.0] * 5})
    assert not rings("memorised", {"loss/validation": rising, "accuracy/train": [0.9] * 5})
    falling = sorted(rising, reverse=True)
    assert not rings("memorised", {"loss/validation": falling, "accuracy/train": [1.0] * 5})


def test_overconfidence_is_seen() -> None:
    assert rings("overconfident", {"calibration/gap": [0.11] * 5})
    assert not rings("overconfident", {"calibration/gap": [0.09] * 4 + [0.9]}), "one odd line"


def test_one_term_that_decides_alone_is_seen() -> None:
    shares = {"share/a": [0.92] * 5, "share/b": [0.08] * 5}
    assert rings("one-term-rules", shares)
    assert not rings("one-term-rules", shares, share_done=0.05)
    assert not rings("one-term-rules", {"share/a": [1.0] * 5}), "there is no other"
    off = {"share/a": [1.0] * 5, "share/b": [0.0] * 5}
    assert not rings("one-term-rules", off), "a term that is switched off is no victim"
    assert not rings("one-term-rules", {"share/a": [0.9] * 5, "share/b": [0.1] * 5})


def test_a_discriminator_that_sees_through_everything_is_seen() -> None:
    name, real = "discriminator-saturated", "discriminator/real"
    sure = {"discriminator/generated": [0.005] * 20, real: [0.995] * 20}
    assert rings(name, sure)
    assert not rings(name, {metric: values[1:] for metric, values in sure.items()})
    assert not rings(name, {**sure, "discriminator/generated": [0.02] + [0.005] * 19})
    assert not rings(name, {**sure, real: [0.9] + [0.995] * 19}), "it doubts real ones"
    smoothed = {**sure, real: [0.895] * 20}
    assert not rings(name, smoothed)
    assert rings(name, smoothed, settings={"label_smoothing": 0.1}), "as sure as it may be"


def test_more_information_than_a_batch_can_show_is_seen() -> None:
    settings = {"batch_size": 1000}
    assert rings("estimate-too-high", {"mi/estimate": [7.0] * 5}, settings=settings)
    assert not rings("estimate-too-high", {"mi/estimate": [6.8] * 5}, settings=settings)
    assert not rings("estimate-too-high", {"mi/estimate": [7.0] * 5}), "n is not known"


def test_pseudo_labels_unlike_the_labels_are_seen() -> None:
    skewed = {"skew/pseudo": [0.8] * 5}
    assert rings("skewed-pseudo-labels", skewed, classes=10)
    assert not rings("skewed-pseudo-labels", {"skew/pseudo": [0.6] * 5}, classes=10)
    assert not rings("skewed-pseudo-labels", skewed, classes=10, share_done=0.2)
    starved = {"pseudo/least": [0.05] * 5}
    assert rings("starved-class", starved)
    assert not rings("starved-class", {"pseudo/least": [0.2] * 5})
    assert not rings("starved-class", starved, share_done=0.2)


def test_a_gate_that_does_not_choose_is_seen() -> None:
    about = {"guides": {"gate/entropy": {"ln 3": math.log(3)}}}
    flat = {"gate/entropy": [1.09] * 5}
    assert rings("gate-undecided", flat, **about)
    assert not rings("gate-undecided", flat, **about, share_done=0.1)
    assert not rings("gate-undecided", {"gate/entropy": [0.1] * 5}, **about)
    assert not rings("gate-undecided", flat), "G is not known"


def test_a_correction_that_lags_and_a_critic_that_drifts_are_seen() -> None:
    assert rings("correction-lags", {"critic/lag": [2.4] * 5})
    assert not rings("correction-lags", {"critic/lag": [2.2] * 4 + [9.0]}), "one odd line"
    for constant in (-11.0, 11.0):
        assert rings("critic-drifts", {"critic/constant": [constant] * 5})
    assert not rings("critic-drifts", {"critic/constant": [-2.0] * 5, "critic/mean": [-47.0] * 5})


def test_less_than_the_supervised_run_is_seen() -> None:
    low = {"accuracy/validation": [0.7] * 5}
    assert rings("below-supervised", low, supervised_low=lambda: 0.75, share_done=0.9)
    assert not rings("below-supervised", low, supervised_low=lambda: 0.75, share_done=0.5)
    assert not rings("below-supervised", low, supervised_low=lambda: 0.65, share_done=0.9)
    assert not rings("below-supervised", low, share_done=0.9), "there is none to compare with"
    once = {"accuracy/validation": [0.7] * 4 + [0.8]}
    assert not rings("below-supervised", once, supervised_low=lambda: 0.75, share_done=0.9)


@pytest.mark.parametrize("method", [*catalogue(), "a method of another version"])
def test_every_alarm_answers_before_there_is_anything_and_of_anything(method: str) -> None:
    alarms = alarms_of(method)
    assert len({alarm.name for alarm in alarms}) == len(alarms)
    for alarm in alarms:
        assert alarm.title
        assert alarm.advice.endswith(".")
        assert not alarm.check(history({}, steps=0, share_done=0.0)), f"{alarm.name} at no figure"
        metrics = ("mi/estimate", "usage/head 1", "share/a", "loss/total", "accuracy/validation")
        odd = history({name: [0.0, -1.0, 1e9] * 20 for name in metrics}, classes=1)
        assert alarm.check(odd) in (True, False)
